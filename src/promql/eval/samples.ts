// How many samples a query holds and has read, counted as Prometheus counts them: its statistics and
// its limit are part of what people know about their queries. A float counts 1, a histogram its size
// in bytes / 16. Counted is what Prometheus would hold, also where we do not.

import { tooManySamples } from '../errors.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { presentSteps } from '../kernel/index.ts';
import { Presence, type StepSeries } from './step-series.ts';

/** Samples that a histogram counts for where it is held. */
export function histogramWeight(histogram: FloatHistogram): number {
  return Math.floor((histogram.sizeBytes() + 8) / 16);
}

/** Figures of one evaluation, or of a part that Prometheus counts by itself (subqueries). */
export class SampleStats {
  /** Samples looked at; those in several windows count several times. */
  total = 0;
  /** Samples looked at, each once. */
  read = 0;
  /** Most samples held at once. */
  peak = 0;
  /** The same by step, if wanted. */
  readonly totalPerStep: Float64Array | undefined;
  readonly readPerStep: Float64Array | undefined;

  constructor(steps: number, perStep: boolean) {
    this.totalPerStep = perStep ? new Float64Array(steps) : undefined;
    this.readPerStep = perStep ? new Float64Array(steps) : undefined;
  }

  countTotal(step: number, samples: number): void {
    this.total += samples;
    if (this.totalPerStep !== undefined) this.totalPerStep[step]! += samples;
  }

  countRead(step: number, samples: number): void {
    this.read += samples;
    if (this.readPerStep !== undefined) this.readPerStep[step]! += samples;
  }
}

/** What the whole query holds now, against its limit. */
export class SampleBudget {
  readonly #maxSamples: number;
  /** Samples held now. */
  held = 0;

  constructor(maxSamples: number) {
    this.#maxSamples = maxSamples;
  }

  /** Throws PROMQL_TOO_MANY_SAMPLES if holding `more` besides would pass the limit; notes the peak. */
  check(more: number, stats: SampleStats): void {
    const held = this.held + more;
    if (held > this.#maxSamples) throw tooManySamples(this.#maxSamples);
    if (held > stats.peak) stats.peak = held;
  }

  /** Holds `samples` more. Throws PROMQL_TOO_MANY_SAMPLES. */
  hold(samples: number, stats: SampleStats): void {
    this.check(samples, stats);
    this.held += samples;
  }
}

/** Lets something be evaluated earlier than in Prometheus, and counts it when Prometheus would. */
export class CountedLater {
  readonly #budget: SampleBudget;
  readonly #stats: SampleStats;
  #held = 0;
  #peak = 0;

  constructor(budget: SampleBudget, stats: SampleStats) {
    this.#budget = budget;
    this.#stats = stats;
  }

  /** What `evaluate` gives, of which nothing is held yet. */
  early<T>(evaluate: () => T): T {
    const [budget, stats] = [this.#budget, this.#stats];
    const [held, peak] = [budget.held, stats.peak];
    stats.peak = 0;
    const result = evaluate();
    this.#peak = Math.max(this.#peak, this.#held + stats.peak - held);
    this.#held += budget.held - held;
    budget.held = held;
    stats.peak = peak;
    return result;
  }

  /** Now Prometheus would have evaluated it. Throws PROMQL_TOO_MANY_SAMPLES. */
  settle(): void {
    this.#budget.check(this.#peak, this.#stats);
    this.#budget.hold(this.#held, this.#stats);
  }
}

/** Samples that a series counts for at step `i`. */
export function weightAt({ present, histograms }: StepSeries, i: number): number {
  if (present[i] === Presence.histogram) return histogramWeight(histograms![i]!);
  return present[i] === Presence.none ? 0 : 1;
}

/** Samples of a series, all steps together. */
export function weightOf(series: StepSeries): number {
  if (series.histograms === undefined) return presentSteps(series);
  let weight = 0;
  for (let i = 0; i < series.present.length; i++) weight += weightAt(series, i);
  return weight;
}

/**
 * Counts one operation that Prometheus does step by step: at each step its inputs are gathered into
 * vectors beside its inputs and the results so far. Ended by `finish`.
 */
export class StepwiseCount {
  readonly #budget: SampleBudget;
  readonly #stats: SampleStats;
  readonly #heldBefore: number;
  readonly #gathered: Float64Array;
  readonly #results: Float64Array;
  #resultWeight = 0;

  /** Make it before the inputs are evaluated. */
  constructor(budget: SampleBudget, stats: SampleStats, steps: number) {
    this.#budget = budget;
    this.#stats = stats;
    this.#heldBefore = budget.held;
    this.#gathered = new Float64Array(steps);
    this.#results = new Float64Array(steps);
  }

  /** A row goes in. */
  gather(row: Pick<StepSeries, 'present' | 'histograms'>): void {
    const { present } = row;
    const gathered = this.#gathered;
    if (row.histograms === undefined) {
      // All floats: presence is what is to be counted.
      for (let i = 0; i < present.length; i++) gathered[i]! += present[i]!;
    } else {
      for (let i = 0; i < present.length; i++) if (present[i] !== Presence.none) gathered[i]!++;
    }
  }

  /** A scalar goes in, at every step. */
  gatherScalar(): void {
    const gathered = this.#gathered;
    for (let i = 0; i < gathered.length; i++) gathered[i]!++;
  }

  /** A row comes out. */
  emit(row: StepSeries): void {
    const { present, histograms } = row;
    const results = this.#results;
    let weight = 0;
    if (histograms === undefined) {
      for (let i = 0; i < present.length; i++) {
        results[i]! += present[i]!;
        weight += present[i]!;
      }
      this.#resultWeight += weight;
      return;
    }
    for (let i = 0; i < present.length; i++) {
      if (present[i] === Presence.float) {
        results[i]!++;
        weight++;
      } else if (present[i] === Presence.histogram) {
        const histogram = histograms[i]!;
        results[i]! += 1 + Math.floor(histogram.sizeBytes() / 16);
        weight += histogramWeight(histogram);
      }
    }
    this.#resultWeight += weight;
  }

  /** A scalar comes out, at every step. */
  emitScalar(): void {
    const results = this.#results;
    for (let i = 0; i < results.length; i++) results[i]!++;
    this.#resultWeight += results.length;
  }

  /** All inputs are used up and all results are out: only these stay. Throws PROMQL_TOO_MANY_SAMPLES. */
  finish(): void {
    const budget = this.#budget;
    let peak = 0;
    let results = 0;
    for (let i = 0; i < this.#gathered.length; i++) {
      results += this.#results[i]!;
      const held = this.#gathered[i]! + results;
      if (held > peak) peak = held;
    }
    budget.check(peak, this.#stats);
    budget.held = this.#heldBefore;
    budget.hold(this.#resultWeight, this.#stats);
  }
}
