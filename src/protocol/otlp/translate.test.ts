import { describe, expect, test } from 'vitest';
import {
  attributes,
  nanos,
  type OtlpObject,
  type OtlpRequest,
  otlpProtobuf,
  otlpRequest,
} from '../../../test/support/otlp.ts';
import {
  CUMULATIVE,
  DELTA,
  exponential,
  gauge,
  histogram,
  sum,
  T,
  type TranslateOptions,
  translate,
  values,
} from '../../../test/support/otlp-translation.ts';
import { labelsToObject, printLabels } from '../../model/labels.ts';
import { isStaleAt } from '../../model/stale.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import { NO_POINT, OtlpNames, type Translation, translateMetrics } from './index.ts';

describe('numbers', () => {
  test('gauges, sums and counters', () => {
    const { series, metadata, pointCount, refusedPoints } = translate(
      otlpRequest([
        gauge('memory.usage', { asDouble: 1.5 }, { unit: 'By', description: 'How much' }),
        sum('queue.size', {}, { asInt: '-3' }),
        sum('requests', { isMonotonic: true }, { startTimeUnixNano: nanos(T - 1000) }),
      ]),
    );
    expect(series.map(({ labels, samples }) => [printLabels(labels), samples.v[0]])).toEqual([
      ['memory_usage_bytes', 1.5],
      ['queue_size', -3],
      ['requests_total', 1],
    ]);
    expect(series.map(({ samples }) => [samples.t[0], samples.startT?.[0]])).toEqual([
      [T, undefined],
      [T, undefined],
      [T, T - 1000],
    ]);
    expect(metadata).toEqual([
      { metric: 'memory_usage_bytes', type: 'gauge', help: 'How much', unit: 'bytes' },
      { metric: 'queue_size', type: 'gauge', help: '', unit: '' },
      { metric: 'requests_total', type: 'counter', help: '', unit: '' },
    ]);
    expect({ pointCount, refusedPoints }).toEqual({ pointCount: 3, refusedPoints: 0 });
  });

  test('a point without a value is zero', () => {
    const metric = { name: 'x', gauge: { dataPoints: [{ timeUnixNano: nanos(T) }] } };
    expect(values(translate(otlpRequest([metric])))).toEqual({ x: 0 });
  });

  test('times are cut to milliseconds, and that is counted', () => {
    const { series, cutTimes } = translate(
      otlpRequest([
        gauge('a', { timeUnixNano: `${T}999999`, startTimeUnixNano: `${T - 1}500000` }),
        gauge('b', { timeUnixNano: '18446744073709551615' }),
        gauge('c', { timeUnixNano: '0' }),
      ]),
    );
    expect(series.map(({ samples }) => samples.t[0])).toEqual([T, 18_446_744_073_709, 0]);
    expect(series[0]!.samples.startT![0]).toBe(T - 1);
    expect(cutTimes).toBe(2);
  });

  test('integers that no double holds are counted', () => {
    const translation = translate(
      otlpRequest([
        gauge('a', { asDouble: undefined, asInt: '9007199254740993' }),
        gauge('b', { asDouble: undefined, asInt: '9223372036854775807' }),
        gauge('c', { asDouble: undefined, asInt: '-9223372036854775808' }),
        gauge('d', { asDouble: undefined, asInt: '9007199254740994' }),
      ]),
    );
    expect(values(translation)).toEqual({
      a: 9_007_199_254_740_992,
      b: 2 ** 63,
      c: -(2 ** 63),
      d: 9_007_199_254_740_994,
    });
    expect(translation.roundedIntegers).toBe(2);
  });

  test('no recorded value is a stale marker', () => {
    const { series } = translate(otlpRequest([gauge('a', { flags: 1 }), gauge('b', { flags: 2 })]));
    expect(series.map(({ samples }) => isStaleAt(samples.v, 0))).toEqual([true, false]);
  });

  test('a NaN keeps its bits in protobuf', () => {
    const body = otlpProtobuf(otlpRequest([gauge('a', { asDouble: 7.25 })]));
    const bits = Buffer.from([0, 0, 0, 0, 0, 0, 0x1d, 0x40]);
    Buffer.from([2, 0, 0, 0, 0, 0, 0xf0, 0x7f]).copy(body, body.indexOf(bits));
    const names = new OtlpNames();
    const { series } = translateMetrics(body, 'protobuf', names, { extraLabels: [] });
    expect(isStaleAt(series[0]!.samples.v, 0)).toBe(true);
  });
});

describe('labels', () => {
  const labelsOf = (
    point: readonly OtlpObject[],
    resource: Readonly<Record<string, string>>,
    options: TranslateOptions = {},
  ): Record<string, string> => {
    const request = otlpRequest([gauge('x', { attributes: point })], resource);
    const { series } = translate(request, options);
    return labelsToObject(series[0]!.labels);
  };

  test('values are texts', () => {
    const list = { arrayValue: { values: [{ intValue: '1' }, { stringValue: 'a' }, {}] } };
    const map = {
      kvlistValue: {
        values: [
          { key: 'b', value: { boolValue: false } },
          { key: 'a', value: { arrayValue: { values: [{ doubleValue: 0.5 }] } } },
        ],
      },
    };
    const point = [
      ...attributes({ text: 'a b', yes: true, no: false, whole: 42, part: 0.25 }),
      { key: 'large', value: { intValue: '9223372036854775807' } },
      { key: 'list', value: list },
      { key: 'map', value: map },
      { key: 'bytes', value: { bytesValue: '/w==' } },
      { key: 'empty', value: { stringValue: '' } },
      { key: 'nothing', value: {} },
      { key: 'none' },
    ];
    expect(labelsOf(point, {})).toEqual({
      __name__: 'x',
      text: 'a b',
      yes: 'true',
      no: 'false',
      whole: '42',
      part: '0.25',
      large: '9223372036854775807',
      list: '[1,"a",null]',
      map: '{"a":[0.5],"b":false}',
      bytes: '/w==',
    });
  });

  test('values of names that fall together are joined in the order of their keys', () => {
    const point = attributes({ 'a.b': '2', 'a-b': '1', a_b: '3', __name__: 'ignored' });
    expect(labelsOf(point, {})).toEqual({ __name__: 'x', a_b: '1;2;3' });
    expect(labelsOf(point, {}, { translationStrategy: 'NoTranslation' })).toEqual({
      __name__: 'x',
      'a.b': '2',
      'a-b': '1',
      a_b: '3',
    });
  });

  test('job and instance are of the resource, above attributes', () => {
    const point = attributes({ job: 'mine', instance: 'mine' });
    const resource = {
      'service.name': 'api',
      'service.namespace': 'shop',
      'service.instance.id': 'i-1',
    };
    expect(labelsOf(point, resource)).toEqual({
      __name__: 'x',
      job: 'shop/api',
      instance: 'i-1',
    });
    expect(labelsOf(point, { 'service.name': 'api' })).toMatchObject({
      job: 'api',
      instance: 'mine',
    });
    expect(labelsOf(point, { 'service.namespace': 'shop' })).toMatchObject({ job: 'mine' });
  });

  test('promoted attributes of the resource do not replace labels', () => {
    const resource = { 'cloud.region': 'eu', 'k8s.pod': 'p', other: 'o' };
    const point = attributes({ cloud_region: 'mine' });
    expect(
      labelsOf(point, resource, { promoteResourceAttributes: ['cloud.region', 'k8s.pod'] }),
    ).toEqual({ __name__: 'x', cloud_region: 'mine', k8s_pod: 'p' });
    expect(
      labelsOf(point, resource, {
        promoteAllResourceAttributes: true,
        ignoreResourceAttributes: ['other'],
      }),
    ).toEqual({ __name__: 'x', cloud_region: 'mine', k8s_pod: 'p' });
  });

  test('the scope, if it is wanted and has a name', () => {
    const scope = { name: 'lib', version: '1.2', attributes: attributes({ 'a.b': 'c' }) };
    const request = (of: OtlpObject): OtlpRequest => ({
      resourceMetrics: [
        { scopeMetrics: [{ scope: of, metrics: [gauge('x')], schemaUrl: 'https://s' }] },
      ],
    });
    const options = { promoteScopeMetadata: true };
    expect(values(translate(request(scope)))).toEqual({ x: 1 });
    expect(labelsToObject(translate(request(scope), options).series[0]!.labels)).toEqual({
      __name__: 'x',
      otel_scope_name: 'lib',
      otel_scope_version: '1.2',
      otel_scope_schema_url: 'https://s',
      otel_scope_a_b: 'c',
    });
    expect(values(translate(request({ ...scope, name: '' }), options))).toEqual({ x: 1 });
  });

  test('types and units, if they are wanted', () => {
    const metrics = [
      gauge('a', {}, { unit: 'By/s' }),
      sum('b', { isMonotonic: true }),
      histogram('c', { count: 1, bucketCounts: [1], explicitBounds: [] }),
    ];
    const { series } = translate(otlpRequest(metrics), { typeAndUnitLabels: true });
    expect(series.map(({ labels }) => printLabels(labels))).toEqual([
      'a_bytes_per_second{__type__="gauge", __unit__="bytes_per_second"}',
      'b_total{__type__="counter"}',
      'c_count{__type__="histogram"}',
      'c_bucket{__type__="histogram", le="+Inf"}',
    ]);
  });

  test('extra labels are above everything', () => {
    const extraLabels = [{ name: 'job', value: 'forced' }];
    expect(labelsOf([], { 'service.name': 'api' }, { extraLabels })).toMatchObject({
      job: 'forced',
    });
  });
});

describe('refusals of points', () => {
  const deep = (levels: number): OtlpObject =>
    levels === 0 ? { stringValue: 'x' } : { arrayValue: { values: [deep(levels - 1)] } };

  const CASES: readonly [
    what: string,
    metric: OtlpObject,
    reason: string,
    options?: TranslateOptions,
  ][] = [
    [
      'a key without a name',
      gauge('x', { attributes: attributes({ '': 'v' }) }),
      'invalid_label_name',
    ],
    [
      'a key of strange letters',
      gauge('x', { attributes: attributes({ 温度: 'v' }) }),
      'invalid_label_name',
    ],
    [
      'a value that is nested too deeply',
      gauge('x', { attributes: [{ key: 'a', value: deep(40) }] }),
      'invalid_label_value',
    ],
    [
      'too many attributes',
      gauge('x', {
        attributes: Array.from({ length: 70 }, (_, i) => attributes({ [`a${i}`]: 'v' })[0]!),
      }),
      'too_many_labels',
    ],
    [
      'far too many attributes',
      gauge('x', {
        attributes: Array.from({ length: 2000 }, (_, i) => attributes({ [`a${i}`]: 'v' })[0]!),
      }),
      'too_many_labels',
    ],
    ['a metric without a name', gauge(''), 'invalid_metric'],
    ['a metric of strange letters', gauge('温度'), 'invalid_metric'],
    [
      'a metric of a kind to come',
      { name: 'x', future: { dataPoints: [{}, {}] } },
      'invalid_metric',
    ],
    ['a sum of no temporality', sum('x', { aggregationTemporality: 0 }), 'unsupported_temporality'],
    ['a sum of deltas', sum('x', { aggregationTemporality: DELTA }), 'unsupported_temporality'],
    ['a temporality to come', sum('x', { aggregationTemporality: 7 }), 'unsupported_temporality'],
    [
      'an exponential histogram that is too coarse',
      exponential('x', { scale: -5, count: 1, positive: { offset: 0, bucketCounts: [1] } }),
      'invalid_histogram',
    ],
    [
      'buckets beyond all indices',
      exponential('x', {
        scale: 0,
        count: 1,
        positive: { offset: 2147483647, bucketCounts: [1, 1] },
      }),
      'invalid_histogram',
    ],
  ];

  test.each(CASES)('%s', (_, metric, reason, options) => {
    const good = [gauge('before'), gauge('after')] as const;
    const translation = translate(otlpRequest([good[0], metric, good[1]]), options);
    expect(values(translation)).toEqual({ before: 1, after: 1 });
    expect(translation.rejections).toMatchObject([{ reason, samples: 1 }]);
    expect(translation).toMatchObject({ pointCount: 3, refusedPoints: 1, points: [0, 2] });
  });

  test('what a resource cannot have as labels refuses its points alone', () => {
    const request = {
      resourceMetrics: [
        ...otlpRequest([gauge('a'), gauge('b')], { 温度: '1' }).resourceMetrics!,
        ...otlpRequest([gauge('c')], { region: 'eu' }).resourceMetrics!,
      ],
    };
    const translation = translate(request, { promoteAllResourceAttributes: true });
    expect(values(translation)).toEqual({ 'c{region="eu"}': 1 });
    expect(translation.refusedPoints).toBe(2);
  });

  test('bytes that are not UTF-8 refuse what they are in', () => {
    const metrics = [
      gauge('a', { attributes: attributes({ k: 'BROKEN' }) }),
      gauge('b', { attributes: attributes({ BROKEN: 'v' }) }),
      gauge('BROKEN'),
      gauge('c', {}, { unit: 'BROKEN' }),
      gauge('d', {}, { description: 'BROKEN' }),
      gauge('e'),
    ];
    const body = otlpProtobuf(otlpRequest(metrics));
    for (let at = body.indexOf('BROKEN'); at >= 0; at = body.indexOf('BROKEN', at)) body[at] = 0xff;
    const names = new OtlpNames();
    const { series, rejections, metadata, refusedPoints } = translateMetrics(
      body,
      'protobuf',
      names,
      { extraLabels: [] },
    );
    expect(series.map(({ labels }) => printLabels(labels))).toEqual(['d', 'e']);
    expect(refusedPoints).toBe(4);
    expect(rejections.map(({ reason }) => reason)).toEqual([
      'invalid_label_value',
      'invalid_label_value',
      'invalid_metric',
      'invalid_metric',
    ]);
    expect(metadata.map(({ help }) => help)).toEqual(['', '']);
  });

  test('a metric without points is a warning', () => {
    const empty = { name: 'x', gauge: { dataPoints: [] } };
    expect(translate(otlpRequest([empty]))).toMatchObject({
      pointCount: 0,
      refusedPoints: 0,
      warnings: ['metric "x" has no data points'],
    });
  });

  test('more series than a request may have', () => {
    const point = {
      timeUnixNano: nanos(T),
      count: 1,
      bucketCounts: Array(60_001).fill(0),
      explicitBounds: Array.from({ length: 60_000 }, (_, i) => i),
    };
    const metric = {
      name: 'x',
      histogram: { dataPoints: Array(9).fill(point), aggregationTemporality: CUMULATIVE },
    };
    const names = new OtlpNames();
    const body = otlpProtobuf(otlpRequest([metric]));
    expect(() => translateMetrics(body, 'protobuf', names, { extraLabels: [] })).toThrow(
      expect.objectContaining({ code: 'OTLP_TOO_MANY_SERIES', kind: 'bad_data' }),
    );
  });
});

test('more points than a request may have, although all of them are refused', () => {
  const sumOfEmpties = Buffer.alloc(2 * 1_000_001).fill(Buffer.from([0x0a, 0x00]));
  const writer = new ProtobufWriter();
  const starts = [1, 2, 2].map((field) => writer.beginMessage(field));
  writer.bytes(7, sumOfEmpties);
  for (const start of starts.reverse()) writer.endMessage(start);
  const names = new OtlpNames();
  expect(() => translateMetrics(writer.view(), 'protobuf', names, { extraLabels: [] })).toThrow(
    expect.objectContaining({ code: 'OTLP_TOO_MANY_ENTRIES' }),
  );
});

describe('exemplars', () => {
  const exemplarsOf = (exemplar: OtlpObject): unknown => {
    const request = otlpRequest([sum('x', { isMonotonic: true }, { exemplars: [exemplar] })]);
    const { series, rejections, refusedPoints } = translate(request);
    expect(refusedPoints).toBe(0);
    return [series[0]!.exemplars, rejections.map(({ exemplars }) => exemplars)];
  };

  test('ids in lower-case hex and attributes', () => {
    const exemplar = {
      timeUnixNano: nanos(T - 5),
      asInt: '7',
      traceId: '5B8EFFF798038103D269B633813FC60C',
      spanId: 'EEE19B7EC3C1B174',
      filteredAttributes: attributes({ 'user.id': 'u1' }),
    };
    expect(exemplarsOf(exemplar)).toEqual([
      [
        {
          t: T - 5,
          value: 7,
          labels: [
            { name: 'trace_id', value: '5b8efff798038103d269b633813fc60c' },
            { name: 'span_id', value: 'eee19b7ec3c1b174' },
            { name: 'user.id', value: 'u1' },
          ],
        },
      ],
      [],
    ]);
  });

  test('attributes that are too long go, ids stay', () => {
    const exemplar = {
      timeUnixNano: nanos(T),
      asDouble: 1,
      spanId: 'eee19b7ec3c1b174',
      filteredAttributes: attributes({ long: 'x'.repeat(110) }),
    };
    expect(exemplarsOf(exemplar)).toMatchObject([
      [{ labels: [{ name: 'span_id', value: 'eee19b7ec3c1b174' }] }],
      [],
    ]);
  });

  test('ids of zeros are none, and the time of the point stands in', () => {
    const exemplar = { asDouble: 1, traceId: '0'.repeat(32), spanId: '' };
    expect(exemplarsOf(exemplar)).toEqual([[{ t: T, value: 1, labels: [] }], []]);
  });

  test('a broken one is refused alone', () => {
    const exemplar = { asDouble: 1, traceId: 'ab'.repeat(40) };
    expect(exemplarsOf(exemplar)).toEqual([[], [1]]);
  });
});

describe('target_info', () => {
  const resource = {
    'service.name': 'api',
    'service.instance.id': 'i-1',
    'host.name': 'web 1',
    region: 'eu',
  };
  const infoOf = (translation: Translation): [string, number[]][] =>
    translation.series
      .filter((_, i) => translation.points[i] === NO_POINT)
      .map(({ labels, samples }) => [printLabels(labels), [...samples.t]]);

  test('one series for a resource, with a sample every half lookback', () => {
    const metrics = [
      gauge('a', { timeUnixNano: nanos(T + 400_000) }),
      gauge('b', { timeUnixNano: nanos(T) }),
    ];
    const translation = translate(otlpRequest(metrics, resource));
    expect(infoOf(translation)).toEqual([
      [
        'target_info{host_name="web 1", instance="i-1", job="api", region="eu"}',
        [T, T + 150_000, T + 300_000, T + 400_000],
      ],
    ]);
    const info = translation.series.at(-1)!;
    expect([...info.samples.v]).toEqual([1, 1, 1, 1]);
    expect(translation.metadata).toContainEqual({
      metric: 'target_info',
      type: 'gauge',
      help: 'Target metadata',
      unit: '',
    });
  });

  test('the same ones of several resources are written once', () => {
    const one = otlpRequest([gauge('a')], resource).resourceMetrics!;
    expect(infoOf(translate({ resourceMetrics: [...one, ...one] }))).toHaveLength(1);
  });

  test('identifying attributes stay if that is wanted', () => {
    const options = { keepIdentifyingResourceAttributes: true };
    const [[print] = ['']] = infoOf(translate(otlpRequest([gauge('a')], resource), options));
    expect(print).toContain('service_name="api"');
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['without other attributes', { 'service.name': 'api', 'service.instance.id': 'i' }],
    ['without job and instance', { region: 'eu' }],
    ['without attributes', {}],
  ])('none %s', (_, of) => {
    expect(infoOf(translate(otlpRequest([gauge('a')], of)))).toEqual([]);
  });

  test('none for a resource of which nothing is stored', () => {
    expect(infoOf(translate(otlpRequest([gauge('')], resource)))).toEqual([]);
  });

  test('an attribute that cannot be a label is told, and costs no point', () => {
    const request = otlpRequest([gauge('a')], { ...resource, 温度: '1' });
    const translation = translate(request);
    expect(translation.refusedPoints).toBe(0);
    expect(infoOf(translation)).toEqual([]);
    expect(translation.warnings).toEqual([expect.stringContaining('no target_info')]);
  });

  test('points that are years apart do not make millions of samples', () => {
    const metrics = [gauge('a', { timeUnixNano: nanos(1) }), gauge('b')];
    const [[, times] = ['', []]] = infoOf(translate(otlpRequest(metrics, resource)));
    expect(times).toEqual([T]);
  });
});

describe('deltas stored as they are', () => {
  test('of type unknown, histograms as gauges', () => {
    const metrics = [
      sum('a', { aggregationTemporality: DELTA, isMonotonic: true }),
      histogram('b', { count: 1, bucketCounts: [1], explicitBounds: [] }, DELTA),
    ];
    const { series, metadata } = translate(otlpRequest(metrics), {
      deltas: 'store',
      convertHistogramsToNhcb: true,
    });
    expect(series.map(({ labels }) => printLabels(labels))).toEqual(['a_total', 'b']);
    expect(metadata.map(({ type }) => type)).toEqual(['unknown', 'unknown']);
    expect(series[1]!.samples.histograms![0]!.resetHint).toBe(3);
  });
});

describe('senders of versions before 0.9', () => {
  const labels = [{ key: 'a.b', value: 'c' }];

  test('integers, doubles and histograms with labels', () => {
    const request = {
      resourceMetrics: [
        {
          resource: { attributes: attributes({ 'service.name': 'old' }) },
          instrumentationLibraryMetrics: [
            {
              instrumentationLibrary: { name: 'lib' },
              metrics: [
                {
                  name: 'ig',
                  intGauge: { dataPoints: [{ labels, timeUnixNano: nanos(T), value: '-5' }] },
                },
                {
                  name: 'dg',
                  doubleGauge: { dataPoints: [{ labels, timeUnixNano: nanos(T), value: 1.5 }] },
                },
                {
                  name: 'is',
                  intSum: {
                    dataPoints: [
                      {
                        labels,
                        startTimeUnixNano: nanos(T - 9),
                        timeUnixNano: nanos(T),
                        value: '7',
                      },
                    ],
                    aggregationTemporality: CUMULATIVE,
                    isMonotonic: true,
                  },
                },
                {
                  name: 'ds',
                  doubleSum: {
                    dataPoints: [{ labels, timeUnixNano: nanos(T), value: 2.5 }],
                    aggregationTemporality: CUMULATIVE,
                  },
                },
                {
                  name: 'ih',
                  intHistogram: {
                    dataPoints: [
                      {
                        labels,
                        timeUnixNano: nanos(T),
                        count: '3',
                        sum: '12',
                        bucketCounts: ['1', '2'],
                        explicitBounds: [5],
                      },
                    ],
                    aggregationTemporality: CUMULATIVE,
                  },
                },
                {
                  name: 'dh',
                  doubleHistogram: {
                    dataPoints: [{ labels, timeUnixNano: nanos(T), count: '1', sum: 0.5 }],
                    aggregationTemporality: CUMULATIVE,
                  },
                },
                {
                  name: 'su',
                  doubleSummary: {
                    dataPoints: [{ labels, timeUnixNano: nanos(T), count: '1', sum: 3 }],
                  },
                },
              ],
            },
          ],
        },
      ],
    };
    expect(values(translate(request))).toEqual({
      'ig{a_b="c", job="old"}': -5,
      'dg{a_b="c", job="old"}': 1.5,
      'is_total{a_b="c", job="old"}': 7,
      'ds{a_b="c", job="old"}': 2.5,
      'ih_sum{a_b="c", job="old"}': 12,
      'ih_count{a_b="c", job="old"}': 3,
      'ih_bucket{a_b="c", job="old", le="5"}': 1,
      'ih_bucket{a_b="c", job="old", le="+Inf"}': 3,
      'dh_sum{a_b="c", job="old"}': 0.5,
      'dh_count{a_b="c", job="old"}': 1,
      'dh_bucket{a_b="c", job="old", le="+Inf"}': 1,
      'su_sum{a_b="c", job="old"}': 3,
      'su_count{a_b="c", job="old"}': 1,
    });
  });

  test('the field that versions 0.15 to 0.19 moved scopes to', () => {
    const body = otlpProtobuf({
      resourceMetrics: [{ deprecatedLibraryMetrics: [{ metrics: [gauge('x')] }] }],
    });
    const translated = translateMetrics(body, 'protobuf', new OtlpNames(), { extraLabels: [] });
    expect(values(translated)).toEqual({ x: 1 });
  });
});

test('fields in any order', () => {
  const request = {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              {
                sum: {
                  isMonotonic: true,
                  dataPoints: [{ asInt: '3', timeUnixNano: nanos(T) }],
                  aggregationTemporality: CUMULATIVE,
                },
                unit: 'By',
                name: 'x',
              },
            ],
          },
        ],
        resource: { attributes: attributes({ 'service.name': 'late' }) },
      },
    ],
  };
  expect(values(translate(request))).toEqual({ 'x_bytes_total{job="late"}': 3 });
});
