// Instant selectors of the kernel against the plain lookup, and columns without their stale markers.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitsOf } from '../../codec/sample-shapes.ts';
import { threadKernel } from '../../codec/thread-kernel.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { isStaleAt, setStaleAt } from '../../model/stale.ts';
import { newStepSeries, type StepSeries } from '../eval/step-series.ts';
import { KernelRows, lookbackValues, withoutStaleFloats } from './index.ts';

const parameters = {
  numRuns: Number(process.env.PROP_RUNS ?? 300),
  seed: Number(process.env.PROP_SEED ?? 1),
};

const START_T = 1_700_000_000_000;
const MAX_ROWS = 50;

const address = threadKernel().take(MAX_ROWS * 16);
const { buffer } = threadKernel();
const kernelT = new Float64Array(buffer, address, MAX_ROWS);
const kernelV = new Float64Array(buffer, address + MAX_ROWS * 8, MAX_ROWS);

type Row = readonly [gap: number, value: number | 'stale'];

const series = fc.array(
  fc.tuple(
    fc.oneof(fc.constant(15_000), fc.integer({ min: 1, max: 400_000 })),
    fc.oneof({ weight: 4, arbitrary: fc.double() }, fc.constant('stale' as const)),
  ),
  { maxLength: MAX_ROWS },
);

function columnsOf(rows: readonly Row[], inKernel: boolean): SampleColumns {
  const t = inKernel ? kernelT : new Float64Array(rows.length + 1);
  const v = inKernel ? kernelV : new Float64Array(rows.length + 1);
  let at = START_T;
  for (const [i, [gap, value]] of rows.entries()) {
    at += gap;
    t[i] = at;
    if (value === 'stale') setStaleAt(v, i);
    else v[i] = value;
  }
  return { length: rows.length, t, v, startT: undefined, histograms: undefined };
}

/** The newest row in (time − lookbackMs, time], -1 if there is none or it is a marker. */
function plainLookup({ length, t, v }: SampleColumns, time: number, lookbackMs: number): number {
  for (let i = length - 1; i >= 0; i--) {
    if (t[i]! > time) continue;
    return t[i]! > time - lookbackMs && !isStaleAt(v, i) ? i : -1;
  }
  return -1;
}

function shown({ present, values }: StepSeries): (number | undefined)[] {
  return Array.from(present, (kind, i) => (kind === 0 ? undefined : values[i]));
}

const times = fc.record({
  firstT: fc.integer({ min: START_T - 1000, max: START_T + 1_000_000 }),
  stepMs: fc.oneof(fc.constantFrom(0, 15_000), fc.integer({ min: 1, max: 300_000 })),
  count: fc.integer({ min: 1, max: 40 }),
});

test('the newest sample within the lookback', () => {
  fc.assert(
    fc.property(
      series,
      times,
      fc.integer({ min: 1, max: 600_000 }),
      fc.boolean(),
      fc.boolean(),
      (rows, at, lookbackMs, inKernel, outInKernel) => {
        const samples = columnsOf(rows, inKernel);
        const memory = new KernelRows(at.count);
        const out = outInKernel ? memory.row([]) : newStepSeries([], at.count);
        const found = lookbackValues(samples, at, lookbackMs, out);
        const expected = Array.from({ length: at.count }, (_, i) => {
          const row = plainLookup(samples, at.firstT + i * at.stepMs, lookbackMs);
          return row < 0 ? undefined : samples.v[row];
        });
        expect(shown(out)).toEqual(expected);
        expect(found).toBe(expected.filter((value) => value !== undefined).length);
        memory.close();
      },
    ),
    parameters,
  );
});

test('histograms are left to others', () => {
  const samples = { ...columnsOf([[1, 2]], true), histograms: [undefined] };
  const at = { firstT: START_T, stepMs: 0, count: 1 };
  expect(lookbackValues(samples, at, 1000, newStepSeries([], 1))).toBe(-1);
  expect(withoutStaleFloats(samples)).toBeUndefined();
});

test('markers are taken out, storage keeps its columns', () => {
  fc.assert(
    fc.property(series, (rows) => {
      const samples = columnsOf(rows, true);
      const before = bitsOf(kernelV);
      const kept = withoutStaleFloats(samples)!;
      expect(bitsOf(kernelV)).toEqual(before);
      const wanted = [...rows.keys()].filter((i) => rows[i]![1] !== 'stale');
      expect([...kept.t.subarray(0, kept.length)]).toEqual(wanted.map((i) => kernelT[i]));
      const keptBits = bitsOf(kept.v.subarray(0, kept.length));
      expect([...keptBits]).toEqual(wanted.map((i) => before[i]));
      if (wanted.length === rows.length) expect(kept.v).toBe(samples.v);
    }),
    parameters,
  );
});
