// What the servers do not promise alike, marked in the table wherever it bears on a figure.

export type Caveat = 'unsynced' | 'lossy';

export const CAVEATS: Readonly<Record<Caveat, { readonly mark: string; readonly text: string }>> = {
  unsynced: { mark: '¹', text: 'answers before the samples are on disk' },
  lossy: { mark: '²', text: 'keeps about twelve significant decimal digits of a value' },
};

const BY_SERVER: Readonly<Record<string, readonly Caveat[]>> = {
  'tidemark-interval': ['unsynced'],
  'victoria-metrics': ['unsynced', 'lossy'],
  prometheus: ['unsynced'],
};

/** Marks of those caveats that a server has. */
export function marksOf(server: string, bearing: readonly Caveat[] = []): string {
  const own = BY_SERVER[server] ?? [];
  return bearing
    .filter((caveat) => own.includes(caveat))
    .map((caveat) => CAVEATS[caveat].mark)
    .join('');
}
