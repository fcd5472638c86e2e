import { expect, test } from 'vitest';
import { type FloatHistogram, ResetHint, rawFloat64 } from '../../model/native-histogram.ts';
import { ProtobufReader } from '../protobuf-reader.ts';
import { toClassicHistogram } from './classic-histogram.ts';
import { negotiateExposition } from './content-type.ts';
import { type Escaping, escapeName } from './escape-name.ts';
import type { MetricFamily } from './family.ts';
import { formatFloat } from './float.ts';
import { encodeFamily } from './protobuf.ts';
import { OPEN_METRICS, PROMETHEUS_TEXT, printFamily } from './text.ts';

const T = 1_435_781_451_781;

const CUSTOM: FloatHistogram = {
  kind: 'float',
  resetHint: ResetHint.unknown,
  schema: -53,
  zeroThreshold: 0,
  sum: rawFloat64(12.5),
  count: 10,
  zeroCount: 0,
  positiveSpans: [
    { offset: 0, length: 1 },
    { offset: 1, length: 2 },
  ],
  negativeSpans: [],
  positiveCounts: [1, 2, 7],
  negativeCounts: [],
  customValues: [0.5, 1, 2.5],
};

const EXPONENTIAL: FloatHistogram = {
  ...CUSTOM,
  schema: 3,
  customValues: [],
  zeroThreshold: 0.001,
  zeroCount: 2,
  negativeSpans: [{ offset: -2, length: 1 }],
  negativeCounts: [1.5],
};

const up: MetricFamily = {
  name: 'up',
  type: 'untyped',
  metrics: [
    { labels: [{ name: 'job', value: 'a"b\\c\nd' }], t: T, value: 1 },
    {
      labels: [
        { name: 'my.label', value: 'ü' },
        { name: 'instance', value: '' },
      ],
      t: T,
      value: 1e6,
    },
  ],
};

const print = (family: MetricFamily, escaping: Escaping, dialect = PROMETHEUS_TEXT): string =>
  [...printFamily(family, dialect, escaping)].join('');

test('text 0.0.4', () => {
  expect(print(up, 'underscores')).toBe(
    [
      '# TYPE up untyped',
      `up{job="a\\"b\\\\c\\nd"} 1 ${T}`,
      `up{my_label="ü",instance=""} 1e+06 ${T}`,
      '',
    ].join('\n'),
  );
  expect(print({ ...up, name: 'my.up' }, 'allow-utf-8')).toBe(
    [
      '# TYPE "my.up" untyped',
      `{"my.up",job="a\\"b\\\\c\\nd"} 1 ${T}`,
      `{"my.up","my.label"="ü",instance=""} 1e+06 ${T}`,
      '',
    ].join('\n'),
  );
});

test('a custom-bucket histogram is a classic one', () => {
  const family: MetricFamily = {
    name: 'h',
    type: 'histogram',
    metrics: [{ labels: [{ name: 'job', value: 'a' }], t: T, value: CUSTOM }],
  };
  expect(print(family, 'underscores')).toBe(
    [
      '# TYPE h histogram',
      `h_bucket{job="a",le="0.5"} 1 ${T}`,
      `h_bucket{job="a",le="1"} 1 ${T}`,
      `h_bucket{job="a",le="2.5"} 3 ${T}`,
      `h_bucket{job="a",le="+Inf"} 10 ${T}`,
      `h_sum{job="a"} 12.5 ${T}`,
      `h_count{job="a"} 10 ${T}`,
      '',
    ].join('\n'),
  );
  expect(print(family, 'underscores', OPEN_METRICS).split('\n')[2]).toBe(
    'h_bucket{job="a",le="1.0"} 1.0 1.435781451781e+09',
  );
  expect(toClassicHistogram({ ...CUSTOM, positiveSpans: [], positiveCounts: [] })).toEqual({
    count: 10,
    sum: 12.5,
    buckets: [
      { upperBound: 0.5, cumulativeCount: 0 },
      { upperBound: 1, cumulativeCount: 0 },
      { upperBound: 2.5, cumulativeCount: 0 },
    ],
  });
});

test('OpenMetrics: other type names, floats, seconds', () => {
  expect(print({ ...up, metrics: up.metrics.slice(0, 1) }, 'underscores', OPEN_METRICS)).toBe(
    '# TYPE up unknown\nup{job="a\\"b\\\\c\\nd"} 1.0 1.435781451781e+09\n',
  );
  const family: MetricFamily = {
    name: 'h',
    type: 'gaugehistogram',
    metrics: [{ labels: [], t: T, value: CUSTOM }],
  };
  expect(print(family, 'underscores', OPEN_METRICS)).toMatch(/^# TYPE h gaugehistogram\n/);
});

test('a family of many metrics comes in pieces', () => {
  const metrics = Array.from({ length: 2500 }, (_, value) => ({ labels: [], t: 1, value }));
  const pieces = [...printFamily({ ...up, metrics }, PROMETHEUS_TEXT, 'underscores')];
  expect(pieces.length).toBe(4);
  expect(pieces.join('').split('\n').length).toBe(2502);
});

test.each<[value: number, text: string]>([
  [0, '0'],
  [-0, '0'],
  [1, '1'],
  [-1.5, '-1.5'],
  [999_999, '999999'],
  [1e6, '1e+06'],
  [123_456_789, '1.23456789e+08'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1e100, '1e+100'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
])('float %d is %s', (value, text) => {
  expect(formatFloat(value)).toBe(text);
});

test.each<[name: string, underscores: string, dots: string, values: string]>([
  ['up', 'up', 'up', 'up'],
  ['a_b:c', 'a_b:c', 'a_b:c', 'a_b:c'],
  ['my.name_x', 'my_name_x', 'my_dot_name__x', 'U__my_2e_name__x'],
  ['1a', '_a', '__a', 'U___31_a'],
  ['ü😀', '__', '____', 'U___fc__1f600_'],
])('name %s', (name, underscores, dots, values) => {
  const escapings: Escaping[] = ['allow-utf-8', 'underscores', 'dots', 'values'];
  expect(escapings.map((escaping) => escapeName(name, escaping))).toEqual([
    name,
    underscores,
    dots,
    values,
  ]);
});

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily';
test.each<[accept: string | undefined, contentType: string]>([
  [undefined, 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ['*/*', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  [
    'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2',
    'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
  ],
  [
    `${PROTOBUF};encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5`,
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores',
  ],
  [`${PROTOBUF};encoding=text`, 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  [
    'text/html, application/openmetrics-text; version="1.0.0"; escaping=values, text/plain;q=0.9',
    'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values',
  ],
  [
    'application/openmetrics-text;q=0,text/plain;q=0.1',
    'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
  ],
])('Accept: %s', (accept, contentType) => {
  expect(negotiateExposition(accept).contentType).toBe(contentType);
});

test('protobuf: every family behind its length, native histograms as they are', () => {
  const bytes = encodeFamily(
    {
      name: 'h',
      type: 'gaugehistogram',
      metrics: [
        { labels: [{ name: 'a', value: 'b' }], t: T, value: EXPONENTIAL },
        { labels: [], t: T, value: CUSTOM },
      ],
    },
    'underscores',
  );
  const payload = bytes.subarray(2);
  expect([...bytes.subarray(0, 2)]).toEqual([(payload.length & 0x7f) | 0x80, payload.length >>> 7]);
  const fields = fieldsOf(payload);
  expect(fields.get(3)).toEqual([5]);
  const [native, classic] = fields.get(4)!.map((metric) => fieldsOf(metric as Uint8Array));
  expect(native!.get(6)).toEqual([T]);
  const histogram = fieldsOf(native!.get(7)![0] as Uint8Array);
  expect([...histogram.keys()].sort((a, b) => a - b)).toEqual([2, 4, 5, 6, 8, 9, 11, 12, 14]);
  const buckets = fieldsOf(classic!.get(7)![0] as Uint8Array);
  expect([...buckets.keys()].sort((a, b) => a - b)).toEqual([2, 3, 4]);
  expect(buckets.get(3)!.length).toBe(3);
});

test('protobuf: a bare native histogram has a span that says it is one', () => {
  const bare: FloatHistogram = {
    ...EXPONENTIAL,
    zeroThreshold: 0,
    positiveSpans: [],
    negativeSpans: [],
    positiveCounts: [],
    negativeCounts: [],
  };
  const family: MetricFamily = {
    name: 'h',
    type: 'histogram',
    metrics: [{ labels: [], t: 1, value: bare }],
  };
  const metric = fieldsOf(encodeFamily(family, 'underscores').subarray(1)).get(4)![0];
  const histogram = fieldsOf(fieldsOf(metric as Uint8Array).get(7)![0] as Uint8Array);
  expect(histogram.get(12)?.length).toBe(1);
});

/** Fields by number: whole numbers as such, everything else as bytes. */
function fieldsOf(message: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const reader = new ProtobufReader(message, 'message');
  const fields = new Map<number, (number | Uint8Array)[]>();
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    fields.set(field, [...(fields.get(field) ?? []), valueOfField(reader)]);
  }
  return fields;
}

function valueOfField(reader: ProtobufReader): number | Uint8Array {
  switch (reader.wireType) {
    case 0:
      reader.varint();
      return reader.high * 2 ** 32 + reader.low;
    case 1:
      return reader.double();
    default: {
      const start = reader.bytesField();
      return reader.bytes.subarray(start, reader.position);
    }
  }
}
