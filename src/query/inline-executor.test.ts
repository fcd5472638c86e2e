// Queries from text to bytes, on the in-memory store.

import { expect, test } from 'vitest';
import { labelsFromObject } from '../model/labels.ts';
import { floatColumns } from '../model/sample.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../promql/eval/engine.ts';
import { parserOptions } from '../promql/language/features.ts';
import { systemClock } from '../runtime/clock.ts';
import type { BatchSeries, Database } from '../storage/interface.ts';
import { MemoryStorage } from '../storage/memory-store.ts';
import { AnswerCache } from './cache/answer-cache.ts';
import { InlineExecutor } from './inline-executor.ts';
import type { QueryAnswer, QueryRequest } from './interface.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { queryRequest } from './query-testing.ts';
import { LocalQueryService } from './service.ts';
import type { TraceNode } from './trace.ts';

const NOW = Math.floor(Date.now() / 60_000) * 60_000;
const MINUTE = 60_000;

/** A counter that grows by `step` a minute, for an hour until now. */
function counter(labels: Record<string, string>, step: number): BatchSeries {
  const t = Float64Array.from({ length: 61 }, (_, i) => NOW - (60 - i) * MINUTE);
  const v = Float64Array.from(t, (_, i) => i * step);
  return { labels: labelsFromObject(labels), samples: floatColumns(t, v), exemplars: [] };
}

async function filled(): Promise<Database> {
  const database = new MemoryStorage().database('default')!;
  const series = ['a', 'b', 'c'].map((job, i) =>
    counter({ __name__: 'm_total', job }, 60 * (i + 1)),
  );
  await database.write({ series, metadata: [], rejections: [] });
  return database;
}

interface Setup {
  readonly maxSamples?: number;
  readonly maxBytes?: number;
}

async function setUp({ maxSamples = 1_000_000, maxBytes = 2 ** 30 }: Setup = {}): Promise<{
  ledger: MemoryLedger;
  service: LocalQueryService;
  run: (query: string, parts?: Partial<QueryRequest>) => Promise<QueryAnswer>;
  ask: (query: string, parts?: Partial<QueryRequest>) => Promise<unknown>;
}> {
  const database = await filled();
  const ledger = new MemoryLedger(1);
  const service = new LocalQueryService({
    limits: { maxConcurrency: 5, maxQueued: 50, timeoutMs: 60_000, maxLengthBytes: 10_000 },
    language: {
      parser: parserOptions(['promql-experimental-functions']),
      engine: { ...DEFAULT_ENGINE_OPTIONS, maxSamples, perStepStats: true },
    },
    threads: undefined,
    inline: new InlineExecutor(ledger, 0, { maxBytes, maxTotalBytes: 2 ** 30 }),
    answers: new AnswerCache(0),
    clock: systemClock,
  });
  const run = (query: string, parts: Partial<QueryRequest> = {}): Promise<QueryAnswer> => {
    const request = queryRequest({ database, query, startT: NOW, endT: NOW, ...parts });
    return service.run(request, new AbortController().signal);
  };
  const ask = async (query: string, parts: Partial<QueryRequest> = {}): Promise<unknown> => {
    const { pieces } = await run(query, parts);
    const chunks: Uint8Array[] = [];
    for await (const piece of pieces) chunks.push(piece.slice());
    return JSON.parse(Buffer.concat(chunks).toString());
  };
  return { ledger, service, run, ask };
}

const success = (data: unknown, beside: object = {}): unknown => ({
  status: 'success',
  data,
  ...beside,
});
const SECONDS = NOW / 1000;

test('instant queries of every type', async () => {
  const { ask } = await setUp();
  expect(await ask('1 + 1')).toEqual(success({ resultType: 'scalar', result: [SECONDS, '2'] }));
  expect(await ask('"x"')).toEqual(success({ resultType: 'string', result: [SECONDS, 'x'] }));
  expect(await ask('m_total{job="b"}')).toEqual(
    success({
      resultType: 'vector',
      result: [{ metric: { __name__: 'm_total', job: 'b' }, value: [SECONDS, '7200'] }],
    }),
  );
  expect(await ask('m_total{job="a"}[2m]')).toEqual(
    success({
      resultType: 'matrix',
      result: [
        {
          metric: { __name__: 'm_total', job: 'a' },
          values: [
            [SECONDS - 60, '3540'],
            [SECONDS, '3600'],
          ],
        },
      ],
    }),
  );
  expect(await ask('nothing')).toEqual(success({ resultType: 'vector', result: [] }));
});

test('range queries, scalars among them', async () => {
  const { ask } = await setUp();
  const range = { startT: NOW - 2 * MINUTE, stepMs: MINUTE };
  expect(await ask('sum(rate(m_total[5m]))', range)).toEqual(
    success({
      resultType: 'matrix',
      result: [{ metric: {}, values: [2, 1, 0].map((i) => [SECONDS - i * 60, '6']) }],
    }),
  );
  expect(await ask('3', range)).toEqual(
    success({
      resultType: 'matrix',
      result: [{ metric: {}, values: [2, 1, 0].map((i) => [SECONDS - i * 60, '3']) }],
    }),
  );
});

test('limit cuts, with a warning; the order of an instant vector stays', async () => {
  const { ask } = await setUp();
  expect(await ask('sort_desc(m_total)', { limit: 2, warnings: ['told before'] })).toEqual(
    success(
      {
        resultType: 'vector',
        result: [
          { metric: { __name__: 'm_total', job: 'c' }, value: [SECONDS, '10800'] },
          { metric: { __name__: 'm_total', job: 'b' }, value: [SECONDS, '7200'] },
        ],
      },
      { warnings: ['told before', 'results truncated due to limit'] },
    ),
  );
});

test('annotations have their places', async () => {
  const { ask } = await setUp();
  const answer = await ask('1 +\n quantile(2, m_total)');
  expect(answer).toMatchObject({
    warnings: ['PromQL warning: quantile value should be between 0 and 1, got 2 (2:11)'],
  });
});

test('stats, also by step', async () => {
  const { ask } = await setUp();
  const range = { startT: NOW - MINUTE, stepMs: MINUTE };
  const { data } = (await ask('m_total', { ...range, stats: 'perStep' })) as {
    data: { stats: { timings: object; samples: object } };
  };
  expect(Object.keys(data.stats.timings)).toEqual([
    'evalTotalTime',
    'resultSortTime',
    'queryPreparationTime',
    'innerEvalTime',
    'execQueueTime',
    'execTotalTime',
  ]);
  expect(data.stats.samples).toEqual({
    totalQueryableSamplesPerStep: [
      [SECONDS - 60, 3],
      [SECONDS, 3],
    ],
    totalQueryableSamples: 6,
    samplesReadPerStep: [
      [SECONDS - 60, 3],
      [SECONDS, 3],
    ],
    samplesRead: 6,
    peakSamples: 6,
  });
});

test('a trace tells what was found and read', async () => {
  const { ask } = await setUp();
  const answer = await ask('sum(rate(m_total{job!="c"}[5m])) / 2', { trace: true });
  const { trace } = (answer as { data: { trace: TraceNode } }).data;
  expect(trace).toMatchObject({
    name: 'query',
    detail: 'sum(rate(m_total{job!="c"}[5m])) / 2',
    series: 1,
    samples: 10,
  });
  expect(trace.children!.map(({ name }) => name)).toEqual([
    'parse and plan',
    'wait in the queue',
    'evaluate',
    'write the answer',
  ]);
  expect(trace.children![2]).toMatchObject({ detail: '1 steps', series: 1, samples: 10 });
  const [select, division] = trace.children![2]!.children!;
  expect(select).toMatchObject({ name: 'select', series: 2 });
  expect(select!.detail).toContain('{job!="c",__name__="m_total"} ');
  expect(select!.children).toMatchObject([
    { name: 'find' },
    { name: 'read', series: 2, samples: 10 },
  ]);
  expect(division).toMatchObject({
    name: '… / 2',
    series: 1,
    points: 1,
    children: [
      {
        name: 'sum(…)',
        children: [{ name: 'rate(m_total{job!="c"}[5m])', series: 2, points: 2 }],
      },
    ],
  });
  const total = trace.children!.reduce((sum, { durationMs }) => sum + durationMs, 0);
  expect(trace.durationMs).toBeCloseTo(total, 6);
});

test('budgets end a query and nothing of it stays held', async () => {
  const few = await setUp({ maxSamples: 10 });
  await expect(few.ask('m_total[1h]')).rejects.toThrow(
    'query processing would load too many samples into memory in query execution (limit 10, --query.max-samples)',
  );
  const little = await setUp({ maxBytes: 1000 });
  const range = { startT: NOW - 60 * MINUTE, stepMs: MINUTE };
  await expect(little.ask('m_total', range)).rejects.toThrow(
    expect.objectContaining({ code: 'QUERY_MEMORY', kind: 'limit' }),
  );
  expect(little.ledger.heldBytes).toBe(0);
  expect(await little.ask('1')).toMatchObject({ status: 'success' });
});

test('what has not been read yet stays as it is while others are answered', async () => {
  const { ask, run } = await setUp();
  const range = { startT: NOW - 60 * MINUTE, stepMs: 1000 };
  const expected = JSON.stringify(await ask('m_total', range));
  for (let i = 0; i < 3; i++) {
    const { pieces } = await run('m_total', range);
    let text = '';
    let others = 0;
    for await (const piece of pieces) {
      await ask(`m_total + ${others++}`, range);
      text += Buffer.from(piece).toString();
    }
    expect(others).toBeGreaterThan(1);
    expect(text).toBe(expected);
  }
});

test('queries take turns; one past its time ends by itself', async () => {
  const { ask, service } = await setUp();
  const answers = Array.from({ length: 20 }, (_, i) => ask(`sum(m_total) + ${i}`));
  expect(service.active().filter(({ state }) => state === 'running')).toHaveLength(1);
  const sums = (await Promise.all(answers)) as {
    data: { result: [{ value: [number, string] }] };
  }[];
  expect(sums.map(({ data }) => Number(data.result[0].value[1]))).toEqual(
    Array.from({ length: 20 }, (_, i) => 21_600 + i),
  );
  const patient = await setUp({ maxSamples: 1e9 });
  const slow = 'count_over_time((m_total * m_total)[1h:1ms])';
  await expect(
    patient.ask(slow, { timeoutMs: 50, startT: NOW - 60 * MINUTE, stepMs: 1000 }),
  ).rejects.toThrow('query timed out in expression evaluation');
});
