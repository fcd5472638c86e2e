// Adds rows to groups by the kernel, where both are in its memory. The plain twin is `addRow` in
// eval/aggregate-columns.ts.

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
