// Where the columns of an evaluation lie that are used again and again: in kernel memory, where kernels
// work on them in place, or on the heap.

import type { Labels } from '../../model/labels.ts';
import { type KernelColumns, KernelRows } from '../kernel/index.ts';
import {
  type ColumnOp,
  columnsOf,
  type GroupColumns,
  groupBytes,
  newGroup,
} from './aggregate-columns.ts';
import type { EngineOptions, EvalControl } from './interface.ts';
import { usesKernel } from './kernel-use.ts';
import { rowBytes } from './rows.ts';
import { newStepSeries, type StepSeries } from './step-series.ts';

/** Buffers of one evaluation; close it at its end. */
export class RowBuffers {
  readonly #options: EngineOptions;
  readonly #control: EvalControl;
  /** By number of steps: subqueries have their own. */
  readonly #bySteps = new Map<number, KernelRows>();

  constructor(options: EngineOptions, control: EvalControl) {
    this.#options = options;
    this.#control = control;
  }

  /** A row without labels and values, valid until `close`. */
  row(steps: number): StepSeries {
    this.#control.reserve(rowBytes(steps));
    return usesKernel(this.#options, steps) ? this.#rows(steps).row([]) : newStepSeries([], steps);
  }

  /** A group without values, valid until `close`. */
  group(op: ColumnOp, labels: Labels, steps: number): GroupColumns {
    this.#control.reserve(groupBytes(op, steps));
    const columns = this.#columns(columnsOf(op), steps);
    return newGroup(op, labels, steps, columns);
  }

  #columns(numbers: number, steps: number): KernelColumns | undefined {
    return usesKernel(this.#options, steps) ? this.#rows(steps).columns(numbers) : undefined;
  }

  #rows(steps: number): KernelRows {
    let rows = this.#bySteps.get(steps);
    if (rows === undefined) {
      rows = new KernelRows(steps);
      this.#bySteps.set(steps, rows);
    }
    return rows;
  }

  /** Idempotent. */
  close(): void {
    for (const rows of this.#bySteps.values()) rows.close();
    this.#bySteps.clear();
  }
}
