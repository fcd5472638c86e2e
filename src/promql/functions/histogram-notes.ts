// Remarks about the histograms of one series and about operations on them.

import { ResetHint } from '../../model/native-histogram.ts';
import {
  type HistogramOperation,
  mismatchedCustomBuckets,
  mixedExponentialCustomHistograms,
  nativeHistogramNotCounter,
  nativeHistogramNotGauge,
} from '../annotation-texts.ts';
import type { Annotations } from '../annotations.ts';
import type { Combined } from '../histogram/arithmetic.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';

export class HistogramNotes {
  readonly #annotations: Annotations;
  readonly #position: number;
  readonly #metricName: string;

  /** `metricName` is '' for a series that has none. */
  constructor(annotations: Annotations, position: number, metricName: string) {
    this.#annotations = annotations;
    this.#position = position;
    this.#metricName = metricName;
  }

  /** A function for counters got a gauge. */
  notCounter(): void {
    this.#annotations.warn(nativeHistogramNotCounter(this.#metricName), this.#position);
  }

  /** A function for gauges got something else. */
  notGauge(): void {
    this.#annotations.warn(nativeHistogramNotGauge(this.#metricName), this.#position);
  }

  /** Exponential and custom buckets where one result is wanted. */
  mixedSchemas(): void {
    this.#annotations.warn(mixedExponentialCustomHistograms(this.#metricName), this.#position);
  }

  /** The result of an operation; notes what was odd about it, and why there is none. */
  take(combined: Combined, operation: HistogramOperation): FloatHistogram | undefined {
    if (combined.histogram === undefined) this.mixedSchemas();
    if (combined.boundsReconciled) {
      this.#annotations.info(mismatchedCustomBuckets(operation), this.#position);
    }
    return combined.histogram;
  }
}

export function isGauge(h: FloatHistogram): boolean {
  return h.resetHint === ResetHint.gauge;
}
