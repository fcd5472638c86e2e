import { expect, test } from 'vitest';
import { DEFAULT_ENGINE_OPTIONS, Engine } from '../../promql/eval/engine.ts';
import type { QueryPlan } from '../../promql/eval/plan.ts';
import { parserOptions } from '../../promql/language/features.ts';
import { parseExpr } from '../../promql/language/parser.ts';
import { ChangeLog, metricClass } from '../../storage/change-log.ts';
import type { Database } from '../../storage/interface.ts';
import type { QueryRequest } from '../interface.ts';
import { queryRequest } from '../query-testing.ts';
import { AnswerCache } from './answer-cache.ts';

const MINUTE = 60_000;
const NOW = 1_800_000_000_000;

/** A database of which only the changes matter. */
function setUp(maxBytes = 2 ** 20) {
  const log = new ChangeLog();
  const feed = { log, keptFromT: 0 };
  const database = { name: 'd', changes: () => feed } as unknown as Database;
  const cache = new AnswerCache(maxBytes);
  const query = 'sum(rate(m[5m]))';
  const range = { startT: NOW - 60 * MINUTE, endT: NOW, stepMs: MINUTE };
  const request = (parts: Partial<QueryRequest> = {}): QueryRequest =>
    queryRequest({ database, query, ...range, ...parts });
  const keep = (of: QueryRequest, text: string): void => {
    const place = cache.find(of);
    if (place === undefined || place instanceof Uint8Array) throw new Error('no place');
    place.keep(planOf(of), Buffer.from(text));
  };
  const find = (of: QueryRequest): string | undefined => {
    const found = cache.find(of);
    return found instanceof Uint8Array ? Buffer.from(found).toString() : undefined;
  };
  return { log, feed, cache, request, keep, find };
}

function planOf({ query, startT, endT, stepMs }: QueryRequest): QueryPlan {
  const expr = parseExpr(query, parserOptions([]));
  return new Engine(DEFAULT_ENGINE_OPTIONS).plan({ expr, query, startT, endT, stepMs });
}

test('the very same request gets the very same answer', () => {
  const { request, keep, find } = setUp();
  expect(find(request())).toBeUndefined();
  keep(request(), 'one');
  expect(find(request())).toBe('one');
});

test.each<Partial<QueryRequest>>([
  { query: 'sum(rate(m[6m]))' },
  { startT: NOW - 61 * MINUTE },
  { endT: NOW + MINUTE },
  { stepMs: 2 * MINUTE },
  { lookbackMs: 1000 },
  { limit: 1 },
])('another request has none: %o', (parts) => {
  const { request, keep, find } = setUp();
  keep(request(), 'one');
  expect(find(request(parts))).toBeUndefined();
});

test.each<Partial<QueryRequest>>([
  { stepMs: undefined },
  { useCache: false },
  { stats: 'total' },
  { trace: true },
  { warnings: ['old'] },
])('neither kept nor found: %o', (parts) => {
  const { cache, request, keep } = setUp();
  keep(request(), 'one');
  expect(cache.find(request(parts))).toBeUndefined();
});

test('a change of what was read makes it forgotten', () => {
  const { log, request, keep, find } = setUp();
  keep(request(), 'one');
  log.markOne(NOW - 30 * MINUTE, (metricClass('m') + 1) % 256);
  log.markOne(NOW + 30 * MINUTE, metricClass('m'));
  log.markOne(NOW - 90 * MINUTE, metricClass('m'));
  expect(find(request())).toBe('one');
  // Before the first step, but in its window.
  log.markOne(NOW - 64 * MINUTE, metricClass('m'));
  expect(find(request())).toBeUndefined();
  keep(request(), 'two');
  log.markAll();
  expect(find(request())).toBeUndefined();
});

test('a change while the answer was made counts', () => {
  const { log, cache, request, find } = setUp();
  const place = cache.find(request());
  log.markOne(NOW, metricClass('m'));
  if (place === undefined || place instanceof Uint8Array) throw new Error('no place');
  place.keep(planOf(request()), Buffer.from('old'));
  expect(find(request())).toBeUndefined();
});

test('nothing outlives the samples it was made of', () => {
  const { feed, request, keep, find } = setUp();
  keep(request(), 'one');
  feed.keptFromT = NOW - 63 * MINUTE;
  expect(find(request())).toBeUndefined();
  keep(request(), 'two');
  expect(find(request())).toBeUndefined();
});

test('memory is bounded: the longest unused go, the large are not kept', () => {
  const { cache, request, keep, find } = setUp(800_000);
  const at = (i: number): QueryRequest => request({ limit: i });
  const places = [0, 1, 2, 3, 4];
  for (const i of places) {
    keep(at(i), 'x'.repeat(190_000));
    find(at(0));
  }
  expect(places.filter((i) => find(at(i)) === undefined)).toEqual([1]);
  expect(cache.bytes).toBeLessThanOrEqual(800_000);
  keep(at(9), 'x'.repeat(200_001));
  expect(find(at(9))).toBeUndefined();
  expect(new AnswerCache(0).find(request())).toBeUndefined();
});

test('what is forgotten or replaced takes no memory', () => {
  const { log, cache, request, keep, find } = setUp();
  keep(request(), 'one');
  const before = cache.bytes;
  log.markAll();
  keep(request(), 'two');
  expect(cache.bytes).toBe(before);
  log.markAll();
  find(request());
  expect(cache.bytes).toBe(0);
});
