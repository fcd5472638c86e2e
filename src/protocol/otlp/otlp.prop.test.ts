import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, FUZZ, hostileBytes } from '../../../test/support/arbitraries.ts';
import {
  type OtlpObject,
  type OtlpRequest,
  otlpJson,
  otlpProtobuf,
} from '../../../test/support/otlp.ts';
import type { AppError } from '../../runtime/error.ts';
import { DeltaStreams } from './delta.ts';
import {
  DEFAULT_OTLP_OPTIONS,
  OtlpNames,
  type OtlpOptions,
  TRANSLATION_STRATEGIES,
  type Translation,
  translateMetrics,
} from './index.ts';

const text = fc.oneof(
  fc.constantFrom(
    'a',
    'a.b',
    'service.name',
    'service.instance.id',
    '',
    '__name__',
    'le',
    '温',
    '1x',
  ),
  fc.string({ maxLength: 6, unit: 'binary' }),
);
/** JSON has one NaN and no minus zero that protobuf would tell apart. */
const double = fc
  .oneof(fc.integer({ min: -9, max: 99 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => (Object.is(value, -0) ? 0 : value));
const uint64 = fc.oneof(
  fc.nat(20).map(String),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
);
const int64 = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
);
const int32 = fc.oneof(fc.integer({ min: -8, max: 12 }), fc.integer());
const hex = fc.uint8Array({ maxLength: 17 }).map((bytes) => Buffer.from(bytes).toString('hex'));

const { value: anyValue } = fc.letrec<{ value: OtlpObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text.map((stringValue) => ({ stringValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    int64.map((intValue) => ({ intValue })),
    double.map((doubleValue) => ({ doubleValue })),
    fc.uint8Array({ maxLength: 4 }).map((b) => ({ bytesValue: Buffer.from(b).toString('base64') })),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
    fc
      .array(fc.record({ key: text, value: tie('value') }), { maxLength: 3 })
      .map((values) => ({ kvlistValue: { values } })),
    fc.constant({}),
  ),
}));
const attributes = fc.array(fc.record({ key: text, value: anyValue }, { requiredKeys: [] }), {
  maxLength: 4,
});

function some(model: Readonly<Record<string, Arbitrary<unknown>>>): Arbitrary<OtlpObject> {
  return fc.record(model, { requiredKeys: [] }) as Arbitrary<OtlpObject>;
}

const exemplars = fc.array(
  some({
    timeUnixNano: uint64,
    asDouble: double,
    spanId: hex,
    traceId: hex,
    filteredAttributes: attributes,
  }),
  { maxLength: 2 },
);
const head = { startTimeUnixNano: uint64, timeUnixNano: uint64, attributes, flags: fc.nat(3) };
const list = <T>(of: Arbitrary<T>): Arbitrary<T[]> => fc.array(of, { maxLength: 5 });
const buckets = some({ offset: int32, bucketCounts: list(uint64) });

const number = fc.oneof(
  some({ ...head, asDouble: double, exemplars }),
  some({ ...head, asInt: int64, exemplars }),
);
const histogramPoint = some({
  ...head,
  count: uint64,
  sum: double,
  bucketCounts: list(uint64),
  explicitBounds: list(double),
  exemplars,
});
const exponentialPoint = some({
  ...head,
  count: uint64,
  sum: double,
  scale: int32,
  zeroCount: uint64,
  positive: buckets,
  negative: buckets,
  zeroThreshold: double,
  exemplars,
});
const summaryPoint = some({
  ...head,
  count: uint64,
  sum: double,
  quantileValues: list(some({ quantile: double, value: double })),
});
const aggregationTemporality = fc.nat(3);
const data = fc.oneof(
  some({ dataPoints: list(number) }).map((gauge) => ({ gauge })),
  some({ dataPoints: list(number), aggregationTemporality, isMonotonic: fc.boolean() }).map(
    (sum) => ({ sum }),
  ),
  some({ dataPoints: list(histogramPoint), aggregationTemporality }).map((histogram) => ({
    histogram,
  })),
  some({ dataPoints: list(exponentialPoint), aggregationTemporality }).map(
    (exponentialHistogram) => ({
      exponentialHistogram,
    }),
  ),
  some({ dataPoints: list(summaryPoint) }).map((summary) => ({ summary })),
);
const metric = fc
  .tuple(
    some({
      name: text,
      unit: fc.constantFrom('s', 'By/s', '1', '', '{x}', '°'),
      description: text,
    }),
    data,
  )
  .map(([described, held]) => ({ ...described, ...held }));
const scope = some({
  scope: some({ name: text, version: text, attributes }),
  metrics: list(metric),
  schemaUrl: text,
});
const request: Arbitrary<OtlpRequest> = fc.record({
  resourceMetrics: fc.array(some({ resource: some({ attributes }), scopeMetrics: list(scope) }), {
    maxLength: 3,
  }),
});

const options: Arbitrary<OtlpOptions> = fc.record({
  translationStrategy: fc.constantFrom(...TRANSLATION_STRATEGIES),
  promoteResourceAttributes: fc.constant(['a', 'le']),
  promoteAllResourceAttributes: fc.boolean(),
  ignoreResourceAttributes: fc.constant(['a.b']),
  keepIdentifyingResourceAttributes: fc.boolean(),
  convertHistogramsToNhcb: fc.boolean(),
  promoteScopeMetadata: fc.boolean(),
  labelNameUnderscoreSanitization: fc.boolean(),
  labelNamePreserveMultipleUnderscores: fc.boolean(),
  deltas: fc.constantFrom('refuse', 'store', 'accumulate'),
  typeAndUnitLabels: fc.boolean(),
  lookbackDelta: fc.constant(300_000),
  maxLabels: fc.constantFrom(3, 64),
});

function translate(body: Uint8Array, encoding: 'protobuf' | 'json', names: OtlpNames): Translation {
  const deltas = new DeltaStreams({ maxSeries: 100, maxIdle: 1000 });
  return translateMetrics(body, encoding, names, { extraLabels: [], deltas });
}

function view({ series, ...rest }: Translation): unknown {
  return {
    ...rest,
    series: series.map(({ labels, samples, exemplars: of }) => ({
      labels,
      of,
      rows: bitsOf(samples),
    })),
  };
}

function checkWhole({ series, points, refusedPoints, pointCount, rejections }: Translation): void {
  expect(points).toHaveLength(series.length);
  expect(new Set(points.filter((point) => point >= 0)).size + refusedPoints).toBe(pointCount);
  const refused = rejections.reduce(
    (sum, { samples, histograms }) => sum + samples + histograms,
    0,
  );
  expect(refused).toBe(refusedPoints);
  for (const { labels, samples } of series) {
    expect(samples.length).toBeGreaterThan(0);
    labels.forEach(({ name, value }, i) => {
      expect(value).not.toBe('');
      if (i > 0) expect(name).not.toBe(labels[i - 1]!.name);
    });
  }
}

describe('OTLP', () => {
  it('protobuf and JSON say the same, and every point is stored or refused', () => {
    fc.assert(
      fc.property(request, options, (of, how) => {
        const names = new OtlpNames(how);
        const translation = translate(otlpProtobuf(of), 'protobuf', names);
        checkWhole(translation);
        expect(view(translate(otlpJson(of), 'json', names))).toEqual(view(translation));
      }),
      { numRuns: 1000, seed: FUZZ.seed },
    );
  });

  it('the defaults are among the options', () => {
    expect(Object.keys(DEFAULT_OTLP_OPTIONS).sort()).toEqual(
      Object.keys(fc.sample(options, 1)[0]!).sort(),
    );
  });
});

describe('hostile OTLP', () => {
  const requests: readonly OtlpRequest[] = fc.sample(request, { numRuns: 60, seed: FUZZ.seed });
  const [how] = fc.sample(options, { numRuns: 1, seed: FUZZ.seed }) as [OtlpOptions];

  it.each<['protobuf' | 'json', Uint8Array[], string]>([
    ['protobuf', requests.map(otlpProtobuf), 'PROTOBUF_MALFORMED'],
    ['json', requests.map(otlpJson), 'JSON_MALFORMED'],
  ])('%s is translated or refused as malformed', (encoding, seeds, code) => {
    const names = [new OtlpNames({ ...how, deltas: 'accumulate' }), new OtlpNames()];
    let refused = 0;
    let run = 0;
    fc.assert(
      fc.property(hostileBytes(seeds), (bytes) => {
        let translation: Translation;
        try {
          translation = translate(bytes, encoding, names[run++ % names.length]!);
        } catch (error) {
          expect((error as AppError).code).toBe(code);
          refused++;
          return;
        }
        checkWhole(translation);
      }),
      FUZZ,
    );
    expect(refused).toBeGreaterThan(0);
  });
});
