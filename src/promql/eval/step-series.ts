// One series of an instant vector over all steps of a query, as columns.

import type { Labels } from '../../model/labels.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';

/** What a series has at a step. */
export const Presence = { none: 0, float: 1, histogram: 2 } as const;
export type Presence = (typeof Presence)[keyof typeof Presence];

/**
 * The value of one series at every step. Who makes one says how long it is valid; `keep` makes a copy
 * of its own. Column rows whose presence is `none` mean nothing.
 */
export interface StepSeries {
  labels: Labels;
  /** Delayed name removal: the metric name (and type and unit) goes when the result is final. */
  dropName: boolean;
  /** By step: a {@link Presence}. */
  readonly present: Uint8Array;
  /** By step: the float. */
  readonly values: Float64Array;
  /** By step; undefined while there is none. Histograms are immutable and may be shared. */
  histograms: (FloatHistogram | undefined)[] | undefined;
}

export function newStepSeries(labels: Labels, steps: number): StepSeries {
  return {
    labels,
    dropName: false,
    present: new Uint8Array(steps),
    values: new Float64Array(steps),
    histograms: undefined,
  };
}

/** Sets a float at step `i`. */
export function setFloat(series: StepSeries, i: number, value: number): void {
  series.present[i] = Presence.float;
  series.values[i] = value;
}

/** Sets a histogram at step `i`. */
export function setHistogram(series: StepSeries, i: number, histogram: FloatHistogram): void {
  series.present[i] = Presence.histogram;
  series.histograms ??= new Array<FloatHistogram | undefined>(series.present.length).fill(
    undefined,
  );
  series.histograms[i] = histogram;
}

/** A copy that shares nothing but labels and histograms. */
export function keep(series: StepSeries): StepSeries {
  return {
    labels: series.labels,
    dropName: series.dropName,
    present: series.present.slice(),
    values: series.values.slice(),
    histograms: series.histograms?.slice(),
  };
}
