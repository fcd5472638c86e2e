// Random series that any store must take and give back bit by bit: every bit pattern of floats, every
// kind of native histogram, start timestamps, and runs of the shapes that codecs treat specially.

import fc, { type Arbitrary } from 'fast-check';
import type { Exemplar } from '../../src/model/exemplar.ts';
import { type Label, labelsFromObject } from '../../src/model/labels.ts';
import {
  CUSTOM_BUCKETS_SCHEMA,
  type FloatHistogram,
  type IntegerHistogram,
  type NativeHistogram,
} from '../../src/model/native-histogram.ts';
import { staleHistogram } from '../../src/model/native-histogram-stale.ts';
import { validateHistogram } from '../../src/model/native-histogram-validate.ts';
import { DAY_MS } from '../../src/model/time-range.ts';
import { floatHistogram, integerHistogram, type Row, rawBits } from '../support/arbitraries.ts';

/** Counts that are not negative and sum to the count, and no more than custom buckets may have. */
function madeValid(of: NativeHistogram): NativeHistogram {
  return of.kind === 'float' ? validFloat(of) : validInteger(of);
}

function validFloat(of: FloatHistogram): FloatHistogram {
  const isCustom = of.schema === CUSTOM_BUCKETS_SCHEMA;
  return {
    ...of,
    ...layoutOf(of),
    positiveCounts: of.positiveCounts.map(Math.abs),
    negativeCounts: isCustom ? [] : of.negativeCounts.map(Math.abs),
    zeroCount: isCustom ? 0 : Math.abs(of.zeroCount),
    count: Math.abs(of.count),
  };
}

function validInteger(of: IntegerHistogram): IntegerHistogram {
  const isCustom = of.schema === CUSTOM_BUCKETS_SCHEMA;
  // A few of these must not pass what 64 bits hold.
  const small = (n: bigint): bigint => BigInt.asUintN(58, n);
  const positiveCounts = of.positiveCounts.map(small);
  const negativeCounts = isCustom ? [] : of.negativeCounts.map(small);
  const zeroCount = isCustom ? 0n : small(of.zeroCount);
  let count = zeroCount;
  for (const n of [...positiveCounts, ...negativeCounts]) count += n;
  return { ...of, ...layoutOf(of), positiveCounts, negativeCounts, zeroCount, count };
}

type Layout = Pick<
  NativeHistogram,
  'positiveSpans' | 'negativeSpans' | 'zeroThreshold' | 'customValues'
>;

/** Custom buckets have bounds enough for their spans, and nothing on the negative side. */
function layoutOf(of: NativeHistogram): Layout {
  const { positiveSpans, negativeSpans, zeroThreshold } = of;
  if (of.schema !== CUSTOM_BUCKETS_SCHEMA) {
    return { positiveSpans, negativeSpans, zeroThreshold, customValues: [] };
  }
  const spans = positiveSpans.map(({ offset, length }) => ({
    offset: Math.abs(offset % 5),
    length,
  }));
  const reach = spans.reduce((sum, { offset, length }) => sum + offset + length, 0);
  const customValues = Array.from({ length: reach }, (_, i) => i * 1.25 - 2);
  return { positiveSpans: spans, negativeSpans: [], zeroThreshold: 0, customValues };
}

const anyHistogram: Arbitrary<NativeHistogram> = fc
  .oneof(
    { weight: 4, arbitrary: integerHistogram },
    { weight: 3, arbitrary: floatHistogram },
    { weight: 1, arbitrary: fc.constantFrom(staleHistogram('integer'), staleHistogram('float')) },
  )
  .map((one) => madeValid(one))
  .filter((one) => validateHistogram(one) === undefined);

const NO_VALUE = { low: 0, high: 0 };

type Value = Pick<Row, 'raw' | 'histogram'>;

const float: Arbitrary<Value> = rawBits.map((raw) => ({ raw, histogram: undefined }));
const native: Arbitrary<Value> = anyHistogram.map((histogram) => ({ raw: NO_VALUE, histogram }));

function floatOf(value: number): Value {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return { raw: { high: view.getUint32(0), low: view.getUint32(4) }, histogram: undefined };
}

/** A counter, a gauge with decimals or a constant, interrupted by any bits. */
const steady: Arbitrary<Value[]> = fc
  .tuple(
    fc.constantFrom<(i: number, n: number) => number>(
      (i, n) => n * i,
      (i, n) => n + (i % 7) * 0.01,
      (_, n) => n,
      (i, n) => 2 ** 53 + i * n,
      (i, n) => n * 1e-9 * i * i,
    ),
    fc.integer({ min: -1000, max: 1_000_000 }),
    fc.integer({ min: 1, max: 200 }),
    fc.array(fc.tuple(fc.nat(200), float), { maxLength: 5 }),
  )
  .map(([shape, n, length, exceptions]) => {
    const values = Array.from({ length }, (_, i) => floatOf(shape(i, n)));
    for (const [at, value] of exceptions) if (at < length) values[at] = value;
    return values;
  });

/** One histogram that grows, as a scraped one does. */
const growing: Arbitrary<Value[]> = fc
  .tuple(anyHistogram, fc.array(fc.nat(5), { maxLength: 50 }))
  .map(([first, steps]) => {
    let last = first;
    const all = [first];
    for (const step of steps) {
      if (last.kind === 'integer') {
        const positiveCounts = last.positiveCounts.map((n) => n + BigInt(step));
        const more = BigInt(step * positiveCounts.length);
        last = { ...last, positiveCounts, count: last.count + more };
      } else {
        last = { ...last, positiveCounts: last.positiveCounts.map((n) => n + step) };
      }
      all.push(last);
    }
    return all
      .filter((one) => validateHistogram(one) === undefined)
      .map((histogram) => ({ raw: NO_VALUE, histogram }));
  });

const values: Arbitrary<Value[]> = fc.oneof(
  fc.array(float, { minLength: 1, maxLength: 150 }),
  fc.array(native, { minLength: 1, maxLength: 20 }),
  fc.array(fc.oneof(float, native), { minLength: 1, maxLength: 40 }),
  steady,
  growing,
);

/** A series of which every time comes once. */
export interface ExactSeries {
  readonly labels: readonly Label[];
  /** In order of time. */
  readonly rows: readonly Row[];
  readonly exemplars: readonly Exemplar[];
}

const text = fc.oneof(
  fc.constantFrom('job', 'a b', 'é', '世界', '😀', '"\\\n', '\u0000'),
  fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }),
);

/** Series with times in the two days before `until`; no two have the same labels. */
export function exactSeries(until: number): Arbitrary<ExactSeries[]> {
  const one = fc.record({
    labels: fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: false }),
    values,
    stepMs: fc.constantFrom(1, 7, 15_000, 60_000, 600_000),
    jitterMs: fc.constantFrom(0, 0, 3),
    startT: fc.constantFrom('none', 'constant', 'each'),
    exemplars: fc.array(fc.double({ noNaN: true }), { maxLength: 3 }),
  });
  return fc.array(one, { minLength: 1, maxLength: 5 }).map((all) =>
    all.map(({ labels, values: list, stepMs, jitterMs, startT, exemplars }, n) => {
      const firstT = until - Math.min(2 * DAY_MS - 1, list.length * stepMs + 10);
      const timeOf = (i: number): number =>
        Math.min(until, firstT + i * stepMs + (stepMs > 7 ? (i * 31) % (jitterMs + 1) : 0));
      const rows = list.map((value, i) => ({
        ...value,
        t: timeOf(i),
        startT: startT === 'none' ? 0 : startT === 'constant' ? firstT - 1 : timeOf(i) - 1,
      }));
      return {
        labels: labelsFromObject({ ...labels, __name__: `metric_${n}` }),
        rows: rows.filter(({ t }, i) => i === 0 || t > rows[i - 1]!.t),
        exemplars: exemplars.map((value, i) => ({
          labels: [{ name: 'trace', value: `t${i}` }],
          value,
          t: firstT + i,
        })),
      };
    }),
  );
}
