// Which samples the ends of an anchored or smoothed window are measured at.

import { firstAfter, firstNotBefore } from './windows.ts';

/** A window with the rows that its ends are measured at, both inside or next to it. */
export interface ExtendedWindow {
  /** ms */
  readonly startT: number;
  readonly endT: number;
  readonly isSmoothed: boolean;
  readonly first: number;
  readonly last: number;
  /** False if `last` is the only row, so that nothing can be interpolated before it. */
  readonly hasRowBeforeLast: boolean;
}

/** Undefined if nothing in rows [from, to) says anything about the window. */
export function extendWindow(
  t: Float64Array,
  from: number,
  to: number,
  startT: number,
  endT: number,
  isSmoothed: boolean,
): ExtendedWindow | undefined {
  const newest = to - 1;
  const first = Math.max(from, firstAfter(t, from, newest, startT) - 1);
  const last = isSmoothed ? firstNotBefore(t, from, newest, endT) : newest;
  if (t[last]! <= startT || (isSmoothed && t[first]! > endT)) return undefined;
  return { startT, endT, isSmoothed, first, last, hasRowBeforeLast: last > from };
}

/** What the ends of a window are interpolated from, if they are. */
export function isLeftInterpolated(t: Float64Array, window: ExtendedWindow): boolean {
  return window.isSmoothed && t[window.first]! < window.startT;
}

export function isRightInterpolated(t: Float64Array, window: ExtendedWindow): boolean {
  return window.isSmoothed && window.hasRowBeforeLast && t[window.last]! > window.endT;
}
