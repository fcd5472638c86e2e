import { expect, test } from 'vitest';
import { MAX_TIME_NS, MIN_TIME_NS } from './condition.ts';
import { parseStatements } from './parser.ts';
import { printExpression } from './print-expression.ts';
import { type CheckedSelect, validateSelect } from './validate-select.ts';

/** 2026-11-26T11:00:00Z. */
const NOW_NS = 1_795_690_800_000_000_000n;
const HOUR_NS = 3_600_000_000_000n;

function check(text: string): CheckedSelect {
  const [statement] = parseStatements(text);
  if (statement?.kind !== 'select') throw new Error('no SELECT');
  return validateSelect(statement, NOW_NS);
}

function where(condition: string): { minNs: bigint; maxNs: bigint; rest: string | undefined } {
  const { minNs, maxNs, condition: rest } = check(`SELECT a FROM cpu WHERE ${condition}`);
  return { minNs, maxNs, rest: rest === undefined ? undefined : printExpression(rest) };
}

test.each<[condition: string, minNs: bigint, maxNs: bigint, rest?: string]>([
  ["host = 'a'", MIN_TIME_NS, MAX_TIME_NS, "host = 'a'"],
  ['time >= 5 AND time <= 9', 5n, 9n],
  ['time > 5 AND time < 9', 6n, 8n],
  ['time = 7', 7n, 7n],
  ['5 <= time AND 9 > time', 5n, 8n],
  ["time >= 5 AND host = 'a'", 5n, MAX_TIME_NS, "host = 'a'"],
  ["(time >= 5) AND (host = 'a' OR host = 'b')", 5n, MAX_TIME_NS, "host = 'a' OR host = 'b'"],
  ['time >= 5 OR time <= 9', 5n, 9n],
  ['time > 1700000000s', 1_700_000_000_000_000_001n, MAX_TIME_NS],
  ['time > now() - 1h', NOW_NS - HOUR_NS + 1n, MAX_TIME_NS],
  ["time >= '2023-11-14T22:13:20.5Z'", 1_700_000_000_500_000_000n, MAX_TIME_NS],
  ["time >= '2023-11-14 22:13:20'", 1_700_000_000_000_000_000n, MAX_TIME_NS],
  ["time >= '1970-01-02'", 24n * HOUR_NS, MAX_TIME_NS],
  ["time >= '1970-01-02T00:00:00+02:00'", 22n * HOUR_NS, MAX_TIME_NS],
  ["time >= '1970-01-01' + 1h", HOUR_NS, MAX_TIME_NS],
  ['a > 1 + 2 * 3', MIN_TIME_NS, MAX_TIME_NS, 'a > 7'],
  ['a > 10 / 4 AND true', MIN_TIME_NS, MAX_TIME_NS, 'a > 2.500'],
  ['false AND a > 1', MIN_TIME_NS, MAX_TIME_NS, 'false'],
])('WHERE %s', (condition, minNs, maxNs, rest) => {
  expect(where(condition)).toEqual({ minNs, maxNs, rest });
});

test("times without a zone are of the statement's", () => {
  const berlin = (time: string): bigint =>
    check(`SELECT a FROM cpu WHERE time >= '${time}' tz('Europe/Berlin')`).minNs;
  expect(berlin('1970-01-02')).toBe(23n * HOUR_NS);
  // Summer; and around the hour that is there twice the first of the two.
  expect(berlin('2023-07-01 12:00:00')).toBe(1_688_205_600_000_000_000n);
  expect(berlin('2023-10-29 04:00:00')).toBe(1_698_548_400_000_000_000n);
});

test('with an interval the range ends now', () => {
  const checked = check('SELECT mean(a) FROM cpu GROUP BY time(1m, 15s), host');
  expect(checked.maxNs).toBe(NOW_NS);
  expect(checked.groupByTime).toEqual({ intervalNs: 60_000_000_000n, offsetNs: 15_000_000_000n });
});

test('subqueries are within the range and have the interval of the query around them', () => {
  const checked = check(
    'SELECT mean(a) FROM (SELECT a FROM cpu WHERE time < 50s) WHERE time >= 10s AND time < 100s GROUP BY time(5s)',
  );
  const [source] = checked.sources;
  if (source?.kind !== 'subquery') throw new Error('no subquery');
  const { select } = source;
  expect([select.minNs, select.maxNs]).toEqual([10_000_000_000n, 49_999_999_999n]);
  expect(select.groupByTime?.intervalNs).toBe(5_000_000_000n);
  expect(select.isIntervalInherited).toBe(true);
});

test('what a SELECT comes down to', () => {
  const checked = check('SELECT time AS t, top(a, host, 2), 1 + 2 + b FROM cpu ORDER BY time DESC');
  expect(checked).toMatchObject({
    timeColumn: 't',
    isAscending: false,
    topOrBottom: 'top',
    hasOnlySelectors: true,
    hasPlainFields: true,
    extraIntervals: 0,
  });
  expect(checked.fields.map(({ expression }) => printExpression(expression))).toEqual([
    'top(a, host, 2)',
    'host',
    '3 + b',
  ]);
  expect(check('SELECT moving_average(a, 5) FROM cpu').extraIntervals).toBe(5);
});

test('statements have bounds', () => {
  const deep = `SELECT ${'('.repeat(5_000)}a${')'.repeat(5_000)} FROM cpu`;
  expect(() => check(deep)).toThrow('nested more than 100 levels deep');
  const long = `SELECT a FROM cpu WHERE ${Array.from({ length: 3_000 }, (_, i) => `a = ${i}`).join(' OR ')}`;
  expect(() => check(long)).toThrow('more than 2000 operators');
  const subqueries = `${'SELECT a FROM ('.repeat(5_000)}SELECT a FROM cpu${')'.repeat(5_000)}`;
  expect(() => check(subqueries)).toThrow('nested more than 100 levels deep');
  const most = `SELECT a FROM cpu WHERE ${Array.from({ length: 1_000 }, (_, i) => `a = ${i}`).join(' OR ')}`;
  expect(check(most).condition?.kind).toBe('binary');
});
