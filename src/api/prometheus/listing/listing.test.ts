import { expect, test } from 'vitest';
import { labelsFromObject } from '../../../model/labels.ts';
import type { Matcher } from '../../../model/matcher.ts';
import { floatColumns } from '../../../model/sample.ts';
import { ALL_TIME, type TimeRange } from '../../../model/time-range.ts';
import type { StatementHost } from '../../../query/statement.ts';
import type { Database } from '../../../storage/interface.ts';
import { MemoryStorage } from '../../../storage/memory-store.ts';
import { attemptListing } from './attempt-listing.ts';
import { evaluateListing } from './evaluate-listing.ts';
import type { Listed, ListingBody } from './listing-body.ts';
import { isSmallListing } from './small-listing.ts';

const SERIES = 3000;
const NOW = Math.floor(Date.now() / 1000) * 1000;
const database = new MemoryStorage().database('default')!;
await database.write({
  series: Array.from({ length: SERIES }, (_, i) => ({
    labels: labelsFromObject({ __name__: 'm', i: `"${i}"`, job: i % 2 === 0 ? 'even' : 'odd' }),
    samples: floatColumns(Float64Array.of(NOW), Float64Array.of(1)),
    exemplars: [{ labels: labelsFromObject({ trace: String(i) }), value: i, t: NOW }],
  })),
  metadata: [],
  rejections: [],
});

/** Pieces of so many bytes. */
async function list(body: ListingBody, pieceBytes = 4096) {
  const pieces: string[] = [];
  const seen = { pieces: 0, last: 0, breaths: 0, bytes: 0 };
  const host: StatementHost = {
    checkpoint: () => {},
    reserve: (bytes) => {
      seen.bytes += bytes;
    },
    breathe: async () => {
      seen.breaths++;
    },
    newPiece: () => new Uint8Array(pieceBytes),
    send: async (piece, isLast) => {
      pieces.push(Buffer.from(piece).toString('latin1'));
      seen.pieces++;
      if (isLast) seen.last = seen.pieces;
    },
  };
  const querier = database.querier(ALL_TIME);
  await evaluateListing(body, [querier], host);
  querier.close();
  const text = Buffer.from(pieces.join(''), 'latin1').toString();
  return { ...seen, answer: JSON.parse(text) as { data: unknown[]; warnings?: string[] } };
}

const all = { selectors: [], limit: undefined };
const EVEN: readonly Matcher[] = [{ type: '=', name: 'job', value: 'even' }];

test.each<[name: string, what: Listed, count: number, first: unknown]>([
  ['label names', { kind: 'label names' }, 3, '__name__'],
  ['label values', { kind: 'label values', name: 'i' }, SERIES, '"0"'],
  ['series', { kind: 'series' }, SERIES, { __name__: 'm', i: '"0"', job: 'even' }],
  [
    'exemplars',
    { kind: 'exemplars' },
    SERIES,
    {
      seriesLabels: { __name__: 'm', i: '"0"', job: 'even' },
      exemplars: [{ labels: { trace: '0' }, value: '0', timestamp: NOW / 1000 }],
    },
  ],
])('%s come in pieces, and others have their turn meanwhile', async (_, what, count, first) => {
  const { answer, pieces, last, breaths } = await list({ ...all, what });
  expect(answer.data).toHaveLength(count);
  expect(answer.data[0]).toEqual(first);
  expect(answer.warnings).toBeUndefined();
  expect(last).toBe(pieces);
  expect(breaths).toBe(Math.ceil(count / 64));
  if (count > 1000) expect(pieces).toBeGreaterThan(5);
});

test('what a limit cut has a warning', async () => {
  const what = { kind: 'label values', name: 'job' } as const;
  const cut = await list({ ...all, what, limit: 1 });
  expect(cut.answer).toMatchObject({
    data: ['even'],
    warnings: ['results truncated due to limit'],
  });
  const whole = await list({ ...all, what, limit: 2 });
  expect(whole.answer).toEqual({ status: 'success', data: ['even', 'odd'] });
});

test('selectors may be left to be parsed here', async () => {
  const what = { kind: 'series' } as const;
  const parsed = await list({ ...all, what, selectors: [EVEN] });
  expect(parsed.answer.data).toHaveLength(SERIES / 2);
  expect((await list({ ...all, what, selectors: ['m{job="even"}'] })).answer).toEqual(
    parsed.answer,
  );
  await expect(list({ ...all, what, selectors: ['m{job='] })).rejects.toMatchObject({
    code: 'PROMQL_PARSE',
  });
  await expect(list({ ...all, what, selectors: ['{job=~".*"}'] })).rejects.toThrow(
    'match[] must contain at least one non-empty matcher',
  );
});

test('long lists of texts count as memory', async () => {
  const { bytes } = await list({ ...all, what: { kind: 'label values', name: 'i' } });
  expect(bytes).toBeGreaterThan(SERIES * 32);
});

test.each<
  [
    expected: boolean,
    name: string,
    what: Listed,
    selectors: ListingBody['selectors'],
    stored: number,
  ]
>([
  [true, 'anything of a small database', { kind: 'label values', name: 'a' }, [EVEN], 4000],
  [true, 'all of a small database', { kind: 'label names' }, [], 4000],
  [false, 'a list of a large one', { kind: 'label values', name: 'a' }, [EVEN], 1e6],
  [true, 'a handful of series of a large one', { kind: 'series' }, [EVEN], 1e6],
  [false, 'many series of a large one', { kind: 'series' }, [EVEN, EVEN], 1e6],
  [false, 'all series of a large one', { kind: 'exemplars' }, [], 1e6],
  [
    false,
    'with a regular expression',
    { kind: 'series' },
    [[...EVEN, { type: '=~', name: 'a', value: '[b]+' }]],
    10,
  ],
  [false, 'with a selector to be parsed', { kind: 'series' }, ['m{job="even"}'], 10],
])('small is %s: %s', (expected, _, what, selectors, stored) => {
  const mostSeries = (matchers: readonly Matcher[]): number => (matchers.length > 0 ? 60 : stored);
  const counting = { mostSeries } as unknown as Database;
  expect(isSmallListing(counting, ALL_TIME, { what, selectors, limit: undefined })).toBe(expected);
});

/** The database, that calls a checkpoint so many times for a list. */
function attempt(body: ListingBody, checkpoints = 0, stored = 4000) {
  const tried = {
    mostSeries: (matchers: readonly Matcher[]) => (matchers.length > 0 ? 60 : stored),
    querier: (range: TimeRange, checkpoint: () => void) => {
      for (let i = 0; i < checkpoints; i++) checkpoint();
      return database.querier(range);
    },
  };
  return attemptListing(tried as unknown as Database, ALL_TIME, body);
}

test('what is known at once is the same as from a thread', async () => {
  const asked: ListingBody[] = [
    { ...all, what: { kind: 'label names' } },
    { ...all, what: { kind: 'label values', name: 'job' } },
    { ...all, what: { kind: 'label values', name: 'job' }, limit: 1 },
    { ...all, what: { kind: 'label names' }, selectors: [EVEN] },
    { ...all, what: { kind: 'series' }, selectors: [[{ type: '=', name: 'i', value: '"7"' }]] },
  ];
  const one = [];
  for (const body of asked) one.push(await attempt(body, 0, 1e6));
  const together = await Promise.all(asked.map((body) => attempt(body, 0, 1e6)));
  // Looked at when all are there: none may lie in the memory of another.
  for (const [i, body] of asked.entries()) {
    const { answer } = await list(body);
    for (const wholes of [one, together]) {
      expect(JSON.parse(Buffer.from(wholes[i]!).toString())).toEqual(answer);
    }
  }
});

test('an attempt ends where it would take long, or fails', async () => {
  const names: ListingBody = { ...all, what: { kind: 'label names' } };
  expect(await attempt(names, 16)).toBeDefined();
  expect(await attempt(names, 17)).toBeUndefined();
  // More than a piece.
  expect(await attempt({ ...all, what: { kind: 'series' }, selectors: [EVEN] })).toBeUndefined();
  expect(await attempt({ ...all, what: { kind: 'series' } })).toBeUndefined();
  expect(await attempt({ ...names, selectors: ['m{job="even"}'] })).toBeUndefined();
  const invalid: Matcher = { type: '=~', name: 'a', value: '(' };
  expect(await attempt({ ...names, selectors: [[invalid]] })).toBeUndefined();
});
