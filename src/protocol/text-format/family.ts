// What the exposition formats say about one metric name: a family of series, each with one sample.

import type { Label } from '../../model/labels.ts';
import type { FloatHistogram } from '../../model/native-histogram.ts';

export type FamilyType = 'untyped' | 'histogram' | 'gaugehistogram';

export interface MetricFamily {
  readonly name: string;
  readonly type: FamilyType;
  readonly metrics: readonly FamilyMetric[];
}

export interface FamilyMetric {
  /** Without the name, in the order to be written; values may be empty. */
  readonly labels: readonly Label[];
  /** ms */
  readonly t: number;
  /** In a family of histograms a histogram. */
  readonly value: number | FloatHistogram;
}
