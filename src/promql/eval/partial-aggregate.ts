// An aggregation by columns under way, over all rows or over a part of them: parts evaluated on other
// threads are merged in the order of the rows.

import type { Labels } from '../../model/labels.ts';
import { addRowInKernel } from '../kernel/index.ts';
import type { AggregateExpr } from '../language/ast.ts';
import {
  addRow,
  type ColumnOp,
  type ColumnRemarks,
  copyGroups,
  finishGroup,
  type GroupColumns,
  isColumnOp,
  mergeGroup,
} from './aggregate-columns.ts';
import { Grouping } from './grouping.ts';
import type { RowBuffers } from './row-buffers.ts';
import type { StepSeries } from './step-series.ts';

export class PartialAggregate {
  readonly #op: ColumnOp;
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
    this.#remarks = remarks;
    this.#grouping = new Grouping<GroupColumns>(aggregate, (labels: Labels) =>
      buffers.group(op, labels, steps),
    );
  }

  addAll(rows: Iterable<StepSeries>): void {
    const op = this.#op;
    for (const row of rows) {
      const group = this.#grouping.of(row.labels);
      if (row.dropName) group.dropName = true;
      if (!addRowInKernel(op, group, row)) addRow(op, group, row, this.#remarks);
    }
  }

  /**
   * The groups so far, to be posted to another thread; undefined if they hold sums of histograms, which
   * do not leave theirs.
   */
  groups(): readonly GroupColumns[] | undefined {
    const { groups } = this.#grouping;
    if (groups.some((group) => group.histograms !== undefined)) return undefined;
    return copyGroups(groups);
  }

  /** Adds the groups of the part that comes next. Their labels are those of groups already. */
  merge(groups: readonly GroupColumns[]): void {
    for (const group of groups) mergeGroup(this.#op, this.#grouping.of(group.labels), group);
  }

  /** One row per group, possibly without any value. Ends the aggregation. */
  finish(): StepSeries[] {
    return this.#grouping.groups.map((group) => finishGroup(this.#op, group, this.#remarks));
  }
}
