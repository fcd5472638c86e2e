// Sizes in bytes as people write them: `32MiB`, `10MB`, `4096`.

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Bytes of `32MiB` (1024-based), `10MB` (1000-based) or `4096`; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([KMGT]?i?B?)$/.exec(text);
  const unit = match === null ? undefined : UNITS[match[2]!];
  if (unit === undefined) return undefined;
  const bytes = Number(match![1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The largest 1024-based unit that states the size exactly. */
export function printSize(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB']) {
    if (bytes > 0 && bytes % UNITS[unit]! === 0) return `${bytes / UNITS[unit]!}${unit}`;
  }
  return `${bytes}B`;
}
