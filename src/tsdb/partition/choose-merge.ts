// Which sections to merge next: a pure function of the manifest's list.

/** What the choice looks at. */
export interface MergeCandidate {
  readonly day: number;
  readonly minSeq: number;
  readonly maxSeq: number;
  readonly bytes: number;
  readonly compressed: boolean;
}

export interface MergePolicy {
  /** True for days that get no more data to speak of: they become one compressed section. */
  readonly isCold: (day: number) => boolean;
  /** A merge whose inputs are larger than this is not made. */
  readonly maxInputBytes?: number;
}

const MAX_INPUT_BYTES = 16 * 1024 ** 3;

/** Inputs of one merge: bounds open files and the work lost to a crash. */
const MAX_INPUTS = 32;

/**
 * A warm day's merge must make at least this much out of its largest input: about three equal ones. So
 * bytes are rewritten as often as a logarithm says and not once per flush.
 */
const MIN_GROWTH = 2.5;

/** A cold day's compressed section that holds this share of a run waits for more late sections. */
const LATE_SHARE = 0.9;
const MAX_LATE_SECTIONS = 4;

/** Past so many sections in a day the best merge is made even if it pays less: queries read them all. */
const MAX_SECTIONS_PER_DAY = 24;

/**
 * The sections to merge next, ascending by seq, or undefined. They are neighbours in commit order
 * among all sections of their day, so that later writes still win: give all sections, always. A single
 * one means: write it again, compressed. Warm days first, as queries feel those.
 */
export function chooseMerge<S extends MergeCandidate>(
  sections: readonly S[],
  policy: MergePolicy,
): readonly S[] | undefined {
  const days = new Map<number, S[]>();
  for (const section of sections) {
    const ofDay = days.get(section.day);
    if (ofDay === undefined) days.set(section.day, [section]);
    else ofDay.push(section);
  }
  const ordered = [...days.keys()].sort((a, b) => b - a);
  for (const day of ordered) {
    const ofDay = days.get(day)!.sort((a, b) => a.minSeq - b.minSeq);
    const chosen = policy.isCold(day)
      ? chooseCold(ofDay, policy.maxInputBytes ?? MAX_INPUT_BYTES)
      : chooseWarm(ofDay, policy.maxInputBytes ?? MAX_INPUT_BYTES);
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}

/** The run whose merge rewrites the least for the sections it removes. */
function chooseWarm<S extends MergeCandidate>(
  ofDay: readonly S[],
  maxBytes: number,
): readonly S[] | undefined {
  let best: readonly S[] | undefined;
  let bestGrowth = 0;
  const minGrowth = ofDay.length > MAX_SECTIONS_PER_DAY ? 1 : MIN_GROWTH;
  for (let from = 0; from < ofDay.length; from++) {
    let total = 0;
    let largest = 1;
    const end = Math.min(ofDay.length, from + MAX_INPUTS);
    for (let to = from; to < end; to++) {
      const { bytes } = ofDay[to]!;
      total += bytes;
      largest = Math.max(largest, bytes);
      if (total > maxBytes) break;
      const growth = total / largest;
      if (to === from || growth < minGrowth || growth <= bestGrowth) continue;
      bestGrowth = growth;
      best = ofDay.slice(from, to + 1);
    }
  }
  return best;
}

/** The first run that may become one section, or a single one that is not yet compressed. */
function chooseCold<S extends MergeCandidate>(
  ofDay: readonly S[],
  maxBytes: number,
): readonly S[] | undefined {
  for (let from = 0; from < ofDay.length; ) {
    let total = ofDay[from]!.bytes;
    let end = from + 1;
    while (end < ofDay.length && end - from < MAX_INPUTS && total + ofDay[end]!.bytes <= maxBytes) {
      total += ofDay[end++]!.bytes;
    }
    const run = ofDay.slice(from, end);
    if (run.length === 1 ? !run[0]!.compressed : !isHardlyWorth(run, total)) return run;
    from = end;
  }
  return undefined;
}

/** Late data trickling into an old day must not rewrite it at every flush. */
function isHardlyWorth(run: readonly MergeCandidate[], total: number): boolean {
  if (run.length > MAX_LATE_SECTIONS) return false;
  return run.some(({ compressed, bytes }) => compressed && bytes > total * LATE_SHARE);
}

/**
 * A section to be written again by itself, or undefined: one of a file that holds more bytes of sections which are
 * not live any more than of those that are. A file goes as a whole, so it takes less to write than it frees.
 * `sections`: all that are live; `bytesOf`: the bytes of all sections of a file.
 */
export function chooseMove<S extends { readonly file: string; readonly bytes: number }>(
  sections: readonly S[],
  bytesOf: (file: string) => number,
): S | undefined {
  const live = new Map<string, { readonly first: S; readonly bytes: number }>();
  for (const section of sections) {
    const { first = section, bytes = 0 } = live.get(section.file) ?? {};
    live.set(section.file, { first, bytes: bytes + section.bytes });
  }
  for (const [file, { first, bytes }] of live) if (bytesOf(file) > 2 * bytes) return first;
  return undefined;
}
