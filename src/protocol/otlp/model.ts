// What an OTLP request says, whatever its encoding. Decoders walk a request and tell a sink of each thing they
// find; nothing but the thing at hand is ever in memory. Objects that are passed belong to the decoder and are
// valid until the call returns.

import type { RawFloat64 } from '../../model/native-histogram.ts';

/** An exact unsigned 64-bit number: a bigint only beyond 2^53. */
export type Count = number | bigint;

export const Temporality = { unspecified: 0, delta: 1, cumulative: 2 } as const;
/** Unchecked: senders may put any number here. */
export type Temporality = number;

/** A key and a value, the value as Prometheus prints it in a label. */
export interface Attribute {
  readonly key: string;
  readonly value: string;
  /** Why it cannot be stored: what of it is not valid UTF-8, or nested too deeply. */
  readonly problem: string | undefined;
}

export interface Resource {
  readonly attributes: readonly Attribute[];
}

export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
  readonly attributes: readonly Attribute[];
}

export const METRIC_KINDS = [
  'gauge',
  'sum',
  'histogram',
  'exponentialHistogram',
  'summary',
] as const;
export type MetricKind = (typeof METRIC_KINDS)[number];

/** True for kinds whose points may tell totals or changes. */
export function hasTemporality(kind: MetricKind | undefined): boolean {
  return kind === 'sum' || kind === 'histogram' || kind === 'exponentialHistogram';
}

export interface Metric {
  /** Undefined if its bytes are not valid UTF-8; so are the other texts. */
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly unit: string | undefined;
  /** Undefined for a metric that holds none of the kinds we know. */
  readonly kind: MetricKind | undefined;
  readonly temporality: Temporality;
  readonly isMonotonic: boolean;
}

export interface OtlpExemplar {
  readonly value: number;
  /** ms, 0 = unset */
  readonly t: number;
  /** Lower-case hex, '' if unset. */
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: readonly Attribute[];
  /** Why it cannot be stored. */
  readonly problem: string | undefined;
}

export interface Point {
  readonly attributes: readonly Attribute[];
  /** ms, cut from nanoseconds; 0 = unset. */
  readonly startT: number;
  /** ms, cut from nanoseconds. */
  readonly t: number;
  /** True if nanoseconds were cut off `t`. */
  readonly isTimeCut: boolean;
  /** True if the sender says that there is no value any more: a stale marker. */
  readonly isStale: boolean;
  /** Why the point cannot be stored, found while it was decoded. */
  readonly problem: string | undefined;
}

export interface NumberPoint extends Point {
  /** As bits: a NaN keeps its payload. */
  readonly value: RawFloat64;
  /** True for an integer that no double holds exactly. */
  readonly isRounded: boolean;
  readonly exemplars: readonly OtlpExemplar[];
}

export interface HistogramPoint extends Point {
  readonly count: Count;
  /** Undefined if the sender keeps none. */
  readonly sum: RawFloat64 | undefined;
  /** One more than bounds, or none. Not cumulative. */
  readonly bucketCounts: readonly Count[];
  readonly bounds: readonly number[];
  readonly exemplars: readonly OtlpExemplar[];
}

/** Bucket i holds (base^(offset + i), base^(offset + i + 1)], base = 2^(2^-scale). */
export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: readonly Count[];
}

export interface ExponentialPoint extends Point {
  readonly count: Count;
  readonly sum: RawFloat64 | undefined;
  readonly scale: number;
  readonly zeroCount: Count;
  /** 0 = unset */
  readonly zeroThreshold: number;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
  readonly exemplars: readonly OtlpExemplar[];
}

export interface Quantile {
  readonly quantile: number;
  readonly value: RawFloat64;
}

export interface SummaryPoint extends Point {
  readonly count: Count;
  readonly sum: RawFloat64;
  readonly quantiles: readonly Quantile[];
}

/** Is told of a request in order: a resource, then its scopes, then their metrics, then their points. */
export interface MetricsSink {
  beginResource(resource: Resource): void;
  beginScope(scope: Scope): void;
  beginMetric(metric: Metric): void;
  /** Of gauges and sums. */
  numberPoint(point: NumberPoint): void;
  histogramPoint(point: HistogramPoint): void;
  exponentialPoint(point: ExponentialPoint): void;
  summaryPoint(point: SummaryPoint): void;
  endMetric(): void;
  endResource(): void;
}
