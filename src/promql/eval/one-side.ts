// The side of an operation between vectors on which each match group has at most one series at a step.

import { executionFailed } from '../errors.ts';
import type { VectorMatching } from '../language/ast.ts';
import { matchLabels } from './match-groups.ts';
import { printSeries } from './print-series.ts';
import { Presence, type StepSeries } from './step-series.ts';

const NOBODY = -1;
const SEVERAL = -2;

/** Rows by match group, checked to be one at a step. */
export class OneSide {
  readonly #rows: readonly StepSeries[];
  /** By group: its only row, {@link NOBODY} or {@link SEVERAL}. */
  readonly #only: Int32Array;
  /** Of groups with several rows: by step the row that is there, or {@link NOBODY}. */
  readonly #rowAt: (Int32Array | undefined)[];

  /**
   * `groupOf` by row; `active` marks steps at which anything can match. Throws PROMQL_EXECUTION if two
   * rows of a group are there at an active step, whether or not somebody matches them.
   */
  constructor(
    matching: VectorMatching,
    rows: readonly StepSeries[],
    groupOf: Int32Array,
    groupCount: number,
    active: Uint8Array,
  ) {
    this.#rows = rows;
    this.#only = new Int32Array(groupCount).fill(NOBODY);
    this.#rowAt = new Array<Int32Array | undefined>(groupCount).fill(undefined);
    const extra: number[] = [];
    for (let r = 0; r < rows.length; r++) {
      const group = groupOf[r]!;
      if (this.#only[group] === NOBODY) {
        this.#only[group] = r;
        continue;
      }
      if (this.#only[group] !== SEVERAL) {
        extra.push(this.#only[group]!);
        this.#rowAt[group] = new Int32Array(active.length).fill(NOBODY);
        this.#only[group] = SEVERAL;
      }
      extra.push(r);
    }
    this.#placeAll(matching, extra, groupOf, active);
  }

  #placeAll(
    matching: VectorMatching,
    rows: readonly number[],
    groupOf: Int32Array,
    active: Uint8Array,
  ): void {
    let first = { step: Number.POSITIVE_INFINITY, row: NOBODY, other: NOBODY };
    for (const row of rows) {
      const rowAt = this.#rowAt[groupOf[row]!]!;
      const { present } = this.#rows[row]!;
      for (let i = 0; i < present.length; i++) {
        if (present[i] === Presence.none) continue;
        const other = rowAt[i]!;
        if (other !== NOBODY && active[i] === 1 && i < first.step) first = { step: i, row, other };
        rowAt[i] = row;
      }
    }
    if (first.row !== NOBODY) throw this.#duplicate(matching, first.row, first.other);
  }

  #duplicate(matching: VectorMatching, row: number, other: number): Error {
    const labels = this.#rows[row]!.labels;
    const [a, b] = [printSeries(labels), printSeries(this.#rows[other]!.labels)].sort();
    const side = matching.card === 'one-to-many' ? 'left' : 'right';
    return executionFailed(
      `found duplicate series for the match group ${printSeries(matchLabels(matching, labels))} on the ${side} hand-side of the operation: [${a}, ${b}];many-to-many matching not allowed: matching labels must be unique on one side`,
    );
  }

  /** True if the group has a row at some step. */
  has(group: number): boolean {
    return this.#only[group] !== NOBODY;
  }

  /** The row of a group that has just one over all steps. */
  onlyRow(group: number): number | undefined {
    const row = this.#only[group]!;
    return row >= 0 ? row : undefined;
  }

  /** Index of the row of a group at a step, negative if there is none. */
  rowAt(group: number, step: number): number {
    const row = this.#only[group]!;
    if (row >= 0) return this.#rows[row]!.present[step] === Presence.none ? NOBODY : row;
    return row === SEVERAL ? this.#rowAt[group]![step]! : NOBODY;
  }
}
