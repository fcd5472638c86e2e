// Sample counts as Prometheus has them: the queries and figures are those of its engine's own test.

import { describe, expect, test } from 'vitest';
import type { AppError } from '../../runtime/error.ts';
import { evaluate, seriesOf, type When } from './engine-testing.ts';

const source = seriesOf(
  10,
  `
  one 1+1x100
  three{a="1",b="1"} 1+1x100
  three{a="2",b="2"} 1+1x100
  three{a="3",b="2"} 1+1x100
  histogram {{schema:1 count:5 sum:20 buckets:[1 2 1 1]}}+{{schema:1 count:10 sum:5 buckets:[1 2 3 4]}}x100
`,
);

/** Samples looked at and read, by step; most samples held. */
type Case = [query: string, when: When, total: number[], read: number[], peak: number];

const CASES: Case[] = [
  ['"literal string"', { startS: 21 }, [0], [0], 0],
  ['1', { startS: 21 }, [0], [0], 1],
  ['one', { startS: 21 }, [1], [1], 1],
  ['histogram', { startS: 21 }, [13], [13], 13],
  ['timestamp(one)', { startS: 21 }, [1], [1], 2],
  ['timestamp(histogram)', { startS: 21 }, [1], [1], 2],
  ['one', { startS: 22 }, [1], [1], 1],
  ['one offset 10s', { startS: 21 }, [1], [1], 1],
  ['one @ 15', { startS: 21 }, [1], [1], 1],
  ['three{a="1"}', { startS: 21 }, [1], [1], 1],
  ['three{a="1"} @ 19', { startS: 21 }, [1], [1], 1],
  ['three{a="1"}[20s] @ 19', { startS: 21 }, [2], [2], 2],
  ['three', { startS: 21 }, [3], [3], 3],
  ['one[60s]', { startS: 201 }, [6], [6], 6],
  ['histogram[60s]', { startS: 201 }, [78], [78], 78],
  ['max_over_time(one[60s])[20s:5s]', { startS: 201 }, [24], [8], 10],
  ['max_over_time(one[61s])[20s:5s]', { startS: 201 }, [26], [8], 11],
  ['max_over_time(histogram[60s])[20s:5s]', { startS: 201 }, [312], [104], 78],
  ['one[60s] @ 30', { startS: 201 }, [4], [4], 4],
  ['histogram[60s] @ 30', { startS: 201 }, [52], [52], 52],
  ['sum(max_over_time(three[60s] @ 30))', { startS: 201 }, [12], [12], 7],
  ['sum by (b) (max_over_time(three[60s] @ 30))', { startS: 201 }, [12], [12], 7],
  ['one[60s] offset 10s', { startS: 201 }, [6], [6], 6],
  ['three[60s]', { startS: 201 }, [18], [18], 18],
  ['max_over_time(one[60s])', { startS: 201 }, [6], [6], 7],
  ['absent_over_time(one[60s])', { startS: 201 }, [6], [6], 7],
  ['max_over_time(three[60s])', { startS: 201 }, [18], [18], 9],
  ['one[60s:5s]', { startS: 201 }, [12], [12], 12],
  ['one[60s:5s] offset 10s', { startS: 201 }, [12], [12], 12],
  ['max_over_time(three[60s:5s])', { startS: 201 }, [36], [36], 51],
  [
    'sum(max_over_time(three[60s:5s])) + sum(max_over_time(three[60s:5s]))',
    { startS: 201 },
    [72],
    [72],
    52,
  ],
  // Arguments count from when they are evaluated, in the order written.
  ['clamp_max(three > 100, 1)', { startS: 21 }, [3], [3], 8],
  ['(three > 100) + 1', { startS: 21 }, [3], [3], 8],
  ['1 + (three > 100)', { startS: 21 }, [3], [3], 9],
  ['vector(1) + (1e9 > bool 3)', { startS: 21 }, [0], [0], 6],
  ['label_replace(three, "c", "$1", "a", "(.*)")', { startS: 21 }, [3], [3], 3],
  ['three{a="1"}', { startS: 201, endS: 220, stepS: 5 }, [1, 1, 1, 1], [1, 1, 1, 1], 4],
  ['three{a="1"}', { startS: 204, endS: 223, stepS: 5 }, [1, 1, 1, 1], [1, 1, 1, 1], 4],
  ['histogram', { startS: 204, endS: 223, stepS: 5 }, [13, 13, 13, 13], [13, 13, 13, 13], 52],
  ['timestamp(one)', { startS: 201, endS: 220, stepS: 5 }, [1, 1, 1, 1], [1, 1, 1, 1], 5],
  ['timestamp(histogram)', { startS: 201, endS: 220, stepS: 5 }, [1, 1, 1, 1], [1, 1, 1, 1], 5],
  [
    'max_over_time(three{a="1"}[10s])',
    { startS: 991, endS: 1021, stepS: 10 },
    [1, 1, 0, 0],
    [1, 1, 0, 0],
    2,
  ],
  ['three{a="1"} offset 10s', { startS: 201, endS: 220, stepS: 5 }, [1, 1, 1, 1], [1, 1, 1, 1], 4],
  [
    'max_over_time(three[60s] @ 30)',
    { startS: 201, endS: 220, stepS: 5 },
    [12, 12, 12, 12],
    [12, 0, 0, 0],
    12,
  ],
  ['three', { startS: 201, endS: 220, stepS: 5 }, [3, 3, 3, 3], [3, 3, 3, 3], 12],
  [
    'max_over_time(three[60s])',
    { startS: 201, endS: 220, stepS: 5 },
    [18, 18, 18, 18],
    [18, 0, 3, 0],
    18,
  ],
  [
    'max_over_time(three[60s:5s])',
    { startS: 201, endS: 216, stepS: 5 },
    [36, 36, 36, 36],
    [36, 3, 3, 3],
    69,
  ],
  [
    'max_over_time(three[60s:5s])',
    { startS: 201, endS: 220, stepS: 5 },
    [36, 36, 36, 36],
    [36, 3, 3, 3],
    69,
  ],
  [
    'max_over_time(one[60s:5s])',
    { startS: 201, endS: 220, stepS: 5 },
    [12, 12, 12, 12],
    [12, 1, 1, 1],
    31,
  ],
  [
    'sum by (b) (max_over_time(one[60s:5s]))',
    { startS: 201, endS: 220, stepS: 5 },
    [12, 12, 12, 12],
    [12, 1, 1, 1],
    31,
  ],
  [
    'sum(max_over_time(three[60s:5s])) + sum(max_over_time(three[60s:5s]))',
    { startS: 201, endS: 220, stepS: 5 },
    [72, 72, 72, 72],
    [72, 6, 6, 6],
    73,
  ],
  [
    'sum(max_over_time(three[60s:5s])) + sum(max_over_time(one[60s:5s]))',
    { startS: 201, endS: 216, stepS: 5 },
    [48, 48, 48, 48],
    [48, 4, 4, 4],
    69,
  ],
  [
    'sum(max_over_time(three[60s:5s])) + sum(max_over_time(one[60s:5s]))',
    { startS: 201, endS: 220, stepS: 5 },
    [48, 48, 48, 48],
    [48, 4, 4, 4],
    69,
  ],
  ['max_over_time(one[20s:10s])', { startS: 201 }, [2], [2], 5],
  ['sum_over_time(one[30s:30s])', { startS: 90 }, [1], [1], 3],
  ['max_over_time(one[30s:2m])', { startS: 240 }, [1], [1], 3],
  ['max_over_time(one[30s:10s])', { startS: 201, endS: 231, stepS: 30 }, [3, 3], [3, 3], 11],
  [
    'max_over_time(one[20s:10s])',
    { startS: 201, endS: 261, stepS: 10 },
    [2, 2, 2, 2, 2, 2, 2],
    [2, 1, 1, 1, 1, 1, 1],
    17,
  ],
  ['max_over_time(one[30s:10s])', { startS: 201, endS: 261, stepS: 60 }, [3, 3], [3, 3], 14],
  ['histogram_count(max_over_time(histogram[20s:10s]))', { startS: 201 }, [26], [26], 52],
  [
    'avg_over_time(histogram[2m:1m])',
    { startS: 120, endS: 240, stepS: 60 },
    [26, 26, 26],
    [26, 13, 13],
    117,
  ],
  [
    'max_over_time(three[60s:10s])',
    { startS: 200, endS: 400, stepS: 30 },
    [18, 18, 18, 18, 18, 18, 18],
    [18, 9, 9, 9, 9, 9, 9],
    99,
  ],
  [
    'predict_linear(one[60s] @ 100, 60)',
    { startS: 100, endS: 300, stepS: 100 },
    [6, 6, 6],
    [6, 0, 0],
    12,
  ],
  ['sum_over_time(three[20s:10s] @ 200)', { startS: 250 }, [6], [6], 11],
  ['sum_over_time(one[20s:10s] offset 1m)', { startS: 240 }, [2], [2], 5],
  ['sum_over_time(three[1m:10s] @ 200 offset 1m)', { startS: 300 }, [18], [18], 27],
  [
    'sum_over_time(max_over_time(three[60s] @ 300)[5m:1m] @ 600)[10m:2m]',
    { startS: 800 },
    [75],
    [18],
    23,
  ],
  ['rate(sum_over_time(one[30s])[1m:30s])', { startS: 240 }, [2], [6], 5],
];

const OPTIONS = { delayedNameRemoval: true };

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

describe('samples of a query', () => {
  test.each(CASES)('%s %o', async (query, when, total, read, peak) => {
    const { stats } = await evaluate(source, query, when, { ...OPTIONS, perStepStats: true });
    expect({
      total: [...stats.totalQueryableSamplesPerStep!],
      read: [...stats.samplesReadPerStep!],
      peak: stats.peakSamples,
    }).toEqual({ total, read, peak });

    const { stats: plain } = await evaluate(source, query, when, OPTIONS);
    expect(plain).toMatchObject({
      totalQueryableSamples: sum(total),
      samplesRead: sum(read),
      totalQueryableSamplesPerStep: undefined,
    });

    if (peak === 0) return;
    const failed = await evaluate(source, query, when, { ...OPTIONS, maxSamples: peak - 1 }).catch(
      (error: AppError) => error.code,
    );
    expect(failed).toBe('PROMQL_TOO_MANY_SAMPLES');
  });
});
