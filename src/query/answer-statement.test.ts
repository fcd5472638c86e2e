// Statements on the thread of the service: turns, back-pressure, stops, budgets.

import { expect, test, vi } from 'vitest';
import { DEFAULT_ENGINE_OPTIONS } from '../promql/eval/engine.ts';
import { parserOptions } from '../promql/language/features.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Database } from '../storage/interface.ts';
import { MemoryStorage } from '../storage/memory-store.ts';
import { AnswerCache } from './cache/answer-cache.ts';
import { InlineExecutor } from './inline-executor.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { LocalQueryService } from './service.ts';
import type { StatementEvaluators, StatementHost } from './statement.ts';

const MiB = 2 ** 20;

/** Sends `count` pieces of one byte each. */
async function counting(body: unknown, _: unknown, host: StatementHost): Promise<void> {
  const { count } = body as { count: number };
  for (let i = 0; i < count; i++) {
    const piece = host.newPiece();
    piece[0] = i;
    await host.send(piece.subarray(0, 1), i === count - 1);
  }
}

const EVALUATORS: StatementEvaluators = {
  counting,
  async breathing(body, _, host) {
    const { slices } = body as { slices: number };
    for (let i = 0; i < slices; i++) {
      const end = performance.now() + 10;
      while (performance.now() < end) host.checkpoint();
      await host.breathe();
    }
    await host.send(host.newPiece().fill(slices).subarray(0, 1), true);
  },
  async busy(_, __, host) {
    for (;;) host.checkpoint();
  },
  async greedy(_, __, host) {
    for (;;) {
      host.reserve(MiB);
      await host.breathe();
    }
  },
  async silent() {},
};

function setUp(timeoutMs = 60_000) {
  const ledger = new MemoryLedger(1);
  const opened = { queriers: 0 };
  const inner = new MemoryStorage().database('default')!;
  const database = new Proxy(inner, {
    get: (target, key) => {
      if (key !== 'querier') return Reflect.get(target, key) as unknown;
      return (range: Parameters<Database['querier']>[0]) => {
        const querier = target.querier(range);
        opened.queriers++;
        const close = querier.close.bind(querier);
        let isClosed = false;
        querier.close = () => {
          if (!isClosed) opened.queriers--;
          isClosed = true;
          close();
        };
        return querier;
      };
    },
  });
  const service = new LocalQueryService({
    limits: { maxConcurrency: 5, maxQueued: 50, timeoutMs, maxLengthBytes: 10_000 },
    language: { parser: parserOptions([]), engine: DEFAULT_ENGINE_OPTIONS },
    threads: undefined,
    inline: new InlineExecutor(
      ledger,
      0,
      { maxBytes: 8 * MiB, maxTotalBytes: 64 * MiB },
      EVALUATORS,
    ),
    answers: new AnswerCache(0),
    clock: systemClock,
  });
  const range = { minT: 0, maxT: 1 };
  const run = (language: string, body: unknown = {}, signal = new AbortController().signal) =>
    service.runStatement(
      {
        language,
        text: language,
        database,
        reads: [{ database, range }],
        body,
        listing: undefined,
      },
      signal,
    );
  const untilIdle = () =>
    vi.waitFor(() => {
      expect(service.active()).toEqual([]);
      expect([opened.queriers, ledger.heldBytes]).toEqual([0, 0]);
    });
  return { service, run, untilIdle, opened };
}

async function bytesOf({
  pieces,
}: {
  pieces: AsyncGenerator<Uint8Array, void>;
}): Promise<number[]> {
  const bytes: number[] = [];
  for await (const piece of pieces) bytes.push(...piece);
  return bytes;
}

const code = (expected: string): unknown => expect.objectContaining({ code: expected });

test('pieces come in order, more of them as they are read; others work meanwhile', async () => {
  const { run, untilIdle, opened } = setUp();
  const slow = await run('counting', { count: 20 });
  // It waits for its reader, with four pieces made.
  expect(await bytesOf(await run('counting', { count: 3 }))).toEqual([0, 1, 2]);
  expect(opened.queriers).toBe(1);
  expect(await bytesOf(slow)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  await untilIdle();
});

test('statements that have something to do at the same time take turns', async () => {
  const { run, untilIdle } = setUp();
  const first = await run('counting', { count: 20 });
  const second = run('breathing', { slices: 5 });
  // Wanted by its reader while the other is at work.
  expect(await bytesOf(first)).toHaveLength(20);
  expect(await bytesOf(await second)).toEqual([5]);
  await untilIdle();
});

test('a client that goes away, before or between pieces, ends the work', async () => {
  const { run, untilIdle } = setUp();
  const client = new AbortController();
  const answer = await run('counting', { count: 20 }, client.signal);
  await answer.pieces.next();
  client.abort();
  await expect(answer.pieces.next()).rejects.toThrow(code('PROMQL_CANCELED'));
  await untilIdle();
  const { pieces } = await run('counting', { count: 20 });
  await pieces.return();
  await untilIdle();
});

test('a timeout ends work that never lets go of its thread', async () => {
  const { run, untilIdle } = setUp(50);
  await expect(run('busy')).rejects.toThrow(code('PROMQL_TIMEOUT'));
  await untilIdle();
});

test('memory is held within the budget of queries', async () => {
  const { run, untilIdle } = setUp();
  await expect(run('greedy')).rejects.toThrow(
    'query would take too much memory (limit 8MiB, --query.max-memory)',
  );
  await untilIdle();
});

test('evaluators that are missing or say nothing are defects, not hangs', async () => {
  const { run, untilIdle } = setUp();
  await expect(run('silent')).rejects.toThrow('sent no last piece');
  await expect(run('toString')).rejects.toThrow(code('QUERY_LANGUAGE_UNKNOWN'));
  await untilIdle();
});
