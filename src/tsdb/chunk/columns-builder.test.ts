import { describe, expect, test } from 'vitest';
import { ColumnsBuilder } from './columns-builder.ts';
import { columnsOf, rowsOf, STALE } from './samples.arbitrary.ts';

const histogram = {
  kind: 'float' as const,
  resetHint: 0 as const,
  schema: 0,
  zeroThreshold: 0,
  sum: STALE,
  count: 1,
  zeroCount: 1,
  positiveSpans: [],
  negativeSpans: [],
  customValues: [],
  positiveCounts: [],
  negativeCounts: [],
};

const plain = columnsOf([1, 2, 3].map((t) => ({ t, value: t / 2 })));
const rich = columnsOf([
  { t: 4, value: STALE, startT: 1 },
  { t: 5, value: histogram },
  { t: 6, value: { high: 0xfff80000, low: 0xdead } },
]);

describe('a columns builder', () => {
  test('collects rows of columns that have different properties', () => {
    for (const order of [
      [plain, rich, plain],
      [rich, plain],
      [plain, plain],
    ]) {
      const builder = new ColumnsBuilder();
      for (const columns of order) builder.append(columns);
      expect(rowsOf(builder.columns())).toEqual(order.flatMap(rowsOf));
    }
  });

  test('grows and keeps every bit', () => {
    const builder = new ColumnsBuilder();
    const want: string[] = [];
    for (let i = 0; i < 700; i++) {
      const columns = i % 3 === 0 ? rich : plain;
      builder.append(columns, 1, 3);
      want.push(...rowsOf(columns).slice(1, 3));
    }
    expect(rowsOf(builder.columns())).toEqual(want);
    expect(rowsOf(builder.copy())).toEqual(want);
  });

  test('starts afresh after a reset', () => {
    const builder = new ColumnsBuilder();
    builder.append(rich);
    builder.reset();
    builder.append(plain);
    expect(builder.columns()).toMatchObject({ startT: undefined, histograms: undefined });
    builder.append(rich);
    expect(rowsOf(builder.columns())).toEqual([...rowsOf(plain), ...rowsOf(rich)]);
  });

  test('clips what was appended last, and drops what was first', () => {
    const builder = new ColumnsBuilder();
    builder.append(plain);
    builder.append(rich);
    builder.clip(3, 4, 5);
    expect(rowsOf(builder.columns())).toEqual([...rowsOf(plain), rowsOf(rich)[1]]);
    builder.dropFirst(2);
    expect(rowsOf(builder.columns())).toEqual([rowsOf(plain)[2], rowsOf(rich)[1]]);
    builder.append(plain);
    expect(rowsOf(builder.columns()).slice(2)).toEqual(rowsOf(plain));
    builder.clip(2, 2, 2);
    expect(builder.length).toBe(2);
  });
});
