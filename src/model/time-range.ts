// Times are integer milliseconds; ranges are closed on both ends.

export interface TimeRange {
  readonly minT: number;
  readonly maxT: number;
}

/** Bounds beyond which no timestamp is accepted: the times that JavaScript's Date can name. */
export const MIN_TIME = -8_640_000_000_000_000;
export const MAX_TIME = 8_640_000_000_000_000;
export const ALL_TIME: TimeRange = { minT: MIN_TIME, maxT: MAX_TIME };

export const DAY_MS = 86_400_000;

/** Number of the UTC day (days since 1970) that holds `t`. */
export function dayOf(t: number): number {
  return Math.floor(t / DAY_MS);
}
