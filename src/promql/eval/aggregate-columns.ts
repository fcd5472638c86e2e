// sum, avg, count, min, max and group: per group one column over all steps, to which rows are added one
// after the other. Groups of different parts of the input can be merged afterwards.

import type { Labels } from '../../model/labels.ts';
import { HistogramSum } from '../histogram/histogram-sum.ts';
import type { AggregateOp } from '../language/ast.ts';
import { Presence, type StepSeries, setHistogram } from './step-series.ts';

export type ColumnOp = 'sum' | 'avg' | 'count' | 'min' | 'max' | 'group';

export function isColumnOp(op: AggregateOp): op is ColumnOp {
  return (
    op === 'sum' || op === 'avg' || op === 'count' || op === 'min' || op === 'max' || op === 'group'
  );
}

/** What a group has met at a step: bits of `GroupColumns.seen`. */
export const Seen = {
  float: 1,
  histogram: 2,
  /** The mean of floats is a running one, since their sum would be infinite. */
  runningMean: 4,
  /** Exponential and custom buckets: nothing that comes after counts. */
  incompatible: 8,
} as const;

/** One group at work. All columns are by step. */
export interface GroupColumns {
  readonly labels: Labels;
  dropName: boolean;
  /** Bits of {@link Seen}; 0: nothing yet. */
  readonly seen: Uint8Array;
  /** The sum, mean (`runningMean`), minimum or maximum; 1 for group; undefined meaning for count. */
  readonly value: Float64Array;
  /** What rounding lost of `value` (sum, avg). */
  readonly lost: Float64Array;
  /** Values met (avg, count). */
  readonly met: Float64Array;
  /** Sums of histograms (sum, avg). */
  histograms: (HistogramSum | undefined)[] | undefined;
}

const NOTHING = new Float64Array(0);

/** Number columns that a group of the operation has. */
export function columnsOf(op: ColumnOp): 1 | 2 | 3 {
  if (op === 'avg') return 3;
  return op === 'sum' ? 2 : 1;
}

/** A group without values, in the columns given if there are some: as many as {@link columnsOf} says. */
export function newGroup(
  op: ColumnOp,
  labels: Labels,
  steps: number,
  columns?: { readonly numbers: readonly Float64Array[]; readonly bytes: Uint8Array },
): GroupColumns {
  const [first, second, third] = columns?.numbers ?? newColumns(columnsOf(op), steps);
  return {
    labels,
    dropName: false,
    seen: columns?.bytes ?? new Uint8Array(steps),
    value: op === 'count' ? NOTHING : first!,
    lost: second ?? NOTHING,
    met: op === 'count' ? first! : (third ?? NOTHING),
    histograms: undefined,
  };
}

function newColumns(count: number, steps: number): Float64Array[] {
  return Array.from({ length: count }, () => new Float64Array(steps));
}

/** Bytes a group takes. */
export function groupBytes(op: ColumnOp, steps: number): number {
  return steps * (8 * columnsOf(op) + 1) + 500;
}

/** What to say about the input; called at most once per row and step. */
export interface ColumnRemarks {
  histogramIgnored(): void;
  incompatibleHistograms(labels: Labels): void;
  boundsReconciled(): void;
  mixedFloatsHistograms(): void;
  counterResetCollision(): void;
}

/** Adds a row to its group. */
export function addRow(
  op: ColumnOp,
  group: GroupColumns,
  row: StepSeries,
  remarks: ColumnRemarks,
): void {
  switch (op) {
    case 'sum':
      if (row.histograms === undefined && group.histograms === undefined) addFloats(group, row);
      else addMixed(group, row, remarks);
      return;
    case 'avg':
      addToMeans(group, row, remarks);
      return;
    case 'count':
      countValues(group, row);
      return;
    case 'min':
      takeSmaller(group, row, remarks);
      return;
    case 'max':
      takeLarger(group, row, remarks);
      return;
    case 'group':
      markPresent(group, row);
      return;
  }
}

/** The hottest loop of aggregations: compensated (Kahan–Neumaier) sums of floats. */
function addFloats({ seen, value, lost }: GroupColumns, { present, values }: StepSeries): void {
  for (let i = 0; i < present.length; i++) {
    if (present[i] === Presence.none) continue;
    const added = values[i]!;
    if (seen[i] === 0) {
      seen[i] = Seen.float;
      value[i] = added;
      continue;
    }
    const sum = value[i]!;
    const total = sum + added;
    value[i] = total;
    if (total === Infinity || total === -Infinity) lost[i] = 0;
    else if (Math.abs(sum) >= Math.abs(added)) lost[i]! += sum - total + added;
    else lost[i]! += added - total + sum;
  }
}

function addMixed(group: GroupColumns, row: StepSeries, remarks: ColumnRemarks): void {
  const { seen } = group;
  const { present, values } = row;
  for (let i = 0; i < present.length; i++) {
    if (present[i] === Presence.none || (seen[i]! & Seen.incompatible) !== 0) continue;
    if (present[i] === Presence.histogram) addHistogram('sum', group, row, i, remarks);
    else addFloat(group, i, values[i]!);
  }
}

/** Adds to the sum; false, and nothing is changed, if that would make it infinite and `mayOverflow` is false. */
function addFloat(group: GroupColumns, i: number, added: number, mayOverflow = true): boolean {
  const { seen, value, lost } = group;
  if ((seen[i]! & Seen.float) === 0) {
    seen[i]! |= Seen.float;
    value[i] = added;
    return true;
  }
  const sum = value[i]!;
  const total = sum + added;
  const isInfinite = total === Infinity || total === -Infinity;
  if (isInfinite && !mayOverflow) return false;
  value[i] = total;
  if (isInfinite) lost[i] = 0;
  else if (Math.abs(sum) >= Math.abs(added)) lost[i]! += sum - total + added;
  else lost[i]! += added - total + sum;
  return true;
}

function addHistogram(
  op: 'sum' | 'avg',
  group: GroupColumns,
  row: StepSeries,
  i: number,
  remarks: ColumnRemarks,
): void {
  const { seen } = group;
  const isFirst = seen[i] === 0;
  seen[i]! |= Seen.histogram;
  group.histograms ??= new Array<HistogramSum | undefined>(seen.length).fill(undefined);
  // After a float the group has no result anyway: no need to add up.
  if (isFirst) group.histograms[i] = new HistogramSum(op === 'sum' ? 'sum' : 'mean');
  const sum = group.histograms[i];
  if (sum === undefined) return;
  const wasReconciled = sum.boundsReconciled;
  if (!sum.add(row.histograms![i]!)) {
    seen[i]! |= Seen.incompatible;
    remarks.incompatibleHistograms(row.labels);
  } else if (sum.boundsReconciled && !wasReconciled) {
    remarks.boundsReconciled();
  }
}

/** Means are sums divided at the end, unless the sum would be infinite: then running means from there. */
function addToMeans(group: GroupColumns, row: StepSeries, remarks: ColumnRemarks): void {
  const { seen, met } = group;
  const { present, values } = row;
  for (let i = 0; i < present.length; i++) {
    if (present[i] === Presence.none || (seen[i]! & Seen.incompatible) !== 0) continue;
    met[i]!++;
    if (present[i] === Presence.histogram) {
      addHistogram('avg', group, row, i, remarks);
    } else if ((seen[i]! & Seen.runningMean) !== 0) {
      addToRunningMean(group, i, values[i]!);
    } else if (!addFloat(group, i, values[i]!, false)) {
      seen[i]! |= Seen.runningMean;
      group.value[i]! /= met[i]! - 1;
      group.lost[i]! /= met[i]! - 1;
      addToRunningMean(group, i, values[i]!);
    }
  }
}

function addToRunningMean(group: GroupColumns, i: number, added: number): void {
  const met = group.met[i]!;
  const share = (met - 1) / met;
  group.value[i]! *= share;
  group.lost[i]! *= share;
  addFloat(group, i, added / met);
}

function countValues({ seen, met }: GroupColumns, { present }: StepSeries): void {
  for (let i = 0; i < present.length; i++) {
    if (present[i] === Presence.none) continue;
    seen[i] = Seen.float;
    met[i]!++;
  }
}

function markPresent({ seen, value }: GroupColumns, { present }: StepSeries): void {
  for (let i = 0; i < present.length; i++) {
    if (present[i] === Presence.none) continue;
    seen[i] = Seen.float;
    value[i] = 1;
  }
}

/** Any number replaces a NaN. */
function takeSmaller(
  { seen, value }: GroupColumns,
  { present, values }: StepSeries,
  remarks: ColumnRemarks,
): void {
  for (let i = 0; i < present.length; i++) {
    if (present[i] === Presence.none) continue;
    if (present[i] === Presence.histogram) {
      remarks.histogramIgnored();
    } else if (seen[i] === 0 || value[i]! > values[i]! || Number.isNaN(value[i]!)) {
      seen[i] = Seen.float;
      value[i] = values[i]!;
    }
  }
}

function takeLarger(
  { seen, value }: GroupColumns,
  { present, values }: StepSeries,
  remarks: ColumnRemarks,
): void {
  for (let i = 0; i < present.length; i++) {
    if (present[i] === Presence.none) continue;
    if (present[i] === Presence.histogram) {
      remarks.histogramIgnored();
    } else if (seen[i] === 0 || value[i]! < values[i]! || Number.isNaN(value[i]!)) {
      seen[i] = Seen.float;
      value[i] = values[i]!;
    }
  }
}

/** The result of a group; takes its columns over. */
export function finishGroup(op: ColumnOp, group: GroupColumns, remarks: ColumnRemarks): StepSeries {
  const { labels, dropName, seen } = group;
  const result: StepSeries = {
    labels,
    dropName,
    present: new Uint8Array(seen.length),
    values: op === 'count' ? group.met : group.value,
    histograms: undefined,
  };
  for (let i = 0; i < seen.length; i++) {
    const bits = seen[i]!;
    if (bits === 0) continue;
    if ((bits & Seen.histogram) === 0) {
      result.present[i] = Presence.float;
      if (op === 'sum' || op === 'avg') finishFloat(op, group, i);
    } else if ((bits & Seen.float) !== 0) {
      remarks.mixedFloatsHistograms();
    } else {
      finishHistogram(group, i, result, remarks);
    }
  }
  return result;
}

function finishFloat(op: 'sum' | 'avg', { seen, value, lost, met }: GroupColumns, i: number): void {
  const isDivided = op === 'avg' && (seen[i]! & Seen.runningMean) === 0;
  if (isDivided) value[i] = value[i]! / met[i]! + lost[i]! / met[i]!;
  else value[i]! += lost[i]!;
}

function finishHistogram(
  { histograms }: GroupColumns,
  i: number,
  result: StepSeries,
  remarks: ColumnRemarks,
): void {
  const sum = histograms![i]!;
  const histogram = sum.result();
  if (histogram === undefined) return;
  if (sum.counterResetCollision) remarks.counterResetCollision();
  setHistogram(result, i, histogram);
}

/**
 * Adds what another part of the input made of the same group, as if its rows came after; takes nothing
 * over. Both must have met floats only: sums of histograms do not leave their thread.
 */
export function mergeGroup(op: ColumnOp, into: GroupColumns, other: GroupColumns): void {
  if (other.dropName) into.dropName = true;
  for (let i = 0; i < other.seen.length; i++) {
    if (other.seen[i] === 0) continue;
    if (into.seen[i] === 0) copyStep(into, other, i);
    else mergeStep(op, into, other, i);
  }
}

function copyStep(into: GroupColumns, other: GroupColumns, i: number): void {
  into.seen[i] = other.seen[i]!;
  if (into.value.length > 0) into.value[i] = other.value[i]!;
  if (into.lost.length > 0) into.lost[i] = other.lost[i]!;
  if (into.met.length > 0) into.met[i] = other.met[i]!;
}

function mergeStep(op: ColumnOp, into: GroupColumns, other: GroupColumns, i: number): void {
  const { value, met } = into;
  switch (op) {
    case 'sum':
      addFloat(into, i, other.value[i]!);
      into.lost[i]! += other.lost[i]!;
      return;
    case 'avg':
      mergeMeans(into, other, i);
      return;
    case 'count':
      met[i]! += other.met[i]!;
      return;
    case 'min':
      if (value[i]! > other.value[i]! || Number.isNaN(value[i]!)) value[i] = other.value[i]!;
      return;
    case 'max':
      if (value[i]! < other.value[i]! || Number.isNaN(value[i]!)) value[i] = other.value[i]!;
      return;
    case 'group':
      return;
  }
}

function mergeMeans(into: GroupColumns, other: GroupColumns, i: number): void {
  const isRunning = ((into.seen[i]! | other.seen[i]!) & Seen.runningMean) !== 0;
  if (!isRunning && addFloat(into, i, other.value[i]!, false)) {
    into.lost[i]! += other.lost[i]!;
    into.met[i]! += other.met[i]!;
    return;
  }
  const met = into.met[i]! + other.met[i]!;
  const mean = meanOf(into, i) * (into.met[i]! / met) + meanOf(other, i) * (other.met[i]! / met);
  into.seen[i]! |= Seen.runningMean;
  into.value[i] = mean;
  into.lost[i] = 0;
  into.met[i] = met;
}

function meanOf({ seen, value, lost, met }: GroupColumns, i: number): number {
  if ((seen[i]! & Seen.runningMean) !== 0) return value[i]! + lost[i]!;
  return value[i]! / met[i]! + lost[i]! / met[i]!;
}
