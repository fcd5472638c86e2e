// Query threads on a real engine: stopped, timed out, killed, out of memory; slow readers, big answers.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ThreadTimes } from '../../test/support/thread-times.ts';
import { defaultSettings } from '../config/settings.ts';
import { labelsFromObject } from '../model/labels.ts';
import { floatColumns } from '../model/sample.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../promql/eval/engine.ts';
import { parserOptions } from '../promql/language/features.ts';
import { PIECE_BYTES } from '../query/answer/byte-pieces.ts';
import { AnswerCache } from '../query/cache/answer-cache.ts';
import { InlineExecutor } from '../query/inline-executor.ts';
import type { QueryRequest } from '../query/interface.ts';
import { MemoryLedger } from '../query/memory-ledger.ts';
import { affinityOf } from '../query/promql-work.ts';
import { queryRequest } from '../query/query-testing.ts';
import { LocalQueryService } from '../query/service.ts';
import type { GraceLimits } from '../query/stop-grace.ts';
import { ThreadPool } from '../query/thread-pool.ts';
import { warmUp } from '../query/warm-up.ts';
import { systemClock } from '../runtime/clock.ts';
import { SILENT_LOGGER } from '../runtime/log.ts';
import type { Database, SharedView, Storage } from '../storage/interface.ts';
import { MemoryStorage } from '../storage/memory-store.ts';
import { openStorage } from './open-storage.ts';
import { spawnQueryThread } from './queries.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const SERIES = 400;
const SAMPLES = 1000;
/** Too many series to be answered at once. */
const ON_A_THREAD = 'count(m)';
/** Minutes of work on one thread, in steps that notice a stop. */
const ENDLESS = 'sum(max_over_time((m * m)[5h:1s]))';

/** Minutes of work that free threads take parts of. */
const ENDLESS_IN_PARTS = 'sum(quantile_over_time(0.5, m[16h]))';
const MANY_STEPS = { startT: NOW - 10_000_000, stepMs: 1000 };

const LANGUAGE = {
  parser: parserOptions([]),
  engine: { ...DEFAULT_ENGINE_OPTIONS, maxSamples: 1e12 },
};

let dataDir: string;
let storage: Storage;
let views: SharedView[] = [];
let released = 0;
let database: Database;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tidemark-queries-'));
  storage = await openStorage(defaultSettings({ data: dataDir }), SILENT_LOGGER, () => {});
  const engine = storage.database('default')!;
  const t = Float64Array.from({ length: SAMPLES }, (_, i) => NOW - (SAMPLES - 1 - i) * MINUTE);
  const v = Float64Array.from(t, (_, i) => Math.sqrt(i));
  const series = Array.from({ length: SERIES }, (_, i) => ({
    labels: labelsFromObject({ __name__: 'm', i: String(i) }),
    samples: floatColumns(t, v),
    exemplars: [],
  }));
  await engine.write({ series, metadata: [], rejections: [] });
  await storage.flush();
  const latest = floatColumns(Float64Array.of(NOW + 1000), Float64Array.of(1));
  await engine.write({
    series: series.map((one) => ({ ...one, samples: latest })),
    metadata: [],
    rejections: [],
  });
  database = countingViews(engine);
});

afterAll(async () => {
  await storage.close();
  rmSync(dataDir, { recursive: true, force: true });
});

afterEach(() => {
  views = [];
  released = 0;
});

/** The same database; counts what is pinned and given back. */
function countingViews(engine: Database): Database {
  return new Proxy(engine, {
    get: (target, key) => {
      if (key === 'share') {
        return (range: { minT: number; maxT: number }): SharedView => {
          const view = target.share!(range);
          views.push(view);
          const release = (): void => {
            released++;
            view.release();
          };
          return { ...view, release, damaged: () => {} };
        };
      }
      const value = target[key as keyof Database];
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}

interface SetupOptions {
  readonly threads?: number;
  readonly grace?: GraceLimits;
  /** In place of a query thread. */
  readonly spawn?: typeof spawnQueryThread;
  readonly maxBytes?: number;
  readonly maxConcurrency?: number;
}

interface Setup {
  readonly service: LocalQueryService;
  readonly workers: Worker[];
  /** Kinds of messages sent to threads. */
  readonly sent: string[];
  readonly ledger: MemoryLedger;
  readonly pool: ThreadPool;
  readonly inline: InlineExecutor;
  readonly run: (
    query: string,
    parts?: Partial<QueryRequest>,
    signal?: AbortSignal,
  ) => ReturnType<LocalQueryService['run']>;
  /** The whole answer. */
  readonly ask: (query: string, parts?: Partial<QueryRequest>) => Promise<string>;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function setUp({
  threads = 1,
  grace = { workMs: 60_000, waitMs: 60_000 },
  spawn = spawnQueryThread,
  maxBytes = 2 ** 30,
  maxConcurrency = 20,
}: SetupOptions = {}): Setup {
  const ledger = new MemoryLedger(threads + 1);
  const memoryLimits = { maxBytes, maxTotalBytes: 2 ** 31 };
  const workers: Worker[] = [];
  const sent: string[] = [];
  const pool = new ThreadPool({
    threads,
    spawn: (setup, heapMiB) => {
      const worker = spawn(setup, heapMiB);
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message: { kind: string }): void => {
        sent.push(message.kind);
        post(message);
      };
      workers.push(worker);
      return worker;
    },
    ledger,
    memoryLimits,
    cacheBytes: 2 ** 24,
    grace,
    onDeath: () => {},
  });
  const inline = new InlineExecutor(ledger, threads, memoryLimits);
  const service = new LocalQueryService({
    limits: { maxConcurrency, maxQueued: 100, timeoutMs: 60_000, maxLengthBytes: 100_000 },
    language: LANGUAGE,
    threads: pool,
    inline,
    answers: new AnswerCache(2 ** 23),
    clock: systemClock,
  });
  closers.push(() => service.close());
  const run: Setup['run'] = (query, parts = {}, signal = new AbortController().signal) =>
    service.run(queryRequest({ database, query, startT: NOW, endT: NOW, ...parts }), signal);
  const ask: Setup['ask'] = async (query, parts) => {
    const chunks: Uint8Array[] = [];
    for await (const piece of (await run(query, parts)).pieces) chunks.push(piece.slice());
    return Buffer.concat(chunks).toString();
  };
  return { service, workers, sent, ledger, pool, inline, run, ask };
}

/** A range that makes an answer of some twenty megabytes: all series, each sample twice. */
const BIG = { startT: NOW - (SAMPLES - 1) * MINUTE, stepMs: 30_000 };

/** Waits for what comes, however slow the machine. */
const POLLING = { timeout: 60_000, interval: 5 };
/** How long a query may still work once it is to stop, in processor time of its thread. */
const STOPPED_WITHIN_MS = 200;

const code = (expected: string): unknown => expect.objectContaining({ code: expected });

/** Something has been evaluated for a while. */
async function untilAtWork(times: ThreadTimes): Promise<void> {
  await vi.waitFor(() => expect(times.busiestMs).toBeGreaterThan(50), POLLING);
}

async function untilIdle({ service, ledger }: Setup): Promise<void> {
  await vi.waitFor(() => {
    expect(service.active()).toEqual([]);
    expect(released).toBe(views.length);
    expect(ledger.heldBytes).toBe(0);
  }, POLLING);
}

test('instant and range queries, from parts and head, on several threads', async () => {
  const setup = setUp({ threads: 2 });
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      setup.ask(`count(m) + ${i}`, { startT: NOW + 1000, endT: NOW + 1000 }),
    ),
  );
  expect(answers.map((text) => Number(JSON.parse(text).data.result[0].value[1]))).toEqual(
    Array.from({ length: 10 }, (_, i) => SERIES + i),
  );
  const { data } = JSON.parse(
    await setup.ask('sum(m)', { startT: NOW - 9 * MINUTE, stepMs: MINUTE }),
  );
  expect(data.result[0].values).toHaveLength(10);
  expect(setup.workers.length).toBe(2);
  await untilIdle(setup);
});

test('a pattern that a thread found to fit few series needs no thread any more', async () => {
  const setup = setUp();
  const query = 'count(m{i=~".*99"})';
  const runs = (): number => setup.sent.filter((kind) => kind === 'run').length;
  const first = await setup.ask(query);
  expect(JSON.parse(first).data.result[0].value[1]).toBe('4');
  expect(runs()).toBe(1);
  // What takes longer than a moment here goes to a thread all the same: on a busy machine not every try counts.
  await vi.waitFor(async () => {
    const before = runs();
    expect(await setup.ask(query)).toBe(first);
    expect(runs()).toBe(before);
  }, POLLING);
  // Many fit this one.
  const before = runs();
  await setup.ask('count(m{i=~"1.*"})');
  await setup.ask('count(m{i=~"1.*"})');
  expect(runs()).toBe(before + 2);
  await untilIdle(setup);
});

test('a big answer comes in pieces, whole', async () => {
  const setup = setUp();
  const { data } = JSON.parse(await setup.ask('m', BIG));
  expect(data.result).toHaveLength(SERIES);
  for (const { values } of data.result) expect(values).toHaveLength(1999);
  await untilIdle(setup);
});

test('a very long text is parsed on the thread, with the same outcome', async () => {
  const setup = setUp();
  const values = Array.from({ length: 9000 }, (_, i) => i).join('|');
  const query = `count(m{i=~"${values.slice(0, 9000)}|1${'x'.repeat(9000)}"})`;
  const { data } = JSON.parse(await setup.ask(query));
  expect(data.result[0].value[1]).toBe(String(SERIES));
  await expect(setup.ask(`${query} +`)).rejects.toThrow(
    expect.objectContaining({ code: 'PROMQL_PARSE', kind: 'bad_data' }),
  );
  expect(setup.sent.filter((kind) => kind === 'run')).toHaveLength(2);
  await untilIdle(setup);
});

test('an error of the evaluation keeps its code', async () => {
  const setup = setUp();
  await expect(setup.ask('m * on () m')).rejects.toThrow(
    expect.objectContaining({ code: 'PROMQL_EXECUTION', kind: 'limit' }),
  );
  await untilIdle(setup);
});

test.each<[name: string, stop: (setup: Setup, client: AbortController) => void, code: string]>([
  ['cancel', ({ service }) => service.cancel(service.active()[0]!.id), 'PROMQL_CANCELED'],
  ['a gone client', (_, client) => client.abort(), 'PROMQL_CANCELED'],
  ['closing', ({ service }) => void service.close(), 'QUERY_CLOSED'],
])('%s stops the work, and its thread goes on', async (_, stop, expected) => {
  const setup = setUp();
  await setup.ask(ON_A_THREAD);
  const client = new AbortController();
  const started = new ThreadTimes();
  const answer = setup.run(ENDLESS, {}, client.signal);
  const failure = expect(answer).rejects.toThrow(code(expected));
  await untilAtWork(started);
  const stopped = new ThreadTimes();
  stop(setup, client);
  await failure;
  await untilIdle(setup);
  expect(stopped.busiestMs).toBeLessThan(STOPPED_WITHIN_MS);
  expect(setup.pool.deaths).toBe(0);
});

test('a timeout counts from the start and frees the thread', async () => {
  const setup = setUp();
  await setup.ask(ON_A_THREAD);
  const started = new ThreadTimes();
  await expect(setup.run(ENDLESS, { timeoutMs: 300 })).rejects.toThrow(code('PROMQL_TIMEOUT'));
  await untilIdle(setup);
  expect(started.busiestMs).toBeLessThan(300 + STOPPED_WITHIN_MS);
  expect(await setup.ask(ON_A_THREAD)).toContain('success');
  expect(setup.workers).toHaveLength(1);
});

test('a thread that dies costs its query; the next gets a new one', async () => {
  const setup = setUp();
  await setup.ask(ON_A_THREAD);
  const answer = setup.run(ENDLESS);
  const failure = expect(answer).rejects.toThrow(
    expect.objectContaining({ code: 'QUERY_THREAD_DIED', kind: 'internal' }),
  );
  await vi.waitFor(() => expect(views.length).toBe(2));
  await setup.workers[0]!.terminate();
  await failure;
  await untilIdle(setup);
  expect(await setup.ask('count(m)')).toContain(`"${SERIES}"`);
  expect(setup.workers).toHaveLength(2);
  await untilIdle(setup);
});

const TELLS_ITS_NUMBER = `new Int32Array(workerData.stopWord)[2] =
  Number(require('node:fs').readlinkSync('/proc/thread-self').split('/').at(-1))`;

test.each<[name: string, onLinux: boolean, telling: string, grace: GraceLimits]>([
  ['has worked so long', true, TELLS_ITS_NUMBER, { workMs: 50, waitMs: 600_000 }],
  ['it has had so long', false, '', { workMs: 600_000, waitMs: 50 }],
])(
  'a query that does not react to its stop is ended with its thread once it %s',
  async (_, onLinux, telling, grace) => {
    if (onLinux && process.platform !== 'linux') return;
    const hanging = `const { parentPort, workerData } = require('node:worker_threads');
    ${telling};
    parentPort.on('message', () => { for (;;); })`;
    const spawn = (workerData: unknown): Worker => new Worker(hanging, { eval: true, workerData });
    const setup = setUp({ grace, spawn });
    const started = new ThreadTimes();
    const answer = setup.run(ON_A_THREAD);
    const failure = expect(answer).rejects.toThrow(code('PROMQL_CANCELED'));
    await vi.waitFor(() => expect(setup.sent).toContain('run'), POLLING);
    await untilAtWork(started);
    setup.service.cancel(setup.service.active()[0]!.id);
    await failure;
    await untilIdle(setup);
    expect(setup.pool.deaths).toBe(1);
  },
);

test('the budget of memory ends a query, not its thread', async () => {
  const setup = setUp({ maxBytes: 4 * 2 ** 20 });
  await expect(setup.ask('m', BIG)).rejects.toThrow(
    expect.objectContaining({ code: 'QUERY_MEMORY', kind: 'limit' }),
  );
  await untilIdle(setup);
  expect(await setup.ask('count(m)')).toContain(`"${SERIES}"`);
  expect(setup.workers).toHaveLength(1);
});

test('a slow reader keeps four pieces waiting and no thread', async () => {
  const setup = setUp();
  const slow = (await setup.run('m', BIG)).pieces;
  await slow.next();
  // The one thread answers others meanwhile.
  for (let i = 0; i < 5; i++) expect(await setup.ask(`count(m) + ${i}`)).toContain('success');
  expect(setup.workers).toHaveLength(1);
  // The data is not pinned by an answer that waits.
  expect(released).toBe(views.length);
  expect(setup.ledger.heldBytes).toBeGreaterThan(5e6);
  let bytes = 0;
  for await (const piece of slow) bytes += piece.length;
  expect(bytes).toBeGreaterThan(1.5e7);
  await untilIdle(setup);
});

test('a reader that goes away half-way frees everything', async () => {
  const setup = setUp();
  const { pieces } = await setup.run('m', BIG);
  await pieces.next();
  await pieces.return();
  await untilIdle(setup);
  expect(await setup.ask(ON_A_THREAD)).toContain('success');
});

test('answers under way when their thread dies break off, and are not blamed for it', async () => {
  const setup = setUp();
  const { pieces } = await setup.run('m', BIG);
  await pieces.next();
  const started = new ThreadTimes();
  const killer = expect(setup.run(ENDLESS)).rejects.toThrow(code('QUERY_THREAD_DIED'));
  await untilAtWork(started);
  await setup.workers[0]!.terminate();
  await killer;
  await expect(
    (async () => {
      for await (const piece of pieces) expect(piece.length).toBeGreaterThan(0);
    })(),
  ).rejects.toThrow(code('QUERY_THREAD_LOST'));
  await untilIdle(setup);
});

test('aggregations are split over free threads', async () => {
  const setup = setUp({ threads: 3 });
  setup.pool.startAll();
  const range = { startT: NOW - 600 * MINUTE, stepMs: MINUTE, useCache: false };
  const queries = ['sum', 'avg', 'count', 'max'].map((op) => `${op}(rate(m{i=~".*[1-9]"}[20m]))`);
  for (const query of [...queries, `${queries[0]!} / ${queries[2]!}`]) {
    setup.sent.length = 0;
    const split = JSON.parse(await setup.ask(query, range));
    expect(setup.sent.filter((kind) => kind === 'runPart')).toHaveLength(2);
    const { data } = JSON.parse(await setUp().ask(query, range));
    const numbers = (values: [number, string][]): number[] => values.map(([, v]) => Number(v));
    const expected = numbers(data.result[0].values);
    const actual = numbers(split.data.result[0].values);
    expect(actual).toHaveLength(expected.length);
    actual.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(Math.abs(value) * 1e-14);
    });
  }
  await untilIdle(setup);
});

test.each<[name: string, stop: (setup: Setup) => void, code: string]>([
  ['cancel', ({ service }) => service.cancel(service.active()[0]!.id), 'PROMQL_CANCELED'],
  ['the death of its thread', ({ workers }) => void workers[0]!.terminate(), 'QUERY_THREAD_DIED'],
  ['the death of a helper', ({ workers }) => void workers[1]!.terminate(), 'QUERY_THREAD_DIED'],
])('%s ends all parts of a query', async (_, stop, expected) => {
  const setup = setUp({ threads: 2 });
  setup.pool.startAll();
  await setup.ask(ON_A_THREAD);
  // Which thread is first depends on the text.
  const query = [ENDLESS_IN_PARTS, `${ENDLESS_IN_PARTS}\t`].find(isForFirstThread)!;
  const answer = setup.run(query, MANY_STEPS);
  const failure = expect(answer).rejects.toThrow(code(expected));
  await vi.waitFor(() => expect(setup.sent).toContain('helpers'), POLLING);
  const stopped = new ThreadTimes();
  stop(setup);
  await failure;
  await untilIdle(setup);
  expect(stopped.busiestMs).toBeLessThan(STOPPED_WITHIN_MS);
  expect(await setup.ask('count(m)')).toContain('success');
});

test('every thread is warmed up, with data, before anybody asks', async () => {
  const setup = setUp({ threads: 2 });
  let ms = 0;
  const options = {
    pool: setup.pool,
    inline: setup.inline,
    language: LANGUAGE,
    now: Date.now,
    // Each query takes a fifth of the two seconds that each thread is given.
    monotonic: () => (ms += 400),
  };
  const empty = new MemoryStorage().database('default')!;
  expect(await warmUp({ ...options, database: empty })).toBe(false);
  expect(await warmUp({ ...options, database })).toBe(true);
  expect(setup.workers).toHaveLength(2);
  expect(setup.sent.filter((kind) => kind === 'run')).toHaveLength(2 * 4);
  expect(setup.service.top(10)).toEqual([]);
  await untilIdle(setup);
});

test('repeats come out of the cache, and see what is written meanwhile', async () => {
  const setup = setUp();
  const range = { startT: NOW - 60 * MINUTE, endT: NOW, stepMs: MINUTE };
  const first = await setup.ask('sum(m)', range);
  const read = (): number => setup.service.figures.samplesRead;
  const before = read();
  expect(await setup.ask('sum(m)', range)).toBe(first);
  expect(read()).toBe(before);
  expect(setup.service.figures).toMatchObject({ cacheQueries: 2, cacheHits: 1 });
  expect(await setup.ask('sum(m)', { ...range, useCache: false })).toBe(first);
  expect(read()).toBeGreaterThan(before);
  const late = floatColumns(Float64Array.of(NOW - 30 * MINUTE + 1), Float64Array.of(1e6));
  const labels = labelsFromObject({ __name__: 'm', i: 'late' });
  await database.write({
    series: [{ labels, samples: late, exemplars: [] }],
    metadata: [],
    rejections: [],
  });
  const second = await setup.ask('sum(m)', range);
  expect(second).not.toBe(first);
  expect(second).toBe(await setup.ask('sum(m)', { ...range, useCache: false }));
  await untilIdle(setup);
});

test('a repeat of several pieces needs no thread, one of very many does', async () => {
  const setup = setUp();
  const runs = (): number => setup.sent.filter((kind) => kind === 'run').length;
  const range = { startT: NOW - 60 * MINUTE, endT: NOW, stepMs: MINUTE };
  const first = await setup.ask('m', range);
  expect(first.length).toBeGreaterThan(2 * PIECE_BYTES);
  expect(await setup.ask('m', range)).toBe(first);
  expect(runs()).toBe(1);
  await setup.ask('m', BIG);
  await setup.ask('m', BIG);
  expect(runs()).toBe(3);
  await untilIdle(setup);
});

test('whoever asks may give the memory of an answer back, unless it is kept', async () => {
  const { run } = setUp();
  const range = { startT: NOW - 60 * MINUTE, endT: NOW, stepMs: MINUTE };
  const asked = [true, true, false].map((useCache) => ({ ...range, useCache }));
  const answers = [];
  for (const parts of asked) answers.push(await run('sum(m)', parts));
  expect(answers.map(({ whole, isOwn }) => [whole !== undefined, isOwn])).toEqual([
    [true, false],
    [true, false],
    [true, true],
  ]);
});

/** As the service chooses between two threads. */
function isForFirstThread(query: string): boolean {
  return affinityOf('default', query) % 2 === 0;
}
