// An aggregation by columns under way, over all rows or over a part of them: parts evaluated on other
// threads are merged in the order of the rows.

import type { Labels } from '../../model/labels.ts';
import { addRowInKernel, finishGroupInKernel } from '../kernel/index.ts';
import type { AggregateExpr } from '../language/ast.ts';
import {
  addRow,
  type ColumnOp,
  type ColumnRemarks,
  finishGroup,
  type GroupColumns,
  isColumnOp,
  mergeGroup,
} from './aggregate-columns.ts';
import { Grouping } from './grouping.ts';
import { mayBeInKernel } from './kernel-use.ts';
import { type PackedGroups, packGroups, unpackGroups } from './packed-groups.ts';
import type { RowBuffers } from './row-buffers.ts';
import type { StepSeries } from './step-series.ts';

export class PartialAggregate {
  readonly #op: ColumnOp;
  readonly #steps: number;
  readonly #remarks: ColumnRemarks;
  readonly #grouping: Grouping<GroupColumns>;

  /** `aggregate` must be one by columns. */
  constructor(
    aggregate: AggregateExpr,
    steps: number,
    buffers: RowBuffers,
    remarks: ColumnRemarks,
  ) {
    const { op } = aggregate;
    if (!isColumnOp(op)) throw new Error(`${op} is not aggregated by columns`);
    this.#op = op;
    this.#steps = steps;
    this.#remarks = remarks;
    this.#grouping = new Grouping<GroupColumns>(aggregate, (labels: Labels) =>
      buffers.group(op, labels, steps),
    );
  }

  addAll(rows: Iterable<StepSeries>): void {
    const op = this.#op;
    const tryKernel = mayBeInKernel(this.#steps);
    for (const row of rows) {
      const group = this.#grouping.of(row.labels);
      if (row.dropName) group.dropName = true;
      if (!(tryKernel && addRowInKernel(op, group, row))) addRow(op, group, row, this.#remarks);
    }
  }

  /** True if a group holds sums of histograms: these do not leave their thread, nor are they merged. */
  get hasHistograms(): boolean {
    return this.#grouping.groups.some((group) => group.histograms !== undefined);
  }

  /** The groups so far, to be posted to another thread. There must be no histograms. */
  pack(): PackedGroups {
    return packGroups(this.#grouping.groups, this.#steps);
  }

  /** Adds the groups of the part that comes next. */
  merge(packed: PackedGroups): void {
    // Their labels are those of groups already.
    for (const group of unpackGroups(this.#op, packed)) {
      mergeGroup(this.#op, this.#grouping.of(group.labels), group);
    }
  }

  /** One row per group, possibly without any value. Ends the aggregation. */
  finish(): StepSeries[] {
    const op = this.#op;
    return this.#grouping.groups.map(
      (group) => finishGroupInKernel(op, group) ?? finishGroup(op, group, this.#remarks),
    );
  }
}
