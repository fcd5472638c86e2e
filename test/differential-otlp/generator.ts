// Random requests of OpenTelemetry, one metric each, and random options, with a liking for what is odd: names that
// are units, attributes that fall together, labels that have a meaning.

import fc, { type Arbitrary } from 'fast-check';
import { TRANSLATION_STRATEGIES } from '../../src/protocol/otlp/index.ts';
import { attributes, nanos, type OtlpObject, type OtlpRequest } from '../support/otlp.ts';

/** Of all points. */
export const T = 1_700_000_000_000;

/** Under Prometheus' names. */
export interface CaseOptions {
  readonly strategy: (typeof TRANSLATION_STRATEGIES)[number];
  readonly promote: readonly string[];
  readonly promoteAll: boolean;
  readonly ignore: readonly string[];
  readonly keep: boolean;
  readonly nhcb: boolean;
  readonly scope: boolean;
  readonly sanitize: boolean;
  readonly preserve: boolean;
  readonly delta: boolean;
  readonly typeAndUnit: boolean;
}

export interface Case {
  readonly options: CaseOptions;
  readonly request: OtlpRequest;
}

const PIECES = [
  ...['a', 'b', 'http', 'total', 'ratio', 'seconds', 'bytes', '.', '_', '__', '-', ':', ' ', '5'],
  ...['ü', '温', '/', 'per', 'second', 'Total', '.total', 'x'],
];
const UNITS = [
  ...['', '1', 's', 'ms', 'By', 'By/s', 'm/s', '%', '{x}', '{x}/s', 'Cel', 'd', '/s', 's/', '°'],
  ...['a b', 's/s', ' s', 'KiBy/min', '__', '_a_', 'foo_/bar', 'foo/_'],
];
const KEYS = [
  ...['le', 'job', 'instance', '__name__', 'quantile', 'a.b', 'a_b', '__x__', '__y', '_', '_z'],
  ...['__a__b__', '1x'],
];
const BOUNDS = [0.005, 1, 1e21, 2.5e22, 1e23];

const pieces = (minLength: number): Arbitrary<string> =>
  fc.array(fc.constantFrom(...PIECES), { minLength, maxLength: 6 }).map((all) => all.join(''));
const name = pieces(1);
const unit = fc.oneof(fc.constantFrom(...UNITS), pieces(0));

const plainValue = fc.constantFrom<string | number | boolean>(
  ...['v', 'w', '', 'job', '<&>', 1, -2, 0.5, 1e21, 1e-7, true, 1e20, 123456789.125],
);
/** Values that are no scalars, or at the ends of their kinds. */
const oddValue = fc.constantFrom<OtlpObject>(
  {
    arrayValue: {
      values: [
        ...[{ intValue: '5' }, { stringValue: '<a>\u2028"\b\f' }, {}, { doubleValue: 1e21 }],
        ...[{ doubleValue: 0.1 }, { bytesValue: 'AAE=' }],
      ],
    },
  },
  {
    kvlistValue: {
      values: [
        { key: 'b', value: { boolValue: true } },
        { key: 'a', value: { kvlistValue: { values: [] } } },
        { key: 'b', value: { intValue: '9007199254740993' } },
      ],
    },
  },
  { bytesValue: '/+8=' },
  { intValue: '-9223372036854775808' },
  { doubleValue: 5e-324 },
  { arrayValue: {} },
);
const key = fc.oneof(name, fc.constantFrom(...KEYS));
const pointAttributes = fc
  .tuple(
    fc.uniqueArray(fc.tuple(key, plainValue), { maxLength: 4, selector: ([one]) => one }),
    fc.option(oddValue, { freq: 8 }),
  )
  .map(([plain, odd]) => [
    ...attributes(Object.fromEntries(plain)),
    ...(odd === null ? [] : [{ key: 'odd', value: odd }]),
  ]);

const exemplar = fc.record({
  asDouble: fc.constantFrom(0.001, 0.5, 3, 1e30),
  timeUnixNano: fc.constantFrom(nanos(T - 5), '0'),
  traceId: fc.constantFrom('', '5b8efff798038103d269b633813fc60c', '0'.repeat(32)),
  spanId: fc.constantFrom('', 'eee19b7ec3c1b174'),
  filteredAttributes: fc.constantFrom(
    attributes({}),
    attributes({ 'u.id': 'x', user: 'é' }),
    attributes({ long: 'x'.repeat(80) }),
  ),
});
/** Ascending, as senders have them. */
const exemplars = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  fc.array(exemplar, { maxLength: 3 }).map((all) => all.sort((a, b) => a.asDouble - b.asDouble)),
);

const head = {
  timeUnixNano: fc.constant(nanos(T)),
  startTimeUnixNano: fc.constant(nanos(T - 5000)),
  attributes: pointAttributes,
};
const flags = fc.constantFrom(0, 0, 0, 1);
/** Mostly one that is taken. */
const temporality = fc.constantFrom(0, 1, ...Array<number>(7).fill(2));
const counts = fc.array(fc.oneof(fc.constant(0), fc.nat(5)), { maxLength: 14 });
const total = (of: readonly number[]): number => of.reduce((sum, count) => sum + count, 0);

const number = fc
  .tuple(
    fc.record(head),
    fc.constantFrom<OtlpObject>(
      ...[{ asDouble: 1.5 }, { asInt: '-7' }, {}, { asDouble: 1, flags: 1 }],
      { asInt: '9007199254740993' },
    ),
  )
  .map(([of, value]): OtlpObject => ({ ...of, ...value }));

const histogram = fc
  .tuple(fc.record({ ...head, flags, exemplars }), counts, fc.boolean())
  .map(([of, bucketCounts, hasSum]): OtlpObject => {
    const explicitBounds = bucketCounts.slice(1).map((_, i) => BOUNDS[i] ?? 1e23 * (i + 1));
    const sum = hasSum ? { sum: 3.5 } : {};
    return { ...of, ...sum, count: total(bucketCounts), bucketCounts, explicitBounds };
  });

const exponential = fc
  .tuple(
    fc.record({ ...head, flags, exemplars }),
    fc.tuple(counts, fc.oneof(fc.constant([]), counts)),
    fc.record({
      scale: fc.integer({ min: -6, max: 12 }),
      offset: fc.integer({ min: -20, max: 20 }),
    }),
  )
  .map(([of, [above, below], { scale, offset }]): OtlpObject => {
    // Prometheus puts buckets behind empty ones into wrong places when it reduces a scale.
    const filled = (side: readonly number[]): number[] =>
      scale > 8 ? side.map((count) => Math.max(count, 1)) : [...side];
    const [positive, negative] = [filled(above), filled(below)];
    return {
      ...of,
      // It also refuses stale markers of scales that are too coarse.
      scale: of.flags === 0 ? scale : Math.max(scale, -4),
      sum: 4,
      count: 2 + total(positive) + total(negative),
      zeroCount: 2,
      positive: { offset, bucketCounts: positive },
      negative: { offset: -offset, bucketCounts: negative },
    };
  });

const summary = fc.record({ ...head, flags, count: fc.nat(9) }).map((of): OtlpObject => {
  const quantileValues = [0.5, 0.999, 0].map((quantile) => ({ quantile, value: quantile * 4 }));
  return { ...of, sum: 1, quantileValues };
});

const data: Arbitrary<OtlpObject> = fc.oneof(
  number.map((point) => ({ gauge: { dataPoints: [point] } })),
  fc
    .tuple(number, exemplars, temporality, fc.boolean())
    .map(([point, of, aggregationTemporality, isMonotonic]) => ({
      sum: { dataPoints: [{ ...point, exemplars: of }], aggregationTemporality, isMonotonic },
    })),
  fc.tuple(histogram, temporality).map(([point, aggregationTemporality]) => ({
    histogram: { dataPoints: [point], aggregationTemporality },
  })),
  fc.tuple(exponential, temporality).map(([point, aggregationTemporality]) => ({
    exponentialHistogram: { dataPoints: [point], aggregationTemporality },
  })),
  summary.map((point) => ({ summary: { dataPoints: [point] } })),
);

const metric = fc
  .tuple(name, unit, data)
  .map(([called, of, held]): OtlpObject => ({ name: called, unit: of, description: 'd', ...held }));

const resource = fc.constantFrom<Readonly<Record<string, string>>>(
  {},
  { 'service.name': 's' },
  { 'service.name': 's', 'service.namespace': 'n', 'service.instance.id': 'i', 'a.b': 'prom' },
  { 'service.instance.id': 'i', le: 'r', job: 'res', x: 'y' },
  { 'service.namespace': 'n', q: '1' },
  { 'service.name': 's', 'a.b': '1', a_b: '2' },
  { 'service.name': '', z: '' },
);
const scope = fc.constantFrom<OtlpObject>(
  {},
  { name: 'lib', version: '1', attributes: attributes({ 'k.k': 'v' }) },
  { name: 'lib', attributes: attributes({ name: 'mine' }) },
);

const options: Arbitrary<CaseOptions> = fc.record({
  strategy: fc.constantFrom(...TRANSLATION_STRATEGIES),
  promote: fc.constantFrom<string[]>([], ['a.b', 'le', 'job']),
  promoteAll: fc.boolean(),
  ignore: fc.constantFrom<string[]>([], ['x']),
  keep: fc.boolean(),
  nhcb: fc.boolean(),
  scope: fc.boolean(),
  sanitize: fc.boolean(),
  preserve: fc.boolean(),
  delta: fc.boolean(),
  typeAndUnit: fc.boolean(),
});

const oneCase: Arbitrary<Case> = fc
  .tuple(options, resource, scope, metric)
  .map(([how, of, within, what]) => ({
    options: how,
    request: {
      resourceMetrics: [
        {
          resource: { attributes: attributes(of) },
          scopeMetrics: [{ scope: within, schemaUrl: 'sch', metrics: [what] }],
        },
      ],
    },
  }));

export function randomCases(number: number, seed: number): Case[] {
  return fc.sample(oneCase, { numRuns: number, seed });
}
