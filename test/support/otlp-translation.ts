// OTLP requests translated in both encodings, and metrics with one point to put into them.

import { expect } from 'vitest';
import { printLabels } from '../../src/model/labels.ts';
import {
  DEFAULT_OTLP_OPTIONS,
  OtlpNames,
  type OtlpOptions,
  type Translation,
  translateMetrics,
} from '../../src/protocol/otlp/index.ts';
import { nanos, type OtlpObject, type OtlpRequest, otlpJson, otlpProtobuf } from './otlp.ts';

export const T: number = 1_700_000_000_000;
export const CUMULATIVE: number = 2;
export const DELTA: number = 1;

export interface TranslateOptions extends Partial<OtlpOptions> {
  readonly extraLabels?: readonly { readonly name: string; readonly value: string }[];
}

/** Both encodings must say the same. */
export function translate(request: OtlpRequest, options: TranslateOptions = {}): Translation {
  const { extraLabels = [], ...rest } = options;
  const names = new OtlpNames({ ...DEFAULT_OTLP_OPTIONS, ...rest });
  const context = { extraLabels };
  const translated = translateMetrics(otlpProtobuf(request), 'protobuf', names, context);
  const fromJson = translateMetrics(otlpJson(request), 'json', names, context);
  expect(fromJson).toEqual(translated);
  return translated;
}

/** Series as people write them, each with its only value. */
export function values({ series }: Translation): Record<string, number> {
  return Object.fromEntries(
    series.map(({ labels, samples }) => [printLabels(labels), samples.v[0]!]),
  );
}

export function gauge(name: string, point: OtlpObject = {}, metric: OtlpObject = {}): OtlpObject {
  return {
    name,
    ...metric,
    gauge: { dataPoints: [{ timeUnixNano: nanos(T), asDouble: 1, ...point }] },
  };
}

export function sum(name: string, data: OtlpObject = {}, point: OtlpObject = {}): OtlpObject {
  return {
    name,
    sum: {
      dataPoints: [{ timeUnixNano: nanos(T), asInt: '1', ...point }],
      aggregationTemporality: CUMULATIVE,
      ...data,
    },
  };
}

export function histogram(
  name: string,
  point: OtlpObject,
  temporality: number = CUMULATIVE,
): OtlpObject {
  return {
    name,
    histogram: {
      dataPoints: [{ timeUnixNano: nanos(T), ...point }],
      aggregationTemporality: temporality,
    },
  };
}

export function exponential(name: string, point: OtlpObject): OtlpObject {
  return {
    name,
    exponentialHistogram: {
      dataPoints: [{ timeUnixNano: nanos(T), ...point }],
      aggregationTemporality: CUMULATIVE,
    },
  };
}
