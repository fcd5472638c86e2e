// stddev, stdvar and quantile: aggregations of floats that are finished only when all are known.

import type { Labels } from '../../model/labels.ts';
import { quantileOf } from '../functions/quantile.ts';
import type { EvalControl } from './interface.ts';
import { newStepSeries, Presence, type StepSeries, setFloat } from './step-series.ts';

/** Spread of one group around its mean, by step (Welford's method). */
export class VarianceGroup {
  readonly #labels: Labels;
  readonly #met: Float64Array;
  readonly #mean: Float64Array;
  readonly #squares: Float64Array;
  dropName = false;

  constructor(labels: Labels, steps: number) {
    this.#labels = labels;
    this.#met = new Float64Array(steps);
    this.#mean = new Float64Array(steps);
    this.#squares = new Float64Array(steps);
  }

  /** Histograms are left out. */
  add({ present, values }: StepSeries): void {
    for (let i = 0; i < present.length; i++) {
      if (present[i] !== Presence.float) continue;
      const value = values[i]!;
      const met = ++this.#met[i]!;
      if (met === 1) {
        this.#mean[i] = value;
        this.#squares[i] = Number.isFinite(value) ? 0 : Number.NaN;
        continue;
      }
      const delta = value - this.#mean[i]!;
      this.#mean[i]! += delta / met;
      this.#squares[i]! += delta * (value - this.#mean[i]!);
    }
  }

  finish(op: 'stddev' | 'stdvar'): StepSeries {
    const result = newStepSeries(this.#labels, this.#met.length);
    result.dropName = this.dropName;
    for (let i = 0; i < this.#met.length; i++) {
      if (this.#met[i] === 0) continue;
      const variance = this.#squares[i]! / this.#met[i]!;
      setFloat(result, i, op === 'stdvar' ? variance : Math.sqrt(variance));
    }
    return result;
  }
}

/** All floats of one group. */
export class QuantileGroup {
  readonly #labels: Labels;
  readonly #steps: number;
  /** Row after row; grows by doubling. */
  #values: Float64Array;
  #present: Uint8Array;
  #rows = 0;
  dropName = false;

  constructor(labels: Labels, steps: number) {
    this.#labels = labels;
    this.#steps = steps;
    this.#values = new Float64Array(4 * steps);
    this.#present = new Uint8Array(4 * steps);
  }

  add({ present, values }: StepSeries): void {
    const at = this.#rows * this.#steps;
    if (at === this.#values.length) {
      const grownValues = new Float64Array(2 * at);
      grownValues.set(this.#values);
      this.#values = grownValues;
      const grownPresent = new Uint8Array(2 * at);
      grownPresent.set(this.#present);
      this.#present = grownPresent;
    }
    this.#values.set(values, at);
    this.#present.set(present, at);
    this.#rows++;
  }

  /** `q` by step. */
  finish(q: Float64Array, control: EvalControl): StepSeries {
    const steps = this.#steps;
    const result = newStepSeries(this.#labels, steps);
    result.dropName = this.dropName;
    const met = new Float64Array(this.#rows);
    for (let i = 0; i < steps; i++) {
      control.checkpoint();
      let length = 0;
      for (let row = 0; row < this.#rows; row++) {
        const at = row * steps + i;
        if (this.#present[at] === Presence.float) met[length++] = this.#values[at]!;
      }
      if (length > 0) setFloat(result, i, quantileOf(q[i]!, met.subarray(0, length), control));
    }
    return result;
  }
}
