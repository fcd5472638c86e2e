// InfluxQL on query threads, over a real engine: answers, budgets, stops, deaths, readers that are slow.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startApi, type TestApi } from '../../test/support/api.ts';
import { defaultSettings, type Settings } from '../config/settings.ts';
import { labelsFromObject } from '../model/labels.ts';
import { floatColumns } from '../model/sample.ts';
import { AnswerCache } from '../query/cache/answer-cache.ts';
import { InlineExecutor } from '../query/inline-executor.ts';
import { MemoryLedger } from '../query/memory-ledger.ts';
import { LocalQueryService } from '../query/service.ts';
import { ThreadPool } from '../query/thread-pool.ts';
import { systemClock } from '../runtime/clock.ts';
import { SILENT_LOGGER } from '../runtime/log.ts';
import { NO_QUOTAS } from '../storage/database-settings.ts';
import type { Database, Storage } from '../storage/interface.ts';
import { MemoryStorage } from '../storage/memory-store.ts';
import { EVALUATORS } from './languages.ts';
import { openStorage } from './open-storage.ts';
import { languageOptions, spawnQueryThread } from './queries.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const SERIES = 200;
const SAMPLES = 500;

/** More than a day of rows, in steps that notice a stop. */
const ENDLESS =
  'SELECT sum(c) FROM (SELECT count(value) AS c FROM m WHERE time >= 0 AND time < 99999d GROUP BY time(1ns) fill(0))';
/** Some megabytes. */
const BIG = 'SELECT * FROM m';
/** More than sockets and streams take that nobody reads from. */
const HUGE = `SELECT ${Array.from({ length: 12 }, (_, i) => `value AS v${i}`).join()} FROM m`;

let dataDir: string;
let engine: Storage;
let memory: MemoryStorage;
let pinned = 0;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tidemark-statements-'));
  engine = await openStorage(defaultSettings({ data: dataDir }), SILENT_LOGGER, () => {});
  memory = new MemoryStorage();
  for (const storage of [engine, memory]) {
    await storage.createDatabase('other');
    await fill(storage.database('default')!);
    await fill(storage.database('other')!);
  }
  await engine.flush();
  for (const storage of [engine, memory]) await write(storage.database('default')!, 'head', 1);
  countViews(engine.database('default')!);
  countViews(engine.database('other')!);
});

afterAll(async () => {
  await engine.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function fill(database: Database): Promise<void> {
  const t = Float64Array.from({ length: SAMPLES }, (_, i) => NOW - (SAMPLES - 1 - i) * MINUTE);
  const series = Array.from({ length: SERIES }, (_, i) => ({
    labels: labelsFromObject({ __name__: 'm', host: `h${i}`, half: i % 2 === 0 ? 'even' : 'odd' }),
    samples: floatColumns(
      t,
      Float64Array.from(t, (_, k) => Math.sqrt(i * k)),
    ),
    exemplars: [],
  }));
  await database.write({ series, metadata: [], rejections: [] });
}

async function write(database: Database, host: string, value: number): Promise<void> {
  const samples = floatColumns(Float64Array.of(NOW), Float64Array.of(value));
  const labels = labelsFromObject({ __name__: 'm', host, half: 'even' });
  await database.write({
    series: [{ labels, samples, exemplars: [] }],
    metadata: [],
    rejections: [],
  });
}

/** Counts what is pinned and not given back. */
function countViews(database: Database): void {
  const share = database.share!.bind(database);
  database.share = (range) => {
    const view = share(range);
    pinned++;
    return {
      ...view,
      release: () => {
        pinned--;
        view.release();
      },
    };
  };
}

interface Setup extends TestApi {
  readonly service: LocalQueryService;
  readonly pool: ThreadPool;
  readonly workers: Worker[];
  readonly ledger: MemoryLedger;
  readonly query: (q: string, params?: Record<string, string>) => Promise<string>;
}

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function setUp(parts: Partial<Settings> = {}, maxBytes: number = 2 ** 28, threads = 1): Setup {
  const settings = defaultSettings({ data: dataDir, 'query.timeout': 60_000, ...parts });
  const ledger = new MemoryLedger(threads + 1);
  const memoryLimits = { maxBytes, maxTotalBytes: 2 ** 31 };
  const workers: Worker[] = [];
  const pool = new ThreadPool({
    threads,
    spawn: (setup, heapMiB) => {
      const worker = spawnQueryThread(setup, heapMiB);
      workers.push(worker);
      return worker;
    },
    ledger,
    memoryLimits,
    cacheBytes: 0,
    onDeath: () => {},
  });
  const service = new LocalQueryService({
    limits: {
      maxConcurrency: settings['query.max-concurrency'],
      maxQueued: settings['query.max-queued'],
      timeoutMs: settings['query.timeout'],
      maxLengthBytes: settings['query.max-length'],
    },
    language: languageOptions(settings),
    threads: pool,
    inline: new InlineExecutor(ledger, threads, memoryLimits, EVALUATORS),
    answers: new AnswerCache(0),
    clock: systemClock,
  });
  const api = startApi({ storage: engine, settings, queries: service });
  closers.push(
    () => service.close(),
    () => api.app.close(),
  );
  return { ...api, service, pool, workers, ledger, query: (q, params) => ask(api, q, params) };
}

async function ask(
  { app }: TestApi,
  q: string,
  params: Record<string, string> = {},
): Promise<string> {
  const url = `/query?${new URLSearchParams({ db: 'default', epoch: 'ms', ...params, q })}`;
  return (await app.inject({ method: 'POST', url })).body;
}

/** Long enough for a machine that is busy with something else. */
const POLLING = { timeout: 60_000, interval: 10 };

async function untilIdle({ service, ledger }: Setup): Promise<void> {
  await vi.waitFor(() => {
    expect([service.active(), pinned, ledger.heldBytes]).toEqual([[], 0, 0]);
  }, POLLING);
}

async function untilRunning({ service }: Setup, text: string): Promise<string> {
  return vi.waitFor(() => {
    const found = service.active().find(({ query }) => query.includes(text));
    expect(found?.state).toBe('running');
    expect(pinned).toBeGreaterThan(0);
    return found!.id;
  }, POLLING);
}

test.each([
  'SELECT count(value), mean(value) FROM m WHERE time > now() - 2h GROUP BY time(10m), half fill(none)',
  "SELECT * FROM m WHERE host = 'h7' LIMIT 3",
  'SELECT max(value) FROM /./ GROUP BY host SLIMIT 3',
  'SELECT sum(a) FROM (SELECT last(value) AS a FROM m GROUP BY host), (SELECT first(value) AS a FROM other..m GROUP BY host)',
  'SELECT value FROM m WHERE time > now() - 3m ORDER BY time DESC',
  'SELECT value FROM nosuch, m WHERE time > now() - 1h',
  'SHOW MEASUREMENTS; SHOW TAG VALUES WITH KEY = half; SHOW TAG KEYS; SHOW FIELD KEYS',
  'SHOW SERIES LIMIT 5; SHOW SERIES CARDINALITY; SHOW TAG VALUES CARDINALITY WITH KEY = host',
  'EXPLAIN SELECT mean(value), max(value) FROM m GROUP BY host',
  'SELECT value FROM m LIMIT 1; SELECT value FROM nosuch..m; SHOW MEASUREMENTS',
])('a thread answers as the main thread does: %s', async (statement) => {
  const onThreads = setUp({}, undefined, 2);
  const inline = startApi({ storage: memory });
  for (const params of [{}, { chunked: 'true', chunk_size: '7' }, { pretty: 'true' }]) {
    expect(await onThreads.query(statement, params)).toBe(await ask(inline, statement, params));
  }
  expect(onThreads.workers.length).toBeGreaterThan(0);
  await untilIdle(onThreads);
});

test('a small SELECT needs no thread', async () => {
  const setup = setUp();
  const small =
    "SELECT max(value) FROM m WHERE host = 'h7' AND time > now() - 30m GROUP BY time(10m)";
  const answer = await setup.query(small);
  expect(setup.workers).toEqual([]);
  await untilIdle(setup);
  // While another is at work here, a thread takes it.
  const [first, second] = await Promise.all([setup.query(small), setup.query(small)]);
  expect([first, second]).toEqual([answer, answer]);
  expect(setup.workers).toHaveLength(1);
  await untilIdle(setup);
});

test('a big answer comes in pieces, whole, in every form', async () => {
  const setup = setUp();
  const rows = SERIES * SAMPLES + 1;
  const { results } = JSON.parse(await setup.query(BIG)) as { results: [AnySeries] };
  expect(results[0].series[0]!.values).toHaveLength(rows);
  const documents = (await setup.query(BIG, { chunked: 'true' })).trimEnd().split('\n');
  const chunks = documents.map((text) => (JSON.parse(text) as { results: [AnySeries] }).results[0]);
  expect(chunks.flatMap(({ series }) => series[0]!.values)).toEqual(results[0].series[0]!.values);
  expect(chunks.map(({ partial }) => partial)).toEqual([
    ...new Array<boolean>(chunks.length - 1).fill(true),
    undefined,
  ]);
  const url = `/query?${new URLSearchParams({ db: 'default', q: BIG })}`;
  const csv = await setup.app.inject({ url, headers: { accept: 'text/csv' } });
  expect(csv.body.trimEnd().split('\n')).toHaveLength(rows + 1);
  await untilIdle(setup);
});

interface AnySeries {
  readonly series: readonly { readonly values: unknown[] }[];
  readonly partial?: boolean;
}

test.each<[name: string, stop: (setup: Setup, id: string) => Promise<unknown>]>([
  ['KILL QUERY', ({ query }, id) => query(`KILL QUERY ${id}`)],
  [
    'cancel by the API',
    ({ app }, id) => app.inject({ method: 'POST', url: `/api/v1/admin/queries/${id}/cancel` }),
  ],
])('%s ends a statement, and its thread goes on', async (_, stop) => {
  const setup = setUp();
  const answer = setup.query(`${ENDLESS}; SHOW DATABASES`);
  const id = await untilRunning(setup, 'sum(c)');
  const listed = JSON.parse(await setup.query('SHOW QUERIES')) as {
    results: [{ series: [{ columns: string[]; values: unknown[][] }] }];
  };
  const [{ columns, values }] = listed.results[0].series;
  expect(columns).toEqual(['qid', 'query', 'database', 'duration', 'status']);
  expect(values).toHaveLength(2);
  expect(values[0]).toEqual([
    Number(id),
    expect.stringMatching(/^SELECT sum\(c\) FROM .*;\nSHOW DATABASES$/),
    'default',
    expect.stringMatching(/^[\d.]+(µs|ms|s)$/),
    'running',
  ]);
  await stop(setup, id);
  expect(JSON.parse(await answer)).toEqual({
    results: [
      { statement_id: 0, error: 'query interrupted' },
      { statement_id: 1, error: 'not executed' },
    ],
  });
  await untilIdle(setup);
  expect(setup.pool.deaths).toBe(0);
  expect(await setup.query('SHOW MEASUREMENTS')).toContain('"m"');
  expect(setup.workers).toHaveLength(1);
  expect(await setup.query(`KILL QUERY ${id}`)).toContain(`no such query id: ${id}`);
});

test('KILL QUERY ends a query of PromQL, too', async () => {
  const setup = setUp();
  const endless = encodeURIComponent('sum(max_over_time((m * m)[5h:1s]))');
  const answer = setup.app.inject(`/api/v1/query?query=${endless}`);
  const id = await untilRunning(setup, 'max_over_time');
  expect(await setup.query('SHOW QUERIES')).toContain('max_over_time');
  await setup.query(`KILL QUERY ${id}`);
  expect((await answer).body).toContain('query was canceled');
  await untilIdle(setup);
});

test('limits of time, memory, points and length end a statement with their names', async () => {
  const slow = setUp({ 'query.timeout': 300 });
  expect(await slow.query(ENDLESS)).toContain(
    '"error":"query-timeout limit exceeded (300ms, --query.timeout)"',
  );
  await untilIdle(slow);
  const small = setUp({}, 2 ** 20);
  expect(await small.query(BIG)).toContain(
    '"error":"query would take too much memory (limit 1MiB, --query.max-memory)"',
  );
  await untilIdle(small);
  expect(small.pool.deaths).toBe(0);
  const few = setUp({ 'query.max-samples': 1000, 'query.max-length': 100 });
  expect(await few.query(BIG)).toContain(
    '"error":"query would hold more than 1000 points in memory (--query.max-samples)"',
  );
  expect(await few.query(`SELECT value FROM m WHERE host = '${'x'.repeat(100)}'`)).toContain(
    '(limit 100, --query.max-length)',
  );
  expect(await few.query('SHOW MEASUREMENTS')).toContain('"m"');
  await untilIdle(few);
});

test('past the queue a request is told to come back, unless something of it is done', async () => {
  const setup = setUp({ 'query.max-concurrency': 1, 'query.max-queued': 1 });
  const running = setup.query(ENDLESS);
  const id = await untilRunning(setup, 'sum(c)');
  const queued = setup.query('SELECT count(value) FROM m');
  await vi.waitFor(() => expect(setup.service.figures.queued).toBe(1), POLLING);
  const post = (q: string) => setup.app.inject({ method: 'POST', url: '/query', query: { q } });
  const refused = await post('SELECT value FROM "default"..m');
  expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, expect.anything()]);
  expect(refused.json()).toEqual({
    error: 'too many queries: 1 run and 1 wait (limit 1, --query.max-queued)',
  });
  const late = await post('SHOW DATABASES; SELECT value FROM "default"..m');
  expect(late.statusCode).toBe(200);
  expect(late.body).toContain('{"statement_id":1,"error":"too many queries');
  await setup.query(`KILL QUERY ${id}`);
  await running;
  expect(await queued).toContain(`[[0,${SERIES * SAMPLES + 1}]]`);
  await untilIdle(setup);
});

test('statements share the quota of queries of their database', async () => {
  const setup = setUp({}, undefined, 2);
  const other = engine.database('other')!;
  await other.configure({
    retentionMs: undefined,
    quotas: { ...NO_QUOTAS, maxConcurrentQueries: 1 },
  });
  const running = setup.query(ENDLESS, { db: 'other' });
  const id = await untilRunning(setup, 'sum(c)');
  let isAnswered = false;
  const waiting = setup.query('SELECT count(value) FROM m', { db: 'other' }).then((text) => {
    isAnswered = true;
    return text;
  });
  expect(await setup.query('SELECT count(value) FROM m')).toContain('"values"');
  expect(isAnswered).toBe(false);
  await setup.query(`KILL QUERY ${id}`);
  await running;
  expect(await waiting).toContain(`[[0,${SERIES * SAMPLES}]]`);
  await other.configure({ retentionMs: undefined, quotas: NO_QUOTAS });
  await untilIdle(setup);
});

test('a thread that dies costs the statement on it, and says so', async () => {
  const setup = setUp();
  const answer = setup.query(`${ENDLESS}; SHOW DATABASES`);
  await untilRunning(setup, 'sum(c)');
  await setup.workers[0]!.terminate();
  const { results } = JSON.parse(await answer) as { results: { error: string }[] };
  expect(results.map(({ error }) => error)).toEqual([
    expect.stringContaining('thread'),
    'not executed',
  ]);
  await untilIdle(setup);
  expect(await setup.query('SHOW MEASUREMENTS')).toContain('"m"');
  expect(setup.workers).toHaveLength(2);
});

/** A connection that has sent a request and reads nothing. */
async function request({ app }: TestApi, q: string): Promise<Socket> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port });
  closers.push(async () => socket.destroy());
  await once(socket, 'connect');
  socket.pause();
  const url = `/query?${new URLSearchParams({ db: 'default', epoch: 'ms', q })}`;
  socket.write(`GET ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  return socket;
}

/** The body of an answer in HTTP chunks. */
function withoutChunkHeads(answer: string): string {
  return answer.replaceAll(/\r\n[0-9a-f]+\r\n/g, '');
}

/** Until the thread has given up the one that waits for its reader. */
async function untilFree({ pool }: Setup): Promise<void> {
  await vi.waitFor(() => expect(pool.isFree(0)).toBe(true), POLLING);
}

test('a slow reader keeps no thread, and gets all of its answer in the end', async () => {
  const setup = setUp();
  const socket = await request(setup, HUGE);
  await untilRunning(setup, 'FROM m');
  await untilFree(setup);
  expect(setup.service.figures.running).toBe(1);
  for (let i = 0; i < 3; i++) {
    expect(await setup.query(`SELECT count(value) + ${i} FROM m`)).toContain('"values"');
    const promql = await setup.app.inject('/api/v1/query?query=count(m)');
    expect(promql.body).toContain('success');
  }
  expect(setup.workers).toHaveLength(1);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  await once(socket, 'end');
  const text = withoutChunkHeads(Buffer.concat(chunks).toString('latin1'));
  expect(text.match(/\[\d{13},/g)).toHaveLength(SERIES * SAMPLES + 1);
  expect(text.trimEnd().endsWith(']]}]}]}')).toBe(true);
  await untilIdle(setup);
});

test.each(['at work', 'waiting for it'])(
  'a client that goes away ends the statement that is %s',
  async (state) => {
    const setup = setUp();
    const socket = await request(setup, state === 'at work' ? ENDLESS : HUGE);
    await untilRunning(setup, 'FROM');
    if (state !== 'at work') await untilFree(setup);
    socket.destroy();
    await untilIdle(setup);
    expect(await setup.query('SHOW MEASUREMENTS')).toContain('"m"');
    expect([setup.workers.length, setup.pool.deaths]).toEqual([1, 0]);
  },
);

test('a statement that waits for its reader can be ended while another has its thread', async () => {
  const setup = setUp();
  const socket = await request(setup, HUGE);
  const big = await untilRunning(setup, 'FROM m');
  await untilFree(setup);
  const endless = setup.query(ENDLESS);
  const id = await untilRunning(setup, 'sum(c)');
  await setup.query(`KILL QUERY ${big}`);
  const closed = once(socket, 'close');
  socket.resume();
  await closed;
  await vi.waitFor(
    () => expect(setup.service.active().map((one) => one.id)).toEqual([id]),
    POLLING,
  );
  await setup.query(`KILL QUERY ${id}`);
  expect(await endless).toContain('query interrupted');
  await untilIdle(setup);
  expect(setup.pool.deaths).toBe(0);
});
