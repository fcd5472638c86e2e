// Deletes. A tombstone hides samples of matching series in a time range from every source whose data
// is older than the delete; merges then leave them out, and the tombstone goes with the last such source.

import type { Labels } from '../model/labels.ts';
import { labelValue } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { SampleColumns } from '../model/sample.ts';
import type { TimeRange } from '../model/time-range.ts';
import type { CompiledMatcher } from '../storage/label-matcher.ts';
import { compileMatcher } from '../storage/label-matcher.ts';

/** As the manifest keeps it: applies to data with maxSeq < seq. No two of a database share a seq. */
export interface Tombstone extends TimeRange {
  readonly seq: number;
  readonly matchers: readonly Matcher[];
}

export interface CompiledTombstone extends TimeRange {
  readonly seq: number;
  matches(labels: Labels): boolean;
}

/** What decides whether a tombstone concerns a section. */
export interface TombstoneTarget extends TimeRange {
  readonly maxSeq: number;
  /** Tombstones up to this seq have been applied for good when the section was made. */
  readonly cleanedSeq?: number;
}

/** True if the section may still hold samples that the tombstone deletes. */
export function concerns(
  tombstone: TimeRange & { seq: number },
  section: TombstoneTarget,
): boolean {
  return (
    section.maxSeq < tombstone.seq &&
    (section.cleanedSeq ?? 0) < tombstone.seq &&
    section.minT <= tombstone.maxT &&
    section.maxT >= tombstone.minT
  );
}

export function compileTombstone(tombstone: Tombstone): CompiledTombstone {
  const matchers = tombstone.matchers.map(compileMatcher);
  return {
    seq: tombstone.seq,
    minT: tombstone.minT,
    maxT: tombstone.maxT,
    matches: (labels) => matchesAll(matchers, labels),
  };
}

export function matchesAll(matchers: readonly CompiledMatcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(labelValue(labels, matcher.name)));
}

/** Ranges that are deleted from one series in a source with this maxSeq. */
export function deletedRanges(
  tombstones: readonly CompiledTombstone[],
  labels: Labels,
  maxSeq: number,
): TimeRange[] {
  const ranges: TimeRange[] = [];
  for (const tombstone of tombstones) {
    if (maxSeq < tombstone.seq && tombstone.matches(labels)) ranges.push(tombstone);
  }
  return ranges;
}

/** True if one of the ranges covers [minT, maxT] whole. */
export function coversAll(ranges: readonly TimeRange[], minT: number, maxT: number): boolean {
  return ranges.some((range) => range.minT <= minT && range.maxT >= maxT);
}

/** The samples outside all ranges; the same object if nothing is cut. Copies keep every bit. */
export function cutRanges(columns: SampleColumns, ranges: readonly TimeRange[]): SampleColumns {
  const { length, t } = columns;
  const isCut = (time: number): boolean =>
    ranges.some((range) => time >= range.minT && time <= range.maxT);
  let kept = 0;
  for (let i = 0; i < length; i++) if (!isCut(t[i]!)) kept++;
  if (kept === length) return columns;
  const out = {
    length: kept,
    t: new Float64Array(kept),
    v: new Float64Array(kept),
    startT: columns.startT === undefined ? undefined : new Float64Array(kept),
    histograms:
      columns.histograms === undefined
        ? undefined
        : columns.histograms.filter((_, i) => i < length && !isCut(t[i]!)),
  };
  let row = 0;
  for (let i = 0; i < length; ) {
    if (isCut(t[i]!)) {
      i++;
      continue;
    }
    let end = i + 1;
    while (end < length && !isCut(t[end]!)) end++;
    out.t.set(t.subarray(i, end), row);
    out.v.set(columns.v.subarray(i, end), row);
    out.startT?.set(columns.startT!.subarray(i, end), row);
    row += end - i;
    i = end;
  }
  return out;
}
