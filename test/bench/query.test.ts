import { expect, test } from 'vitest';
import { withSection } from '../../bench/page.ts';
import { firstDifference, parseAnswer, queryPath } from '../../bench/query/ask.ts';
import { QUERY_CELLS } from '../../bench/query/list.ts';
import { ratioOf, type Timing } from '../../bench/query/results.ts';

const HOUR = 3_600_000;

test('a section of the page is replaced, others stay, a new one is added', () => {
  const page = withSection(withSection('# old title\n\n', '## Ingest\n\na\n'), '## Queries\n\nb\n');
  const changed = withSection(page, '## Ingest\n\n### deep\n\nc\n');
  expect(changed).toContain('# Benchmarks');
  expect(changed).not.toContain('old title');
  expect(changed).toMatch(/## Ingest\n\n### deep\n\nc\n\n## Queries\n\nb\n$/);
});

test('ranges end at the last step before the end of the data', () => {
  const query = {
    name: 'x',
    query: 'x',
    class: 'matrix',
    range: { hours: 1, stepSeconds: 60 },
  } as const;
  const params = new URL(queryPath(query, HOUR * 10 + 59_999, { nocache: '1' }), 'http://x')
    .searchParams;
  expect(Object.fromEntries(params)).toEqual({
    query: 'x',
    start: String(9 * 3600),
    end: String(10 * 3600),
    step: '60',
    nocache: '1',
  });
});

const answer = (rows: unknown): ReturnType<typeof parseAnswer> =>
  parseAnswer({
    wallMs: 0,
    status: 200,
    body: Buffer.from(JSON.stringify({ data: { result: rows } })),
  });

test('answers are the same whatever the order of series, labels and additions', () => {
  const a = answer([
    { metric: { a: '1', b: '2' }, values: [[1, '0.1']] },
    { metric: {}, values: [[1, 'NaN']] },
  ]);
  const b = answer([
    { metric: {}, values: [[1, 'NaN']] },
    { metric: { b: '2', a: '1' }, values: [[1, '0.10000000000000002']] },
  ]);
  expect(firstDifference(a, b)).toBeUndefined();
});

test.each([
  ['a value', [{ metric: { a: '1' }, values: [[1, '0.2']] }]],
  ['a time', [{ metric: { a: '1' }, values: [[2, '0.1']] }]],
  ['a point', [{ metric: { a: '1' }, values: [] }]],
  ['a series', []],
  ['labels', [{ metric: { a: '2' }, values: [[1, '0.1']] }]],
])('another %s is a difference', (_, rows) => {
  const whole = answer([{ metric: { a: '1' }, values: [[1, '0.1']] }]);
  expect(firstDifference(answer(rows), whole)).toBeDefined();
});

test('a refusal is no answer', () => {
  expect(() => parseAnswer({ wallMs: 0, status: 422, body: Buffer.from('no') })).toThrow('422');
});

test('ratios compare servers within a round', () => {
  const timing = (server: string, round: number, wallMs: number): Timing => ({
    server,
    round,
    wallMs,
    bytes: 0,
  });
  const timings = [
    timing('a', 0, 1),
    timing('b', 0, 2),
    timing('a', 1, 30),
    timing('b', 1, 10),
    timing('a', 2, 7),
  ];
  expect(ratioOf(timings, 'a', 'b')).toBe(1.75);
});

test('every query of a cell has a name of its own', () => {
  for (const { queries } of QUERY_CELLS) {
    const names = queries.map(({ name, range }) => JSON.stringify([name, range]));
    expect(new Set(names).size).toBe(names.length);
  }
});
