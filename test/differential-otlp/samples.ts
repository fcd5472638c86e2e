// Samples that a request has become, in a form that both sides can be brought to: no layout of buckets, no order.

import { METRIC_NAME } from '../../src/model/labels.ts';
import type { BucketSpan, NativeHistogram } from '../../src/model/native-histogram.ts';
import { rawFloat64 } from '../../src/model/native-histogram.ts';
import { isStaleHistogram } from '../../src/model/native-histogram-stale.ts';
import {
  DEFAULT_OTLP_OPTIONS,
  OtlpNames,
  type Translation,
  translateMetrics,
} from '../../src/protocol/otlp/index.ts';
import { otlpProtobuf } from '../support/otlp.ts';
import type { Case, CaseOptions } from './generator.ts';

/** Numbers are hexadecimal bits. */
export interface PlainHistogram {
  readonly schema: number;
  readonly hint: number;
  readonly zero: string;
  readonly zeroCount: string;
  readonly count: string;
  readonly sum: string;
  /** Index and count of those that are not empty. */
  readonly positive: readonly (readonly [string, string])[];
  readonly negative: readonly (readonly [string, string])[];
  readonly custom: readonly string[];
}

export interface PlainSample {
  readonly labels: readonly (readonly [string, string])[];
  readonly st: number;
  readonly t: number;
  readonly v: string;
  readonly hist: PlainHistogram | 'stale' | null;
  readonly exemplars: readonly {
    readonly labels: readonly (readonly [string, string])[];
    readonly v: string;
    readonly t: number;
  }[];
  /** Type, help and unit. */
  readonly metadata: readonly [string, string, string];
}

/** What became of a request. */
export interface PlainAnswer {
  /** True if anything was refused. */
  readonly isRefused: boolean;
  readonly samples: readonly PlainSample[];
}

export function ourAnswer({ options, request }: Case): PlainAnswer {
  const names = namesOf(options);
  const context = { extraLabels: [] };
  const translation = translateMetrics(otlpProtobuf(request), 'protobuf', names, context);
  const { refusedPoints, warnings } = translation;
  return { isRefused: refusedPoints + warnings.length > 0, samples: plainSamples(translation) };
}

function namesOf(options: CaseOptions): OtlpNames {
  return new OtlpNames({
    ...DEFAULT_OTLP_OPTIONS,
    translationStrategy: options.strategy,
    promoteResourceAttributes: options.promote,
    promoteAllResourceAttributes: options.promoteAll,
    ignoreResourceAttributes: options.ignore,
    keepIdentifyingResourceAttributes: options.keep,
    convertHistogramsToNhcb: options.nhcb,
    promoteScopeMetadata: options.scope,
    labelNameUnderscoreSanitization: options.sanitize,
    labelNamePreserveMultipleUnderscores: options.preserve,
    deltas: options.delta ? 'store' : 'refuse',
    typeAndUnitLabels: options.typeAndUnit,
  });
}

function plainSamples({ series, metadata }: Translation): PlainSample[] {
  const families = new Map(metadata.map((entry) => [entry.metric, entry]));
  return series.flatMap(({ labels, samples, exemplars }) => {
    const name = labels.find((label) => label.name === METRIC_NAME)!.value;
    const family = families.get(name) ?? families.get(name.replace(/_(sum|count|bucket)$/, ''))!;
    return Array.from({ length: samples.length }, (_, i): PlainSample => {
      const histogram = samples.histograms?.[i];
      const { buffer, byteOffset } = samples.v;
      const [low, high] = new Uint32Array(buffer, byteOffset + 8 * i, 2);
      return {
        labels: labels.map((label) => [label.name, label.value]),
        st: samples.startT?.[i] ?? 0,
        t: samples.t[i]!,
        v: histogram === undefined ? bits({ low: low!, high: high! }) : '0',
        hist: histogram === undefined ? null : plainHistogram(histogram),
        exemplars: exemplars.map((one) => ({
          labels: one.labels.map((label) => [label.name, label.value] as const).sort(byFirst),
          v: bits(rawFloat64(one.value)),
          t: one.t,
        })),
        metadata: [family.type, family.help, family.unit],
      };
    });
  });
}

function plainHistogram(histogram: NativeHistogram): PlainHistogram | 'stale' {
  if (isStaleHistogram(histogram)) return 'stale';
  return {
    schema: histogram.schema,
    hint: histogram.resetHint,
    zero: bits(rawFloat64(histogram.zeroThreshold)),
    zeroCount: String(histogram.zeroCount),
    count: String(histogram.count),
    sum: bits(histogram.sum),
    positive: plainBuckets(histogram.positiveSpans, histogram.positiveCounts.map(BigInt)),
    negative: plainBuckets(histogram.negativeSpans, histogram.negativeCounts.map(BigInt)),
    custom: histogram.customValues.map((value) => bits(rawFloat64(value))),
  };
}

function plainBuckets(
  spans: readonly BucketSpan[],
  counts: readonly bigint[],
): (readonly [string, string])[] {
  const buckets: (readonly [string, string])[] = [];
  let index = 0;
  let next = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++) {
      const count = counts[next++]!;
      if (count !== 0n) buckets.push([String(index), String(count)]);
    }
  }
  return buckets;
}

function bits({ low, high }: { readonly low: number; readonly high: number }): string {
  return ((BigInt(high) << 32n) | BigInt(low)).toString(16);
}

export function byFirst(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : 1;
}

/** In an order of their own, so that answers can be compared. */
export function sorted(samples: readonly PlainSample[]): string[] {
  return samples.map((sample) => JSON.stringify(sample)).sort();
}

/** Prometheus writes target_info for resources of which it has refused everything; we do not. */
export function withoutTargetInfo(samples: readonly PlainSample[]): PlainSample[] {
  return samples.filter(({ labels }) => !labels.some(([, value]) => value === 'target_info'));
}
