// /federate: the newest sample of every matching series, in an exposition format, for another
// Prometheus to scrape.

import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  compareStrings,
  type Label,
  type Labels,
  labelValue,
  METRIC_NAME,
} from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import {
  CUSTOM_BUCKETS_SCHEMA,
  type FloatHistogram,
  type NativeHistogram,
  ResetHint,
} from '../../model/native-histogram.ts';
import { isStaleHistogram } from '../../model/native-histogram-stale.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { isStaleAt } from '../../model/stale.ts';
import { parseMetricSelector } from '../../promql/language/parser.ts';
import {
  type ExpositionFormat,
  negotiateExposition,
} from '../../protocol/text-format/content-type.ts';
import type { FamilyMetric, FamilyType, MetricFamily } from '../../protocol/text-format/family.ts';
import { encodeFamily } from '../../protocol/text-format/protobuf.ts';
import { OPEN_METRICS, PROMETHEUS_TEXT, printFamily } from '../../protocol/text-format/text.ts';
import type { StopSignal } from '../../runtime/stop-signal.ts';
import type { Querier } from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import { clientSignal, databaseForRead, urlParams } from '../requests.ts';
import { sendStream } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';

const INSTANCE = 'instance';

export function federateEndpoint(context: ApiContext): Endpoint {
  return {
    methods: ['GET'],
    paths: readPaths('/federate'),
    access: 'read',
    errorShape: 'text',
    handle: (request, reply) => federate(context, request, reply),
  };
}

async function federate(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const params = urlParams(request);
  const selectors = params.values('match[]').map((text) => parseMetricSelector(text));
  const format = negotiateExposition(request.headers.accept);
  const signal = clientSignal(reply);
  const database = await databaseForRead(context, request, params, signal);
  const maxT = context.clock.now();
  const querier = database.querier({ minT: maxT - context.settings['query.lookback-delta'], maxT });
  let newest: NewestSample[];
  try {
    newest = await newestSamples(querier, selectors, signal);
  } finally {
    querier.close();
  }
  const external = context.settings['external-labels'];
  reply.header('Content-Type', format.contentType);
  return sendStream(request, reply, exposition(newest, external, format));
}

interface NewestSample {
  readonly labels: Labels;
  readonly name: string;
  readonly t: number;
  readonly value: number | FloatHistogram;
}

/** By metric name; series of one name by labels. Series that end with a stale marker have none. */
async function newestSamples(
  querier: Querier,
  selectors: readonly (readonly Matcher[])[],
  signal: StopSignal,
): Promise<NewestSample[]> {
  const found = new Map<string, NewestSample>();
  for (const matchers of selectors) {
    for await (const { labels, samples } of querier.select(matchers, { signal })) {
      const name = labelValue(labels, METRIC_NAME);
      const sample = name === '' ? undefined : lastOf(samples);
      if (sample === undefined) continue;
      const key = selectors.length === 1 ? String(found.size) : JSON.stringify(labels);
      found.set(key, { labels, name, ...sample });
    }
  }
  return [...found.values()].sort((a, b) => compareStrings(a.name, b.name));
}

function lastOf(
  samples: SampleColumns,
): { readonly t: number; readonly value: number | FloatHistogram } | undefined {
  const last = samples.length - 1;
  if (last < 0) return undefined;
  const t = samples.t[last]!;
  const histogram = samples.histograms?.[last];
  if (histogram !== undefined) {
    return isStaleHistogram(histogram) ? undefined : { t, value: toFloat(histogram) };
  }
  return isStaleAt(samples.v, last) ? undefined : { t, value: samples.v[last]! };
}

function toFloat(histogram: NativeHistogram): FloatHistogram {
  if (histogram.kind === 'float') return histogram;
  return {
    ...histogram,
    kind: 'float',
    count: Number(histogram.count),
    zeroCount: Number(histogram.zeroCount),
    positiveCounts: histogram.positiveCounts.map(Number),
    negativeCounts: histogram.negativeCounts.map(Number),
  };
}

async function* exposition(
  samples: readonly NewestSample[],
  external: Labels,
  format: ExpositionFormat,
): AsyncGenerator<string | Uint8Array, void> {
  const dialect = format.kind === 'openmetrics' ? OPEN_METRICS : PROMETHEUS_TEXT;
  for (const family of families(samples, external, format.kind === 'protobuf')) {
    if (format.kind === 'protobuf') yield encodeFamily(family, format.escaping);
    else yield* printFamily(family, dialect, format.escaping);
  }
  if (format.kind !== 'protobuf' && dialect.end !== '') yield dialect.end;
}

/**
 * Neighbours of one name and kind are one family. Exponential histograms are left out for formats that do
 * not know them.
 */
function* families(
  samples: readonly NewestSample[],
  external: Labels,
  knowsExponential: boolean,
): Generator<MetricFamily, void> {
  let name = '';
  let type: FamilyType = 'untyped';
  let metrics: FamilyMetric[] = [];
  for (const sample of samples) {
    if (!knowsExponential && isExponential(sample.value)) continue;
    const sampleType = familyTypeOf(sample.value);
    if (metrics.length > 0 && (sample.name !== name || sampleType !== type)) {
      yield { name, type, metrics };
      metrics = [];
    }
    name = sample.name;
    type = sampleType;
    metrics.push({
      labels: withExternalLabels(sample.labels, external),
      t: sample.t,
      value: sample.value,
    });
  }
  if (metrics.length > 0) yield { name, type, metrics };
}

function isExponential(value: number | FloatHistogram): boolean {
  return typeof value !== 'number' && value.schema !== CUSTOM_BUCKETS_SCHEMA;
}

function familyTypeOf(value: number | FloatHistogram): FamilyType {
  if (typeof value === 'number') return 'untyped';
  return value.resetHint === ResetHint.gauge ? 'gaugehistogram' : 'histogram';
}

/**
 * The labels but for the name, then external ones that are not there yet. An empty `instance` keeps the
 * scraping Prometheus from putting our own address there.
 */
function withExternalLabels(labels: Labels, external: Labels): Label[] {
  const added = external.some(({ name }) => name === INSTANCE)
    ? external
    : [...external, { name: INSTANCE, value: '' }].sort((a, b) => compareStrings(a.name, b.name));
  const present = new Set(labels.map(({ name }) => name));
  return [
    ...labels.filter(({ name }) => name !== METRIC_NAME),
    ...added.filter(({ name }) => !present.has(name)),
  ];
}
