// target_info: one series for each resource that tells its attributes, with a sample wherever its metrics have some.

import type { Label } from '../../model/labels.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { withLabel } from './labels.ts';

export const TARGET_INFO = 'target_info';

/**
 * Samples in one request. Points that are years apart would ask for millions; past this only the newest point of a
 * resource gets its sample.
 */
const MAX_SAMPLES = 100_000;

/** Gathers the samples of a request; the same ones of several resources are written once. */
export class TargetInfo {
  /** ms */
  readonly #interval: number;
  readonly #series = new Map<string, { readonly labels: Label[]; readonly times: Set<number> }>();
  #samples = 0;

  /** Repeated twice in each lookback delta (ms), so that queries find it at any time. */
  constructor(lookbackDelta: number) {
    this.#interval = Math.max(1, Math.floor(lookbackDelta / 2));
  }

  /** Adds what a resource needs whose points lie in [minT, maxT]; `labels` are sorted and without a name. */
  add(labels: readonly Label[], minT: number, maxT: number): void {
    const key = labels.map(({ name, value }) => `${name}\0${value}`).join('\0');
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels: withLabel(labels, METRIC_NAME, TARGET_INFO), times: new Set() };
      this.#series.set(key, series);
    }
    const { times } = series;
    const repeats = Math.ceil((maxT - minT) / this.#interval);
    if (this.#samples + repeats <= MAX_SAMPLES) {
      for (let t = minT; t < maxT; t += this.#interval) times.add(t);
      this.#samples += repeats;
    }
    times.add(maxT);
  }

  get isEmpty(): boolean {
    return this.#series.size === 0;
  }

  series(): BatchSeries[] {
    return [...this.#series.values()].map(({ labels, times }) => {
      const t = Float64Array.from(times).sort();
      const v = new Float64Array(t.length).fill(1);
      const samples = { length: t.length, t, v, startT: undefined, histograms: undefined };
      return { labels, samples, exemplars: [] };
    });
  }
}
