// Groups of an aggregation on their way to another thread: all columns in one buffer, which can be
// transferred, and all labels in one text. Thousands of small objects would cost more to clone, and to
// clone again on the thread that passes them on, than what is in them.

import type { Label } from '../../model/labels.ts';
import type { ColumnOp, GroupColumns } from './aggregate-columns.ts';

/** Plain data. Groups that hold histograms cannot be packed. */
export interface PackedGroups {
  /** JSON: by group a list of names and values in turns, with 1 at its front for `dropName`, else 0. */
  readonly labels: string;
  readonly steps: number;
  /** The columns `value`, `lost` and `met` of every group, as far as it has them, and then `seen` of every group. */
  readonly columns: ArrayBuffer;
}

type PackedLabels = [dropName: 0 | 1, ...namesAndValues: string[]];

const NO_COLUMN = new Float64Array(0);

/** Copies the groups. All have columns of `steps`. */
export function packGroups(groups: readonly GroupColumns[], steps: number): PackedGroups {
  let numbers = 0;
  for (const { value, lost, met } of groups) numbers += value.length + lost.length + met.length;
  const columns = new ArrayBuffer(numbers * 8 + groups.length * steps);
  const allNumbers = new Float64Array(columns, 0, numbers);
  const allSeen = new Uint8Array(columns, numbers * 8);
  const labels: PackedLabels[] = [];
  let at = 0;
  groups.forEach((group, i) => {
    for (const column of [group.value, group.lost, group.met]) {
      allNumbers.set(column, at);
      at += column.length;
    }
    allSeen.set(group.seen, i * steps);
    const packed: PackedLabels = [group.dropName ? 1 : 0];
    for (const { name, value } of group.labels) packed.push(name, value);
    labels.push(packed);
  });
  return { labels: JSON.stringify(labels), steps, columns };
}

/** The groups again, each valid until the next is asked for. Their columns lie in the buffer. */
export function* unpackGroups(op: ColumnOp, packed: PackedGroups): Generator<GroupColumns> {
  const { steps, columns } = packed;
  const labels = JSON.parse(packed.labels) as PackedLabels[];
  let at = 0;
  const next = (isThere: boolean): Float64Array => {
    if (!isThere) return NO_COLUMN;
    const column = new Float64Array(columns, at, steps);
    at += column.byteLength;
    return column;
  };
  let seenAt = columns.byteLength - labels.length * steps;
  for (const [dropName, ...namesAndValues] of labels) {
    yield {
      labels: pairsOf(namesAndValues),
      dropName: dropName === 1,
      value: next(op !== 'count'),
      lost: next(op === 'sum' || op === 'avg'),
      met: next(op === 'count' || op === 'avg'),
      seen: new Uint8Array(columns, seenAt, steps),
      histograms: undefined,
    };
    seenAt += steps;
  }
}

function pairsOf(namesAndValues: readonly string[]): Label[] {
  const labels: Label[] = [];
  for (let i = 0; i < namesAndValues.length; i += 2) {
    labels.push({ name: namesAndValues[i]!, value: namesAndValues[i + 1]! });
  }
  return labels;
}
