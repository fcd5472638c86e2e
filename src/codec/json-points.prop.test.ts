// Points written by the kernel against String(): the same shortest digits, in Prometheus' form.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PointsWriter, type PointTimes } from './json-points.ts';
import { seededRandom } from './sample-shapes.ts';
import { threadKernel } from './thread-kernel.ts';

const parameters = {
  numRuns: Number(process.env.PROP_RUNS ?? 200),
  seed: Number(process.env.PROP_SEED ?? 1),
};

function floatText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** All points of a series, put together from what the writer gives. */
function written(writer: PointsWriter, values: Float64Array, present: Uint8Array): string {
  writer.start(values, present);
  let text = '';
  for (let bytes = writer.next(); bytes.length > 0; bytes = writer.next()) {
    expect(bytes.length).toBeLessThanOrEqual(65_536);
    text += Buffer.from(bytes).toString('latin1');
  }
  return text;
}

/** Seconds, with three decimals where they are not whole. */
function secondsText(t: number): string {
  const ms = BigInt(Math.abs(t));
  const whole = `${t < 0 ? '-' : ''}${ms / 1000n}`;
  return ms % 1000n === 0n ? whole : `${whole}.${String(ms % 1000n).padStart(3, '0')}`;
}

function expectedText(
  { startT, stepMs, count }: PointTimes,
  values: Float64Array,
  present: Uint8Array,
): string {
  const points = Array.from({ length: count }, (_, i) => {
    const time = secondsText(startT + i * stepMs);
    return present[i] === 1 ? `,[${time},"${floatText(values[i]!)}"]` : '';
  });
  return points.join('');
}

function timesOf(count: number, startT = 1_700_000_000_000, stepMs = 15_000): PointTimes {
  return { startT, stepMs, count };
}

function checkValues(values: Float64Array): void {
  const times = timesOf(values.length);
  const present = new Uint8Array(values.length).fill(1);
  const text = written(new PointsWriter(times), values, present);
  if (text === expectedText(times, values, present)) return;
  // One at a time, so that the message shows which.
  for (const value of values) {
    const writer = new PointsWriter(timesOf(1, 0));
    const one = written(writer, Float64Array.of(value), Uint8Array.of(1));
    expect(one).toBe(`,[0,"${floatText(value)}"]`);
  }
}

test.each<[text: string, value: number]>([
  ['0', 0],
  ['-0', -0],
  ['NaN', NaN],
  ['+Inf', Infinity],
  ['-Inf', -Infinity],
  ['0.000001', 1e-6],
  ['9.999999999999997e-07', 9.999999999999997e-7],
  ['1e-07', 1e-7],
  ['-1.5e-07', -1.5e-7],
  ['5e-324', 5e-324],
  ['2.2250738585072014e-308', 2.2250738585072014e-308],
  ['1.7976931348623157e+308', Number.MAX_VALUE],
  ['1e+21', 1e21],
  ['999999999999999900000', 999999999999999900000],
  ['1.5e+21', 1.5e21],
  ['9007199254740992', 2 ** 53],
  ['9007199254740994', 2 ** 53 + 2],
  ['1e+23', 1e23],
  ['99999999', 99999999],
  ['100000000', 1e8],
  ['-1234567.0001', -1234567.0001],
  ['0.1', 0.1],
  ['0.30000000000000004', 0.1 + 0.2],
  ['0.3333333333333333', 1 / 3],
])('%s', (text, value) => {
  const values = Float64Array.of(value);
  const writer = new PointsWriter(timesOf(1, 1500));
  expect(written(writer, values, Uint8Array.of(1))).toBe(`,[1.500,"${text}"]`);
});

const ROWS = 4096;

test.each<[shape: string, value: (random: () => number, i: number) => number]>([
  ['rates', (random) => (random() * 1e4) / 300],
  ['integers', (random) => Math.floor(random() * 10 ** Math.floor(random() * 17))],
  ['decimals', (random) => Math.round(random() * 1e6) / 10 ** Math.floor(random() * 9)],
  ['few decimals', (random) => Math.round(random() * 10 ** (1 + random() * 15)) / 1e4],
  ['large', (random) => random() * 2 ** (53 + random() * 20)],
  ['powers of ten', (_random, i) => Number(`${1 + (i % 9)}e${(i % 640) - 330}`)],
  ['powers of two', (_random, i) => (i % 2 === 0 ? 1 : -1) * 2 ** ((i % 2098) - 1074)],
  ['neighbours of powers of two', (_random, i) => 2 ** ((i % 2000) - 1000) * (1 - 2 ** -53)],
  [
    'neighbours of powers of ten',
    (_random, i) => 10 ** ((i % 60) - 25) * (1 + ((i % 7) - 3) * 2 ** -52),
  ],
])('%s', (_shape, value) => {
  const random = seededRandom(parameters.seed);
  checkValues(Float64Array.from({ length: ROWS }, (_, i) => value(random, i)));
});

test('any bits', () => {
  const random = seededRandom(parameters.seed);
  const words = new Uint32Array(2 * ROWS);
  for (let round = 0; round * 20 < parameters.numRuns; round++) {
    for (let i = 0; i < words.length; i++) words[i] = random() * 2 ** 32;
    // Every eighth is a denormal.
    for (let i = 1; i < words.length; i += 16) words[i] = words[i]! & 0x800fffff;
    checkValues(new Float64Array(words.buffer));
  }
});

test('steps without a float are left out', () => {
  const presence = fc.array(fc.constantFrom(0, 1, 2), { maxLength: 30 });
  const writers = new Map<number, PointsWriter>();
  fc.assert(
    fc.property(presence, fc.boolean(), (kinds, inKernel) => {
      const steps = kinds.length;
      const times = timesOf(steps, 1_435_781_430_781, 1001);
      const writer = writers.get(steps) ?? new PointsWriter(times);
      writers.set(steps, writer);
      const values = inKernel ? kernelValues : new Float64Array(30);
      const present = inKernel ? kernelPresent : new Uint8Array(30);
      for (const [i, kind] of kinds.entries()) {
        values[i] = i / 8;
        present[i] = kind;
      }
      expect(written(writer, values, present)).toBe(expectedText(times, values, present));
    }),
    parameters,
  );
});

const kernelValues = new Float64Array(threadKernel().buffer, threadKernel().take(240), 30);
const kernelPresent = new Uint8Array(threadKernel().buffer, threadKernel().take(30), 30);

test('many steps come in pieces', () => {
  const steps = 11_000;
  const times = timesOf(steps);
  const values = Float64Array.from({ length: steps }, (_, i) => Math.sqrt(i));
  const present = new Uint8Array(steps).fill(1);
  present.fill(0, 2000, 9000);
  const writer = new PointsWriter(times);
  const other = new PointsWriter(timesOf(1, 1000));
  for (let k = 0; k < 2; k++) {
    expect(written(writer, values, present)).toBe(expectedText(times, values, present));
    expect(written(other, Float64Array.of(2), Uint8Array.of(1))).toBe(',[1,"2"]');
  }
  expect(written(writer, values, new Uint8Array(steps))).toBe('');
});

test('times before 1970, of milliseconds, and as far away as there are any', () => {
  const limit = 2 ** 53;
  const t = fc.oneof(
    fc.constantFrom(0, -0, 1, -1, 999, 1000, -1000, 1001, 10_000, 99_999_999_000, 1e11, 1e12),
    fc.constantFrom(limit, -limit, limit - 1, 1e15, 9e15),
    fc.integer({ min: -2000, max: 2000 }),
    fc.integer({ min: 0, max: 4e12 }),
    fc.maxSafeInteger(),
  );
  const stepMs = fc.oneof(
    fc.constantFrom(1, 10, 100, 1000, 15_000),
    fc.integer({ min: 1, max: 1e9 }),
  );
  fc.assert(
    fc.property(t, stepMs, (startT, step) => {
      const times = timesOf(startT > limit - 3e9 ? 1 : 3, startT, step);
      const values = new Float64Array(3);
      const present = new Uint8Array(3).fill(1);
      const text = written(new PointsWriter(times), values, present);
      expect(text).toBe(expectedText(times, values, present));
    }),
    { ...parameters, numRuns: 10 * parameters.numRuns },
  );
});
