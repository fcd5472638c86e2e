// /api/v1/status/self_metrics: our own metrics as data, in the JSON form of io.prometheus.client.MetricFamily.

import { AppError } from '../../runtime/error.ts';
import type { FamilyMetric, FamilyType, MetricFamily } from '../../runtime/metrics.ts';
import { compileMatcher } from '../../storage/label-matcher.ts';
import type { ApiContext } from '../context.ts';
import { badRequest } from '../errors.ts';
import { urlParams } from '../requests.ts';
import { sendData } from '../respond.ts';
import { type Endpoint, readPaths } from '../routes.ts';

export function selfMetricsEndpoint({ metrics }: ApiContext): Endpoint {
  return {
    methods: ['GET'],
    paths: readPaths('/api/v1/status/self_metrics'),
    access: 'read-all',
    errorShape: 'prometheus',
    handle: async (request, reply) => {
      const isWanted = nameFilter(urlParams(request).value('metric_name_pattern') ?? '');
      const families = await metrics.families();
      const wanted = families.filter(({ name }) => isWanted(name));
      return sendData(request, reply, wanted.map(familyToJson));
    },
  };
}

/** The pattern must match the whole name; '' lets all pass. */
function nameFilter(pattern: string): (name: string) => boolean {
  if (pattern === '') return () => true;
  try {
    const matcher = compileMatcher({ type: '=~', name: '__name__', value: pattern });
    return (name) => matcher.matches(name);
  } catch (error) {
    if (error instanceof AppError)
      throw badRequest(`invalid metric_name_pattern: ${error.message}`);
    throw error;
  }
}

function familyToJson({ name, help, type, metrics }: MetricFamily): unknown {
  return {
    name,
    ...(help === '' ? {} : { help }),
    type: type.toUpperCase(),
    metric: metrics.map((metric) => metricToJson(type, metric)),
  };
}

function metricToJson(type: FamilyType, metric: FamilyMetric): unknown {
  const label = Object.entries(metric.labels).map(([name, value]) => ({ name, value }));
  return { ...(label.length === 0 ? {} : { label }), [type]: valueToJson(type, metric) };
}

function valueToJson(type: FamilyType, metric: FamilyMetric): unknown {
  const totals = { sampleCount: String(metric.count), sampleSum: numberToJson(metric.sum) };
  switch (type) {
    case 'histogram':
      return {
        ...totals,
        bucket: metric.buckets.map(({ upperBound, count }) => ({
          cumulativeCount: String(count),
          upperBound: numberToJson(upperBound),
        })),
      };
    case 'summary':
      return {
        ...totals,
        quantile: metric.quantiles.map(({ quantile, value }) => ({
          quantile: numberToJson(quantile),
          value: numberToJson(value),
        })),
      };
    default:
      return { value: numberToJson(metric.value) };
  }
}

/** JSON has no NaN and no infinities; protobuf's JSON writes their names. */
function numberToJson(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
