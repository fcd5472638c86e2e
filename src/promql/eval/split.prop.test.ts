// Evaluated in parts, with and without the kernel: the result is that of evaluating all at once.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelsFromObject } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { Engine } from './engine.ts';
import { requestOf, type When } from './engine-testing.ts';
import type { EvalControl, QueryResult, SeriesSource } from './interface.ts';
import type { QueryPlan } from './plan.ts';
import { type AggregateParts, type PostedPart, splitAggregates } from './split.ts';
import type { StepSeries } from './step-series.ts';

const parameters = {
  numRuns: Number(process.env.PROP_RUNS ?? 60),
  seed: Number(process.env.PROP_SEED ?? 1),
};

const CONTROL: EvalControl = { checkpoint() {}, reserve() {} };

const value = fc.oneof(
  fc.integer({ min: 0, max: 1000 }),
  fc.constantFrom(Number.NaN, Infinity, -0, 0.1),
);

/** Series with gaps: at i × 15 s a value or nothing. */
const table = fc.array(fc.array(fc.option(value, { nil: undefined, freq: 6 }), { maxLength: 60 }), {
  minLength: 1,
  maxLength: 12,
});

function sourceOf(rows: readonly (readonly (number | undefined)[])[]): SeriesSource {
  const series = rows.map((values, s) => {
    const t = values.map((_, i) => i * 15_000).filter((_, i) => values[i] !== undefined);
    return {
      labels: labelsFromObject({ __name__: 'm_total', i: String(s), job: String(s % 3) }),
      t: Float64Array.from(t),
      v: Float64Array.from(values.filter((v) => v !== undefined)),
    };
  });
  return {
    async selection() {
      return {
        length: series.length,
        labels: (i) => series[i]!.labels,
        read: (i, minT, maxT): SampleColumns => {
          const { t, v } = series[i]!;
          const from = t.findIndex((time) => time >= minT);
          const to = t.findLastIndex((time) => time <= maxT) + 1;
          const rowsFrom = from < 0 ? t.length : from;
          return {
            length: Math.max(0, to - rowsFrom),
            t: t.subarray(rowsFrom, Math.max(to, rowsFrom)),
            v: v.subarray(rowsFrom, Math.max(to, rowsFrom)),
            startT: undefined,
            histograms: undefined,
          };
        },
      };
    },
  };
}

const QUERIES = [
  'sum by (job) (rate(m_total[1m]))',
  'avg(m_total)',
  'min by (job) (m_total * 2)',
  'max(abs(m_total))',
  'count by (job) (m_total > 10)',
  'group(m_total)',
  '1 + sum(increase(m_total[2m])) / on() count(m_total)',
];

const WHENS: When[] = [
  { startS: 60, endS: 900, stepS: 30 },
  { startS: 0, endS: 90, stepS: 30 },
  { startS: 450 },
];

/** What can be compared: sums may be rounded otherwise where parts meet. */
function numbers(series: readonly StepSeries[]): unknown[] {
  return series.map(({ labels, present, values }) => ({
    labels,
    values: Array.from(present, (presence, i) => {
      if (presence === 0) return undefined;
      return Number.isFinite(values[i]!) ? Number(values[i]!.toPrecision(12)) : values[i];
    }),
  }));
}

function seriesOf({ value }: QueryResult): readonly StepSeries[] {
  if (value.type !== 'vector' && value.type !== 'steps') throw new Error('not a vector');
  return value.series;
}

async function inParts(
  engine: Engine,
  plan: QueryPlan,
  count: number,
  source: SeriesSource,
): Promise<QueryResult> {
  const parts: AggregateParts[] = [];
  for (let split = 0; split < splitAggregates(plan).length; split++) {
    const first = await engine.openPart(plan, split, { index: 0, count }, source, CONTROL);
    const others: PostedPart[] = [];
    for (let index = 1; index < count; index++) {
      const part = await engine.runPart(plan, split, { index, count }, source, CONTROL);
      others.push(structuredClone(part));
    }
    parts.push({ first, others });
  }
  try {
    return await engine.run(plan, source, CONTROL, { parts });
  } finally {
    for (const { first } of parts) first.close();
  }
}

describe.each(QUERIES)('%s', (query) => {
  test.each(WHENS)('%o', async (when) => {
    const plain = new Engine();
    const plan = plain.plan(requestOf(query, when));
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 4 }), async (rows, count) => {
        const source = sourceOf(rows);
        const whole = await plain.run(plan, source);
        const inKernel = await new Engine({ useKernel: true }).run(plan, source);
        expect(seriesOf(inKernel)).toEqual(seriesOf(whole));
        expect(inKernel.stats).toEqual(whole.stats);

        for (const engine of [plain, new Engine({ useKernel: true })]) {
          const merged = await inParts(engine, plan, count, source);
          expect(numbers(seriesOf(merged))).toEqual(numbers(seriesOf(whole)));
          const { peakSamples, ...stats } = merged.stats;
          expect(whole.stats).toMatchObject(stats);
          // Operators below hold the inputs of their part only.
          expect(peakSamples).toBeLessThanOrEqual(whole.stats.peakSamples);
        }
      }),
      parameters,
    );
  });
});
