// Adds rows to groups and finishes these by the kernel, where they are in its memory. The plain twins are
// `addRow` and `finishGroup` in eval/aggregate-columns.ts.

import { kernelAddress, threadKernel } from '../../codec/thread-kernel.ts';
import type { ColumnOp, GroupColumns } from '../eval/aggregate-columns.ts';
import type { StepSeries } from '../eval/step-series.ts';

/**
 * Adds the values of a row to its group. False, with nothing done, if a column of either is not in
 * kernel memory (see KernelRows), or histograms take part. The group's `dropName` is the caller's affair.
 */
export function addRowInKernel(op: ColumnOp, group: GroupColumns, row: StepSeries): boolean {
  if (row.histograms !== undefined || group.histograms !== undefined) return false;
  const values = kernelAddress(row.values);
  const present = kernelAddress(row.present);
  const seen = kernelAddress(group.seen);
  // A group's columns come from one place, so one of them stands for all.
  if (values < 0 || present < 0 || seen < 0) return false;
  const { kernel } = threadKernel();
  const steps = row.present.length;
  const value = group.value.byteOffset;
  const lost = group.lost.byteOffset;
  const met = group.met.byteOffset;
  switch (op) {
    case 'sum':
      kernel.groupSum(values, present, steps, value, lost, seen);
      return true;
    case 'avg':
      kernel.groupAvg(values, present, steps, value, lost, met, seen);
      return true;
    case 'min':
      kernel.groupMin(values, present, steps, value, seen);
      return true;
    case 'max':
      kernel.groupMax(values, present, steps, value, seen);
      return true;
    case 'count':
      kernel.groupCount(present, steps, met, seen);
      return true;
    case 'group':
      kernel.groupMark(present, steps, value, seen);
      return true;
  }
}

/**
 * The result of a group; takes its columns over. Undefined, with nothing done, if they are not in kernel
 * memory, or hold histograms.
 */
export function finishGroupInKernel(op: ColumnOp, group: GroupColumns): StepSeries | undefined {
  const { labels, dropName, seen, value, lost, met } = group;
  if (group.histograms !== undefined) return undefined;
  const seenAt = kernelAddress(seen);
  if (seenAt < 0) return undefined;
  const { kernel } = threadKernel();
  const steps = seen.length;
  if (op === 'sum') kernel.groupFinishSum(steps, value.byteOffset, lost.byteOffset);
  if (op === 'avg') {
    kernel.groupFinishAvg(steps, value.byteOffset, lost.byteOffset, met.byteOffset, seenAt);
  }
  // `seen` says 1 now for a float, which is what Presence says.
  return {
    labels,
    dropName,
    present: seen,
    values: op === 'count' ? met : value,
    histograms: undefined,
  };
}
