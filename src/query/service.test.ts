import { expect, test, vi } from 'vitest';
import type { TimeRange } from '../model/time-range.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../promql/eval/engine.ts';
import { parserOptions } from '../promql/language/features.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Database } from '../storage/interface.ts';
import { MemoryStorage } from '../storage/memory-store.ts';
import { AnswerCache } from './cache/answer-cache.ts';
import type { Execution, Executor } from './executor.ts';
import type { QueryRequest } from './interface.ts';
import type { StopReason } from './interrupt.ts';
import type { ExecutionEvents, QueryFigures, QueryJob } from './job.ts';
import { queryRequest } from './query-testing.ts';
import { LocalQueryService, type QueryLimits } from './service.ts';
import type { DatabaseRange, StatementJob, StatementRequest } from './statement.ts';

const FIGURES: QueryFigures = {
  evaluationMs: 5,
  samplesRead: 7,
  peakSamples: 7,
  peakBytes: 0,
  seriesReturned: 1,
  cachedSteps: undefined,
};

/** A query at work that does what the test says. */
interface FakeWork {
  readonly job?: QueryJob;
  readonly statement?: StatementJob;
  readonly range: TimeRange;
  readonly events: ExecutionEvents;
  taken: number;
  stopped: StopReason | undefined;
}

class FakeExecutor implements Executor {
  onRoom: () => void = () => {};
  hasRoom = true;
  size = 1;
  readonly works: FakeWork[] = [];

  start(job: QueryJob, _: Database, range: TimeRange, events: ExecutionEvents): Execution {
    return this.#start({ job, range, events });
  }

  startStatement(
    job: StatementJob,
    reads: readonly DatabaseRange[],
    _affinity: number,
    events: ExecutionEvents,
  ): Execution {
    return this.#start({ statement: job, range: reads[0]!.range, events });
  }

  #start(parts: Pick<FakeWork, 'job' | 'statement' | 'range' | 'events'>): Execution {
    const work: FakeWork = { ...parts, taken: 0, stopped: undefined };
    this.works.push(work);
    return {
      taken: () => work.taken++,
      stop: (reason) => {
        work.stopped ??= reason;
      },
    };
  }

  async close(): Promise<void> {}
}

const LIMITS: QueryLimits = {
  maxConcurrency: 2,
  maxQueued: 2,
  timeoutMs: 60_000,
  maxLengthBytes: 100,
};

const STATEMENT = {
  language: 'tiny',
  text: 'SELECT 1',
  body: { number: 1 },
  listing: undefined,
};

function setUp(limits: Partial<QueryLimits> = {}): {
  service: LocalQueryService;
  executor: FakeExecutor;
  run: (
    request?: Partial<QueryRequest>,
    signal?: AbortSignal,
  ) => ReturnType<LocalQueryService['run']>;
  statement: (
    request?: Partial<StatementRequest>,
    signal?: AbortSignal,
  ) => ReturnType<LocalQueryService['run']>;
} {
  const executor = new FakeExecutor();
  const service = new LocalQueryService({
    limits: { ...LIMITS, ...limits },
    language: {
      parser: parserOptions([]),
      engine: { ...DEFAULT_ENGINE_OPTIONS, maxSamples: 1000 },
    },
    threads: undefined,
    inline: executor,
    answers: new AnswerCache(0),
    clock: systemClock,
    ownerOf: (name) => name.split('/')[0]!,
  });
  const database = new MemoryStorage().database('default')!;
  const range = { minT: 1, maxT: 2 };
  const request = queryRequest({ database, query: 'up', startT: 1_000_000, endT: 1_000_000 });
  return {
    service,
    executor,
    run: (parts = {}, signal = new AbortController().signal) =>
      service.run({ ...request, ...parts }, signal),
    statement: (parts = {}, signal = new AbortController().signal) =>
      service.runStatement(
        { ...STATEMENT, database, reads: [{ database, range }], ...parts },
        signal,
      ),
  };
}

function finish({ events }: FakeWork): void {
  events.evaluated(FIGURES);
  events.piece(Uint8Array.of(1), true);
  events.done();
}

async function read(
  answer: Promise<{ pieces: AsyncGenerator<Uint8Array, void> }>,
): Promise<number> {
  let bytes = 0;
  for await (const piece of (await answer).pieces) bytes += piece.length;
  return bytes;
}

const code = (expected: string): unknown => expect.objectContaining({ code: expected });

test('a query gets what it asks for and is on record', async () => {
  const { service, executor, run } = setUp();
  const answer = run({ query: 'rate(up[1m])', lookbackMs: 1000 });
  expect(service.active()).toMatchObject([
    { query: 'rate(up[1m])', state: 'running', stepMs: undefined },
  ]);
  const work = executor.works[0]!;
  expect(work.range).toEqual({ minT: 940_001, maxT: 1_000_000 });
  expect(work.job!.engine).toMatchObject({ lookbackMs: 1000, maxSamples: 1000 });
  finish(work);
  expect(await read(answer)).toBe(1);
  await vi.waitFor(() => expect(service.active()).toEqual([]));
  expect(service.top(5)).toMatchObject([
    { database: 'default', query: 'rate(up[1m])', count: 1, samplesRead: 7 },
  ]);
  expect(service.figures).toMatchObject({ started: 1, running: 0, failed: 0, samplesRead: 7 });
});

test('mistakes are told before anything runs', async () => {
  const { executor, run } = setUp();
  await expect(run({ query: 'up{' })).rejects.toThrow(code('PROMQL_PARSE'));
  await expect(run({ query: 'up[5m]', stepMs: 1000 })).rejects.toThrow(
    'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
  );
  await expect(run({ query: '("x")', stepMs: 1000 })).rejects.toThrow(code('PROMQL_RANGE_TYPE'));
  await expect(run({ query: 'ä'.repeat(51) })).rejects.toThrow(
    'query is 102 bytes long (limit 100, --query.max-length)',
  );
  expect(executor.works).toEqual([]);
});

test('as many run as may, the next wait in order, more are refused', async () => {
  const { service, executor, run } = setUp();
  const answers = ['a', 'b', 'c', 'd'].map((query) => run({ query }));
  expect(service.active().map(({ query, state }) => `${query} ${state}`)).toEqual([
    'a running',
    'b running',
    'c queued',
    'd queued',
  ]);
  await expect(run({ query: 'e' })).rejects.toThrow(
    expect.objectContaining({ code: 'QUERY_QUEUE_FULL', kind: 'unavailable' }),
  );
  expect(service.figures.refused).toBe(1);
  finish(executor.works[1]!);
  // Its place is free once its answer has been read.
  await read(answers[1]!);
  await vi.waitFor(() => expect(executor.works).toHaveLength(3));
  expect(executor.works[2]!.job!.request.query).toBe('c');
  for (const i of [0, 2]) finish(executor.works[i]!);
  await Promise.all([read(answers[0]!), read(answers[2]!)]);
  await vi.waitFor(() => expect(executor.works).toHaveLength(4));
  finish(executor.works[3]!);
  await read(answers[3]!);
});

test('waits for a thread even where more may run', async () => {
  const { executor, run } = setUp();
  executor.hasRoom = false;
  const answer = run();
  expect(executor.works).toEqual([]);
  executor.hasRoom = true;
  executor.onRoom();
  finish(executor.works[0]!);
  await read(answer);
});

test('cancel by id, a gone client, a timeout: told at once, also in the queue', async () => {
  const { service, executor, run } = setUp({ maxConcurrency: 1 });
  const running = run();
  const queued = run();
  const ids = service.active().map(({ id }) => id);
  expect(service.cancel(ids[1]!)).toBe(true);
  await expect(queued).rejects.toThrow('query was canceled in query queue');
  expect(service.cancel(ids[0]!)).toBe(true);
  await expect(running).rejects.toThrow('query was canceled in expression evaluation');
  expect(executor.works[0]!.stopped).toBe('canceled');
  // It holds its place until the work has really stopped.
  expect(service.active()).toHaveLength(1);
  executor.works[0]!.events.failed(new Error('the evaluation noticed'));
  executor.works[0]!.events.done();
  await vi.waitFor(() => expect(service.active()).toEqual([]));
  expect(service.cancel(ids[0]!)).toBe(false);

  const client = new AbortController();
  const abandoned = run({}, client.signal);
  client.abort();
  await expect(abandoned).rejects.toThrow(expect.objectContaining({ kind: 'canceled' }));
  expect(executor.works[1]!.stopped).toBe('canceled');
  const waiting = run({ timeoutMs: 5 });
  await expect(waiting).rejects.toThrow('query timed out in query queue');
  executor.works[1]!.events.done();
  await vi.waitFor(() => expect(service.active()).toEqual([]));
  const slow = run({ timeoutMs: 5 });
  await expect(slow).rejects.toThrow('query timed out in expression evaluation');
  expect(executor.works[2]!.stopped).toBe('timeout');
});

test('an answer that nobody wants any more ends the work and frees the place', async () => {
  const { service, executor, run } = setUp();
  const answer = run();
  const { events } = executor.works[0]!;
  events.evaluated(FIGURES);
  events.piece(Uint8Array.of(1), false);
  const { pieces } = await answer;
  await pieces.return();
  expect(executor.works[0]!.stopped).toBe('ended');
  expect((await pieces.next()).done).toBe(true);
  events.done();
  await vi.waitFor(() => expect(service.active()).toEqual([]));
  expect(service.figures.failed).toBe(0);
});

test('pieces are asked for as they are read; a failure between them breaks the answer', async () => {
  const { executor, run } = setUp();
  const answer = run();
  const work = executor.works[0]!;
  work.events.evaluated(FIGURES);
  work.events.piece(Uint8Array.of(1), false);
  const { pieces } = await answer;
  expect(work.taken).toBe(0);
  await pieces.next();
  expect(work.taken).toBe(0);
  const next = pieces.next();
  expect(work.taken).toBe(1);
  work.events.failed(new Error('thread died'));
  work.events.done();
  await expect(next).rejects.toThrow('thread died');
});

test('an answer of one piece is given whole and holds nothing', async () => {
  const { service, executor, run } = setUp();
  const answer = run();
  finish(executor.works[0]!);
  expect((await answer).whole).toEqual(Uint8Array.of(1));
  await vi.waitFor(() => expect(service.active()).toEqual([]));
  expect(await read(answer)).toBe(1);
});

test('a reader too slow runs into the timeout', async () => {
  const { service, executor, run } = setUp();
  const answer = run({ timeoutMs: 20 });
  executor.works[0]!.events.piece(Uint8Array.of(1), false);
  finish(executor.works[0]!);
  const { pieces } = await answer;
  await vi.waitFor(() => expect(service.active()).toEqual([]));
  await expect(pieces.next()).rejects.toThrow(code('PROMQL_TIMEOUT'));
});

test('closing fails what runs and what waits, and refuses what comes', async () => {
  const { service, executor, run } = setUp({ maxConcurrency: 1 });
  const answers = [run(), run()];
  const failures = answers.map((answer) => expect(answer).rejects.toThrow(code('QUERY_CLOSED')));
  await service.close();
  await Promise.all(failures);
  executor.works[0]!.events.done();
  await expect(run()).rejects.toThrow(code('QUERY_CLOSED'));
  expect(executor.works).toHaveLength(1);
});

test('a failure to start is the failure of that query alone', async () => {
  const { service, executor, run } = setUp();
  executor.start = () => {
    throw new Error('no view');
  };
  await expect(run()).rejects.toThrow('no view');
  await vi.waitFor(() => expect(service.active()).toEqual([]));
});

test('statements of other languages are queries as well', async () => {
  const { service, executor, run, statement } = setUp({ maxConcurrency: 1, maxQueued: 1 });
  const answer = statement();
  expect(service.active()).toMatchObject([
    { language: 'tiny', query: 'SELECT 1', database: 'default', state: 'running' },
  ]);
  const queued = run();
  await expect(statement()).rejects.toThrow(code('QUERY_QUEUE_FULL'));
  const [work] = executor.works;
  expect(work).toMatchObject({ statement: { language: 'tiny', body: { number: 1 } } });
  expect(work!.range).toEqual({ minT: 1, maxT: 2 });
  // Pieces before it is known what the statement cost.
  work!.events.piece(Uint8Array.of(1), false);
  const reading = read(answer);
  work!.events.evaluated(FIGURES);
  work!.events.piece(Uint8Array.of(2, 3), true);
  work!.events.done();
  expect(await reading).toBe(3);
  await vi.waitFor(() => expect(executor.works).toHaveLength(2));
  finish(executor.works[1]!);
  await read(queued);
  expect(service.top(5)).toContainEqual(
    expect.objectContaining({ query: 'SELECT 1', samplesRead: 7 }),
  );
  await expect(statement({ text: 'S'.repeat(101) })).rejects.toThrow(code('QUERY_TOO_LONG'));
});

test('a part of listed work is listed as that, and ends with it', async () => {
  const { service, executor, run, statement } = setUp({ maxConcurrency: 1 });
  const running = run();
  const client = new AbortController();
  const listing = service.list({
    language: 'tiny',
    database: 'd',
    about: ['d'],
    query: 'SELECT 1; SELECT 2',
    stop: () => client.abort(),
  });
  const states = (): unknown =>
    service.active().map(({ query, state, database }) => [query, state, database]);
  expect(states()).toEqual([
    ['up', 'running', 'default'],
    ['SELECT 1; SELECT 2', 'running', 'd'],
  ]);
  const part = statement({ listing }, client.signal);
  expect(states()).toEqual([
    ['up', 'running', 'default'],
    ['SELECT 1; SELECT 2', 'queued', 'd'],
  ]);
  finish(executor.works[0]!);
  await read(running);
  await vi.waitFor(() => expect(states()).toEqual([['SELECT 1; SELECT 2', 'running', 'd']]));
  expect(service.cancel(listing.id)).toBe(true);
  await expect(part).rejects.toThrow(expect.objectContaining({ kind: 'canceled' }));
  expect(executor.works[1]!.stopped).toBe('canceled');
  executor.works[1]!.events.done();
  listing.end();
  expect(service.active()).toEqual([]);
  await vi.waitFor(() => expect(service.cancel(listing.id)).toBe(false));
});

/** A database of another name, as far as the service looks at it. */
function named(name: string): Database {
  const database = new MemoryStorage().database('default')!;
  return new Proxy(database, {
    get: (target, key) => (key === 'name' ? name : Reflect.get(target, key)),
  });
}

/** How many of the queries in a state each database has. */
function countOf(service: LocalQueryService, state: 'running' | 'queued'): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const query of service.active()) {
    if (query.state === state) counts[query.database] = (counts[query.database] ?? 0) + 1;
  }
  return counts;
}

test('a database does not wait for all that another waits for', async () => {
  const { service, executor, run } = setUp({ maxConcurrency: 1, maxQueued: 10 });
  const [a, b] = [named('a'), named('b')];
  const answers = [
    ...['a1', 'a2', 'a3'].map((query) => run({ database: a, query })),
    run({ database: b, query: 'b1' }),
    run({ database: named('a/policy'), query: 'a4' }),
    run({ database: b, query: 'b2' }),
  ];
  const order: string[] = [];
  while (service.figures.running > 0) {
    order.push(service.active().find(({ state }) => state === 'running')!.query);
    const { length } = executor.works;
    finish(executor.works.at(-1)!);
    await vi.waitFor(() => {
      expect(executor.works.length > length || service.figures.running === 0).toBe(true);
    });
  }
  expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'a4']);
  await Promise.all(answers);
});

test('while there are others, a database gets neither all places nor all of the queue', async () => {
  const { service, executor, run } = setUp({ maxConcurrency: 4, maxQueued: 4 });
  const [a, b] = [named('a'), named('b')];
  const running = (): Record<string, number> => countOf(service, 'running');
  const queued = (): Record<string, number> => countOf(service, 'queued');
  const refused: string[] = [];
  const ask = (database: Database, query: string): void => {
    run({ database, query }).catch(({ code: why }: { code: string }) => {
      refused.push(`${query} ${why}`);
    });
  };
  // Alone it may have everything.
  for (let i = 0; i < 8; i++) ask(a, `a${i}`);
  expect([running(), queued()]).toEqual([{ a: 4 }, { a: 4 }]);
  // The last of its queue give way.
  ask(b, 'b0');
  ask(b, 'b1');
  expect(queued()).toEqual({ a: 2, b: 2 });
  ask(b, 'b2');
  ask(a, 'a8');
  await vi.waitFor(() => {
    expect(refused.sort()).toEqual(
      ['a6', 'a7', 'a8', 'b2'].map((query) => `${query} QUERY_QUEUE_FULL`),
    );
  });
  expect(service.figures.refused).toBe(4);
  // What becomes free is for who has least; one place of four is kept for others than the owner.
  for (const work of executor.works.slice(0, 3)) finish(work);
  await vi.waitFor(() => expect(running()).toEqual({ a: 2, b: 2 }));
  for (const work of executor.works.slice(4, 6)) finish(work);
  ask(a, 'a9');
  ask(a, 'a10');
  await vi.waitFor(() => expect([running(), queued()]).toEqual([{ a: 3 }, { a: 2 }]));
});

test('a statement whose attempt has the answer takes no thread and is on record', async () => {
  const { service, executor, statement } = setUp();
  const known = Uint8Array.of(1, 2, 3);
  const { whole, pieces } = await statement({ attempt: async () => known });
  expect(whole).toBe(known);
  expect(await read(Promise.resolve({ pieces }))).toBe(3);
  expect(executor.works).toEqual([]);
  expect(service.figures).toMatchObject({ started: 1, running: 0, failed: 0 });
  expect(service.top(5)).toMatchObject([{ database: 'default', query: STATEMENT.text, count: 1 }]);
});

test('a statement whose attempt is given up is evaluated like any other', async () => {
  const { executor, statement } = setUp();
  const answer = statement({ attempt: async () => undefined });
  await vi.waitFor(() => expect(executor.works).toHaveLength(1));
  finish(executor.works[0]!);
  expect(await read(answer)).toBe(1);
});

test('nothing is attempted for who has gone, asks too much, or comes too late', async () => {
  const { service, statement } = setUp();
  const attempt = vi.fn(async () => Uint8Array.of(1));
  const gone = new AbortController();
  gone.abort(new Error('gone'));
  await expect(statement({ attempt }, gone.signal)).rejects.toThrow('gone');
  await expect(statement({ attempt, text: 'x'.repeat(101) })).rejects.toThrow(
    code('QUERY_TOO_LONG'),
  );
  await service.close();
  await expect(statement({ attempt })).rejects.toMatchObject({ kind: 'unavailable' });
  expect(attempt).not.toHaveBeenCalled();
});
