import { describe, expect, test } from 'vitest';
import { Engine } from './engine.ts';
import { linesOf, requestOf, seriesOf, type When } from './engine-testing.ts';
import type { SeriesSource } from './interface.ts';

const source = seriesOf(
  60,
  `
  a_total{i="0"} 0+10x20
  a_total{i="1"} 0+20x20
  b_total{i="0"} 0+30x20
`,
);

/** The source, counting what is read from it. */
function counted(): { source: SeriesSource; reads: () => number } {
  let reads = 0;
  const counting: SeriesSource = {
    async selection(matchers, range) {
      const found = await source.selection(matchers, range);
      return {
        length: found.length,
        labels: (i) => found.labels(i),
        read: (i, minT, maxT) => {
          reads++;
          return found.read(i, minT, maxT);
        },
      };
    },
  };
  return { source: counting, reads: () => reads };
}

const WHEN: When = { startS: 600, endS: 660, stepS: 60 };

describe('an operand met again is not read again', () => {
  const cases: [query: string, reads: number, lines: string[]][] = [
    ['a_total / a_total', 2, ['{i="0"} 1@600 1@660', '{i="1"} 1@600 1@660']],
    [
      'rate(a_total[5m]) / rate(b_total[5m]) or rate(a_total[5m])',
      3,
      [
        '{i="0"} 0.3333333333333333@600 0.3333333333333333@660',
        '{i="1"} 0.3333333333333333@600 0.3333333333333333@660',
      ],
    ],
    ['a_total - a_total offset 1m', 4, ['{i="0"} 10@600 10@660', '{i="1"} 20@600 20@660']],
    // Their selector is the same, but not what is done with it.
    ['a_total * NaN == a_total * Inf', 4, []],
    ['sum(a_total) / count(a_total)', 4, ['{} 150@600 165@660']],
  ];
  test.each(cases)('%s', async (query, reads, lines) => {
    const counting = counted();
    const result = await new Engine().evaluate(requestOf(query, WHEN), counting.source);
    expect(linesOf(result)).toEqual(lines);
    expect(counting.reads()).toBe(reads);
  });

  test('it counts as if it had been', async () => {
    const once = await new Engine().evaluate(requestOf('a_total / a_total', WHEN), source);
    const options = { perStepStats: true };
    const twice = await new Engine(options).evaluate(requestOf('a_total / a_total', WHEN), source);
    const { totalQueryableSamples, samplesRead, peakSamples } = twice.stats;
    expect(once.stats).toMatchObject({ totalQueryableSamples, samplesRead, peakSamples });
    expect(samplesRead).toBe(8);
  });
});
