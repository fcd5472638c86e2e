/** Metric types, with the numbers that remote write 1.0 and 2.0 both use. */
export const METRIC_TYPES = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
] as const;

export type MetricType = (typeof METRIC_TYPES)[number];

/** What is known about all series of one metric. */
export interface MetricMetadata {
  /** The metric (family) name. */
  readonly metric: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}
