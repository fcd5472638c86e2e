import { describe, expect, test } from 'vitest';
import { SERIES_PER_TARGET, seriesLabels, targetLabels, targetShape } from '../../bench/shape.ts';
import { Movement, TargetValues } from '../../bench/values.ts';
import { compareLabels, printLabels } from '../../src/model/labels.ts';

const START_T = 1_700_000_000_000;

/** Values of `ticks` ticks of one target, by series. */
function history(target: number, ticks: number): number[][] {
  const shape = targetShape();
  const values = new TargetValues(shape, target);
  const columns: number[][] = shape.map(() => []);
  for (let tick = 0; tick < ticks; tick++) {
    for (const [i, value] of values.next(START_T + tick * 15_000).entries())
      columns[i]!.push(value);
  }
  return columns;
}

/** Least number of decimals that print the value, at most `limit`. */
function decimalsOf(value: number, limit: number): number {
  for (let digits = 0; digits < limit; digits++) {
    if (Number(value.toFixed(digits)) === value) return digits;
  }
  return limit;
}

describe('labels', () => {
  const labels = targetShape().map((series) => seriesLabels(targetLabels(7), series));

  test('500 series of 9.7 labels, all different', () => {
    expect(labels).toHaveLength(SERIES_PER_TARGET);
    expect(new Set(labels.map(printLabels)).size).toBe(SERIES_PER_TARGET);
    const total = labels.reduce((sum, { length }) => sum + length, 0);
    expect((total / SERIES_PER_TARGET).toFixed(1)).toBe('9.7');
  });

  test('zero to three labels of their own', () => {
    const counts = new Set(targetShape().map(({ ownLabels }) => ownLabels.length));
    expect([...counts].sort()).toEqual([0, 1, 2, 3]);
  });

  test('targets differ in instance and pod', () => {
    for (const name of ['instance', 'pod']) {
      const values = Array.from({ length: 2000 }, (_, target) =>
        targetLabels(target).find((label) => label.name === name),
      );
      expect(new Set(values.map((label) => label?.value)).size).toBe(2000);
    }
    expect(compareLabels(targetLabels(1), targetLabels(2))).not.toBe(0);
    expect(targetLabels(1)).toEqual(targetLabels(1));
  });
});

describe('values', () => {
  const shape = targetShape();
  const columns = history(3, 20);
  const of = (movement: Movement, multiplier = 1, decimals = 0): number[][] =>
    columns.filter((_, i) => {
      const one = shape[i]!;
      const isSame = one.movement === movement && one.multiplier === multiplier;
      return isSame && one.divisor === 10 ** decimals;
    });
  const isConstant = (column: number[]): boolean => new Set(column).size === 1;
  const isGrowing = (column: number[]): boolean =>
    column.every((value, i) => i === 0 || value >= column[i - 1]!);

  test.each([
    ['constants', of(Movement.constant), 144],
    ['integer counters', of(Movement.counter), 73],
    ['counters of sectors', of(Movement.counter, 512), 8],
    ['buckets', of(Movement.bucket), 96],
    ['histogram counts', of(Movement.observations), 8],
    ['counters with 2 decimals', of(Movement.counter, 1, 2), 49],
    ['counters with 3 decimals', of(Movement.counter, 1, 3), 12],
    ['counters with 9 decimals', of(Movement.counter, 1, 9), 10],
    ['gauges of pages', of(Movement.gauge, 4096), 46],
    ['integer gauges', of(Movement.gauge), 20],
    [
      'gauges with decimals',
      [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((n) => of(Movement.gauge, 1, n)),
      14,
    ],
    ['sums', of(Movement.sum), 9],
    ['ratios', of(Movement.ratio), 10],
    ['clocks', of(Movement.clock), 1],
  ])('%s', (_, found, count) => {
    expect(found).toHaveLength(count);
  });

  test('move as their kinds say', () => {
    expect(of(Movement.constant).every(isConstant)).toBe(true);
    expect(of(Movement.gauge, 4096).every((column) => !isConstant(column))).toBe(true);
    for (const movement of [Movement.counter, Movement.bucket, Movement.sum, Movement.clock]) {
      const growing = columns.filter((_, i) => shape[i]!.movement === movement);
      expect(growing.every((column) => isGrowing(column) && !isConstant(column))).toBe(true);
    }
    expect(
      of(Movement.gauge, 4096)
        .flat()
        .every((value) => value % 4096 === 0),
    ).toBe(true);
    expect(
      of(Movement.counter, 512)
        .flat()
        .every((value) => value % 512 === 0),
    ).toBe(true);
    const cpu = of(Movement.counter, 1, 2).flat();
    expect(Math.max(...cpu.map((value) => decimalsOf(value, 17)))).toBe(2);
    const ratios = of(Movement.ratio).flat();
    const isLong = (value: number): boolean => decimalsOf(value, 14) === 14;
    expect(ratios.filter(isLong).length / ratios.length).toBeGreaterThan(0.9);
  });

  test('buckets are cumulative, and the last is the count', () => {
    const buckets = of(Movement.bucket);
    const counts = of(Movement.observations);
    for (const [h, count] of counts.entries()) {
      const own = buckets.slice(12 * h, 12 * (h + 1));
      for (let tick = 0; tick < count.length; tick++) {
        const values = own.map((column) => column[tick]!);
        expect(isGrowing(values)).toBe(true);
        expect(values.at(-1)).toBe(count[tick]);
      }
    }
  });

  test('are the same every time and another for every target', () => {
    expect(history(3, 20)).toEqual(columns);
    expect(history(4, 20)).not.toEqual(columns);
  });
});
