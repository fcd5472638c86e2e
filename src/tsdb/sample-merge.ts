// The one rule of conflicts: samples of one series from several sources become one, one row per time.
// At equal times the source of highest priority wins, except that a stale marker never hides a value.

import type { NativeHistogram } from '../model/native-histogram.ts';
import type { SampleColumns } from '../model/sample.ts';
import { isStaleBits } from '../model/stale.ts';
import type { ColumnsBuilder } from './chunk/columns-builder.ts';

/** Figures about rows that lost against another of the same time; counted up, never reset. */
export interface MergeCounts {
  /** Same bits as the winner. */
  duplicates: number;
  overwritten: number;
}

interface Cursor {
  readonly columns: SampleColumns;
  /** The value column as 32-bit halves, low first. */
  readonly bits: Uint32Array;
  at: number;
}

/**
 * Appends the union of `sources` (lowest priority first, each strictly ascending in time) to `out`.
 * The rule is associative: neighbouring sources may be merged beforehand in any grouping.
 * `out` must not be the owner of a source's columns.
 */
export function mergeByPriority(
  sources: readonly SampleColumns[],
  out: ColumnsBuilder,
  counts?: MergeCounts,
): void {
  const cursors: Cursor[] = [];
  for (const columns of sources) {
    if (columns.length > 0) cursors.push({ columns, bits: halves(columns.v), at: 0 });
  }
  if (appendIfDisjoint(cursors, out)) return;
  while (cursors.length > 0) {
    let first = cursors[0]!;
    let shared = 1;
    let minT = timeAt(first);
    // Times below this one belong to `first` alone.
    let nextT = Number.POSITIVE_INFINITY;
    for (let i = 1; i < cursors.length; i++) {
      const cursor = cursors[i]!;
      const t = timeAt(cursor);
      if (t < minT) {
        nextT = minT;
        minT = t;
        first = cursor;
        shared = 1;
      } else if (t === minT) shared++;
      else if (t < nextT) nextT = t;
    }
    if (shared === 1) appendRun(first, nextT, out);
    else appendWinner(cursors, minT, out, counts);
    removeFinished(cursors);
  }
}

function timeAt(cursor: Cursor): number {
  return cursor.columns.t[cursor.at]!;
}

/** The common case: no two sources overlap, so they are appended whole, in order of time. */
function appendIfDisjoint(cursors: readonly Cursor[], out: ColumnsBuilder): boolean {
  const ordered = [...cursors].sort((a, b) => timeAt(a) - timeAt(b));
  for (let i = 1; i < ordered.length; i++) {
    const before = ordered[i - 1]!.columns;
    if (before.t[before.length - 1]! >= timeAt(ordered[i]!)) return false;
  }
  for (const { columns } of ordered) out.append(columns);
  return true;
}

/** Appends the rows of one source that come before `endT`, the next time of any other. */
function appendRun(cursor: Cursor, endT: number, out: ColumnsBuilder): void {
  const { columns, at } = cursor;
  cursor.at = firstAtOrAfter(columns.t, at + 1, columns.length, endT);
  out.append(columns, at, cursor.at);
}

/** First row in [from, end) with a time of at least `t`, else `end`. Gallops, as runs tend to be short. */
function firstAtOrAfter(times: Float64Array, from: number, end: number, t: number): number {
  let low = from;
  let step = 1;
  while (low + step <= end && times[low + step - 1]! < t) {
    low += step;
    step *= 2;
  }
  let high = Math.min(end, low + step);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Several sources have a row at `t`: appends the one that wins and steps past all of them. */
function appendWinner(
  cursors: readonly Cursor[],
  t: number,
  out: ColumnsBuilder,
  counts: MergeCounts | undefined,
): void {
  let winner: Cursor | undefined;
  let winnerIsStale = false;
  for (let i = cursors.length - 1; i >= 0; i--) {
    const cursor = cursors[i]!;
    if (timeAt(cursor) !== t) continue;
    if (winner !== undefined && !winnerIsStale) break;
    const stale = isStaleRow(cursor);
    if (winner !== undefined && stale) continue;
    winner = cursor;
    winnerIsStale = stale;
  }
  const row = winner!.at;
  out.append(winner!.columns, row, row + 1);
  for (const cursor of cursors) {
    if (timeAt(cursor) !== t) continue;
    if (counts !== undefined && cursor !== winner) {
      if (isSameRow(cursor, cursor.at, winner!, row)) counts.duplicates++;
      else counts.overwritten++;
    }
    cursor.at++;
  }
}

function removeFinished(cursors: Cursor[]): void {
  let kept = 0;
  for (const cursor of cursors) {
    if (cursor.at < cursor.columns.length) cursors[kept++] = cursor;
  }
  cursors.length = kept;
}

function isStaleRow({ columns, bits, at }: Cursor): boolean {
  const histogram = columns.histograms?.[at];
  if (histogram !== undefined) return isStaleBits(histogram.sum.high, histogram.sum.low);
  return isStaleBits(bits[2 * at + 1]!, bits[2 * at]!);
}

function isSameRow(a: Cursor, i: number, b: Cursor, j: number): boolean {
  if ((a.columns.startT?.[i] ?? 0) !== (b.columns.startT?.[j] ?? 0)) return false;
  const left = a.columns.histograms?.[i];
  const right = b.columns.histograms?.[j];
  if (left !== undefined && right !== undefined) return isSameHistogram(left, right);
  if (left !== right) return false;
  return a.bits[2 * i] === b.bits[2 * j] && a.bits[2 * i + 1] === b.bits[2 * j + 1];
}

/** Equal in every field; the sum bit by bit, other floats with -0 and NaN told apart. */
export function isSameHistogram(a: NativeHistogram, b: NativeHistogram): boolean {
  return (
    a.kind === b.kind &&
    Object.is(a.count, b.count) &&
    Object.is(a.zeroCount, b.zeroCount) &&
    a.sum.low === b.sum.low &&
    a.sum.high === b.sum.high &&
    a.resetHint === b.resetHint &&
    a.schema === b.schema &&
    Object.is(a.zeroThreshold, b.zeroThreshold) &&
    areSame(a.positiveCounts, b.positiveCounts) &&
    areSame(a.negativeCounts, b.negativeCounts) &&
    areSame(a.customValues, b.customValues) &&
    areSameSpans(a.positiveSpans, b.positiveSpans) &&
    areSameSpans(a.negativeSpans, b.negativeSpans)
  );
}

function areSame(a: readonly (number | bigint)[], b: readonly (number | bigint)[]): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

function areSameSpans(
  a: NativeHistogram['positiveSpans'],
  b: NativeHistogram['positiveSpans'],
): boolean {
  return (
    a.length === b.length &&
    a.every((span, i) => span.offset === b[i]!.offset && span.length === b[i]!.length)
  );
}

function halves(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}
