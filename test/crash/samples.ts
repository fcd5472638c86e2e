// Rows for the crash writer: values of every bit pattern and valid native histograms of every kind.

import {
  type NativeHistogram,
  type RawFloat64,
  ResetHint,
  rawFloat64,
} from '../../src/model/native-histogram.ts';
import type { SampleColumns } from '../../src/model/sample.ts';
import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../src/model/stale.ts';
import type { Random } from '../support/random.ts';

/** What one row holds. */
export type RowValue = RawFloat64 | NativeHistogram;

/** Bit patterns that arithmetic would not bring through. */
const SPECIAL: readonly RawFloat64[] = [
  { high: STALE_NAN_HIGH, low: STALE_NAN_LOW },
  { high: 0x7ff8_0000, low: 1 },
  { high: 0xfff8_1234, low: 0x5678_9abc },
  { high: 0x7ff0_0000, low: 0 },
  { high: 0xfff0_0000, low: 0 },
  { high: 0x8000_0000, low: 0 },
  { high: 0, low: 1 },
];

/** A float that no other row of the run has, or a special one. */
export function randomFloat(random: Random, serial: number): RawFloat64 {
  if (random.oneIn(20)) return random.pick(SPECIAL);
  return rawFloat64(random.oneIn(2) ? serial : serial + random.below(1000) / 1000);
}

export function randomHistogram(random: Random, serial: number): NativeHistogram {
  const kind = random.below(3);
  const counts = [1 + random.below(9), random.below(90), serial];
  const total = counts.reduce((sum, count) => sum + count, 0);
  const common = {
    resetHint: ResetHint.unknown,
    sum: rawFloat64(serial / 8),
    negativeSpans: [],
    negativeCounts: [],
  };
  if (kind === 0) {
    return {
      ...common,
      kind: 'float',
      schema: random.between(-4, 8),
      zeroThreshold: 0.001,
      positiveSpans: [
        { offset: random.between(-5, 5), length: 2 },
        { offset: 3, length: 1 },
      ],
      customValues: [],
      count: total + 1.5,
      zeroCount: 1.5,
      positiveCounts: counts,
    };
  }
  const isCustom = kind === 1;
  return {
    ...common,
    kind: 'integer',
    schema: isCustom ? -53 : random.between(-4, 8),
    zeroThreshold: isCustom ? 0 : 0.001,
    positiveSpans: [{ offset: isCustom ? 0 : random.between(-5, 5), length: 3 }],
    customValues: isCustom ? [0.5, 2.5] : [],
    count: BigInt(total),
    zeroCount: 0n,
    positiveCounts: counts.map(BigInt),
  };
}

/** Columns of rows in the order given. */
export function columnsOf(rows: readonly { t: number; value: RowValue }[]): SampleColumns {
  const t = Float64Array.from(rows, (row) => row.t);
  const halves = new Uint32Array(rows.length * 2);
  const histograms: (NativeHistogram | undefined)[] = [];
  rows.forEach(({ value }, i) => {
    const isHistogram = 'kind' in value;
    histograms.push(isHistogram ? value : undefined);
    if (isHistogram) return;
    halves[2 * i] = value.low;
    halves[2 * i + 1] = value.high;
  });
  const v = new Float64Array(halves.buffer);
  const hasHistograms = histograms.some((histogram) => histogram !== undefined);
  return {
    length: rows.length,
    t,
    v,
    startT: undefined,
    histograms: hasHistograms ? histograms : undefined,
  };
}
