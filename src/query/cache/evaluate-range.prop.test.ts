// Cached = uncached, bit for bit, whatever was written and deleted between.

import { expect, test } from 'vitest';
import { type Labels, labelsFromObject, printLabels } from '../../model/labels.ts';
import { floatColumns } from '../../model/sample.ts';
import { DEFAULT_ENGINE_OPTIONS, Engine } from '../../promql/eval/engine.ts';
import type { QueryResult } from '../../promql/eval/interface.ts';
import { parserOptions } from '../../promql/language/features.ts';
import { parseExpr } from '../../promql/language/parser.ts';
import { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import type { Database } from '../../storage/interface.ts';
import { FakeClock } from '../../tsdb/testing/engine-model.ts';
import { openInline } from '../../tsdb/testing/inline-engine.ts';
import { evaluateRange } from './evaluate-range.ts';
import { ResultCache } from './result-cache.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const STEPS = 600;

const QUERIES = [
  'm1_total',
  'sum(rate(m1_total[5m]))',
  'sum by (job) (increase(m1_total[3m] offset 10m))',
  'max_over_time(g[4m]) - g offset -2m',
  'm1_total and on (job) g',
  'avg_over_time(sum by (job) (g)[10m:1m])',
  'topk(2, {job=~"a|b"})',
  'stddev_over_time(g[10m]) > 0.2',
  'sum_over_time(g[7m])',
  'absent(g{job="a"})',
  'g or m1_total * 2',
  'quantile(0.5, g)',
  'deriv(g[10m])',
  'max_over_time(g[5m] @ 1779019000)',
  'g * start()',
];

/** Small and seeded, so that a failure can be looked at. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor((((state ^ (state >>> 13)) >>> 0) / 2 ** 32) * below);
  };
}

/** One value per line: labels, time, bits. */
function linesOf({ value, annotations }: QueryResult): string[] {
  if (value.type !== 'steps') throw new Error(value.type);
  const lines: string[] = annotations.map(({ text }) => text);
  for (const { labels, present, values } of value.series) {
    const bits = new BigUint64Array(values.slice().buffer);
    let text = printLabels(labels);
    for (let i = 0; i < present.length; i++) if (present[i] !== 0) text += ` ${i}:${bits[i]}`;
    lines.push(text);
  }
  return lines;
}

function seriesLabels(random: (below: number) => number): Labels {
  const metric = ['m1_total', 'g', 'other'][random(3)]!;
  return labelsFromObject({ __name__: metric, job: ['a', 'b', 'c'][random(3)]! });
}

test.each([1, 2, 3, 4])(
  'random writes, deletes and ranges: seed %d',
  async (seed) => {
    const random = randomOf(seed * 7919);
    const clock = new FakeClock();
    const db = await openInline(new FaultyFileSystem(), { clock });
    const database: Database = db.database('default')!;
    const cache = new ResultCache(seed === 4 ? 100_000 : 100_000_000);
    const reserved = { checkpoint() {}, reserve() {} };
    let hits = 0;

    const write = async (): Promise<void> => {
      // Mostly the newest, some late.
      const back = random(3) === 0 ? random(HOUR) : random(60 * SECOND);
      const count = 1 + random(5);
      const t = Float64Array.from(
        { length: count },
        (_, i) => clock.now() - back - (count - i) * 5000,
      );
      const v = Float64Array.from(t, () => random(1000) / 7);
      const samples = floatColumns(t, v);
      const series = [{ labels: seriesLabels(random), samples, exemplars: [] }];
      await database.write({ series, metadata: [], rejections: [] });
    };
    const remove = async (): Promise<void> => {
      const minT = clock.now() - random(5 * HOUR);
      const matchers = [{ type: '=', name: 'job', value: ['a', 'b', 'c'][random(3)]! }] as const;
      await database.deleteSamples([matchers], { minT, maxT: minT + random(HOUR) });
    };
    const check = async (): Promise<void> => {
      const query = QUERIES[random(QUERIES.length)]!;
      const stepMs = [15 * SECOND, 60 * SECOND][random(2)]!;
      const endT =
        Math.floor((clock.now() - (random(2) === 0 ? random(HOUR / 2) : 0)) / stepMs) * stepMs;
      const startT = endT - random(90) * stepMs;
      const expr = parseExpr(query, parserOptions(['promql-experimental-functions']));
      const engine = new Engine(DEFAULT_ENGINE_OPTIONS);
      const plan = engine.plan({ expr, query, startT, endT, stepMs });
      const { log } = database.changes!();
      const state = { logId: log.id, logBuffer: log.buffer, seq: log.seq };
      const querier = database.querier(plan.range);
      try {
        const { result, cachedSteps } = await evaluateRange(
          plan,
          DEFAULT_ENGINE_OPTIONS,
          cache,
          state,
          reserved,
          (part) => engine.run(part, querier),
        );
        if (cachedSteps !== undefined && cachedSteps > 0) hits++;
        const plain = await engine.run(plan, querier);
        expect(linesOf(result), `${query} ${startT}..${endT}/${stepMs}`).toEqual(linesOf(plain));
      } finally {
        querier.close();
      }
    };

    for (let i = 0; i < 30; i++) await write();
    for (let step = 0; step < STEPS; step++) {
      clock.advance(random(30) * SECOND);
      const choice = random(20);
      if (choice < 5) await write();
      else if (choice === 5 && random(4) === 0) await remove();
      else if (choice === 6 && random(4) === 0) await db.flush();
      else await check();
    }
    expect(cache.bytes).toBeLessThanOrEqual(seed === 4 ? 100_000 : 100_000_000);
    // It must have been tried.
    expect(hits).toBeGreaterThan(seed === 4 ? 5 : 50);
    await db.close();
  },
  60_000,
);
