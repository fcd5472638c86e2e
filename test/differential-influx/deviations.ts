// Where we answer otherwise than InfluxDB 1.6.7, and why. docs/reference/influxdb.md shows this table.

import type { Answer } from './answers.ts';
import type { InfluxRequest } from './request.ts';

export interface Deviation {
  /** What is asked, for people. */
  readonly what: string;
  readonly influxdb: string;
  readonly ours: string;
  readonly why: string;
  /** True if it explains the difference between two answers. */
  covers(request: InfluxRequest, theirs: Answer, ours: Answer): boolean;
}

export const DEVIATIONS: readonly Deviation[] = [
  {
    what: '`OFFSET` without `LIMIT`',
    influxdb: 'One row of what is left',
    ours: 'Everything after the offset',
    why: 'A defect there.',
    covers: (request) => /\bOFFSET 33$/.test(textOf(request)),
  },
  {
    what: '`SOFFSET` without `SLIMIT`',
    influxdb: 'No series at all',
    ours: 'The series after the offset',
    why: 'A defect there.',
    covers: (request) => /\bSOFFSET 2$/.test(textOf(request)),
  },
  {
    what: '`percentile()`, `mode()`, `first()`, `last()` where several points qualify',
    influxdb: 'Any of them',
    ours: '`percentile()`: the earliest; `mode()`: the value that was there first; `first()`, `last()`: the greatest value',
    why: 'Its order of equals is that of an unstable sort, or of a heap.',
    covers: (request, theirs, ours) =>
      (textOf(request).includes('percentile(') && withoutTimes(theirs) === withoutTimes(ours)) ||
      textOf(request).startsWith('SELECT mode(usage) FROM') ||
      textOf(request).startsWith('SELECT first(usage) FROM cpu WHERE time >'),
  },
  {
    what: '`integral()` with `GROUP BY`',
    influxdb: 'The last interval of each series at the end, in any order',
    ours: 'With its series',
    why: 'A defect there.',
    covers: (request, theirs, ours) =>
      textOf(request).includes('integral(') && hasSameCharacters(theirs, ours),
  },
  {
    what: '`LIMIT` in a subquery with `GROUP BY` of a tag',
    influxdb: 'One point more of each series',
    ours: 'As many as it says',
    why: 'A defect there.',
    covers: (request) => textOf(request).includes('GROUP BY host LIMIT 2)'),
  },
  {
    what: 'Subqueries of several types in one `FROM`',
    influxdb: 'Those of one type alone',
    ours: 'All',
    why: 'A defect there.',
    covers: (request) => textOf(request).startsWith('SELECT sum(a), sum(b) FROM (SELECT'),
  },
  {
    what: '`exp()`, `log10()`, `sin()` and `atan2()`',
    influxdb: 'As Go computes them',
    ours: 'As V8 computes them',
    why: 'The last digit may differ.',
    covers: (request, theirs, ours) =>
      /\b(exp|log10|sin|atan2)\(/.test(textOf(request)) && isNearly(theirs.body, ours.body),
  },
  {
    what: 'Order of databases',
    influxdb: 'As they were created',
    ours: 'By name',
    why: 'Easier to read; clients do not mind.',
    covers: (_, theirs, ours) =>
      isSorted(theirs, ours) && theirs.body.includes('"name":"databases"'),
  },
  {
    what: '`SHOW RETENTION POLICIES` as CSV',
    influxdb: 'The column’s name in place of `replicaN`',
    ours: 'The number',
    why: 'A defect there.',
    covers: (request, theirs) => isCsv(request) && theirs.body.includes(',replicaN,true'),
  },
  {
    what: '`SHOW MEASUREMENTS` after `DROP RETENTION POLICY`',
    influxdb: 'Measurements of the dropped policy are still listed',
    ours: 'They are gone',
    why: 'A defect there.',
    covers: (request, theirs, ours) =>
      textOf(request) === 'SHOW MEASUREMENTS' &&
      theirs.body.includes('in_long') &&
      !ours.body.includes('in_long'),
  },
  {
    what: 'A field written again after `DROP MEASUREMENT`',
    influxdb: 'Keeps its type',
    ours: 'May have another type',
    why: 'A defect there: the measurement is gone.',
    covers: (request, theirs) =>
      (request.body === 'del v=1i 1700000000000000000' && theirs.status === 400) ||
      textOf(request) === 'SHOW FIELD KEYS FROM del',
  },
  {
    what: 'The unknown `precision` of a write',
    influxdb: 'Taken for nanoseconds (1.8: refused)',
    ours: '400 with the text of 1.8',
    why: 'We answer as 1.8.10.',
    covers: ({ params }, _, ours) => params?.precision === 'x' && ours.status === 400,
  },
  {
    what: '`/ping?verbose=true`',
    influxdb: '204 (1.8: 200 with the version)',
    ours: '200 with the version',
    why: 'We answer as 1.8.10.',
    covers: ({ path, params }) => path === '/ping' && params?.verbose === 'true',
  },
  {
    what: '`/health`, `/api/v2/write`',
    influxdb: '404 (1.8: served)',
    ours: 'Served',
    why: 'We answer as 1.8.10.',
    covers: ({ path }) => path === '/health' || path === '/api/v2/write',
  },
  {
    what: '`OPTIONS` without `Origin`',
    influxdb: '200 (1.8: 204)',
    ours: '204',
    why: 'We answer as 1.8.10.',
    covers: ({ method }, theirs, ours) =>
      method === 'OPTIONS' && theirs.status === 200 && ours.status === 204,
  },
  {
    what: 'The header `Allow` of a 405',
    influxdb: 'Lists `OPTIONS`',
    ours: 'Does not',
    why: '`OPTIONS` is answered on every path.',
    covers: (_, theirs, ours) =>
      theirs.status === 405 && ours.status === 405 && theirs.body === ours.body,
  },
  {
    what: 'Paths that are not served',
    influxdb: '`404 page not found`',
    ours: '`no such path: …`',
    why: 'The same answer on all faces.',
    covers: (_, theirs, ours) => theirs.status === 404 && ours.body.startsWith('no such path'),
  },
  {
    what: 'A statement that fails, with others after it',
    influxdb: '`not executed` in place of the error',
    ours: 'The error, then `not executed` for each statement after it',
    why: 'A defect there: nobody could tell what is wrong.',
    covers: (request, theirs, ours) =>
      textOf(request).includes(';') &&
      theirs.body.includes('not executed') &&
      ours.body.includes('not executed'),
  },
  {
    what: '`holt_winters()` and the indicators such as `exponential_moving_average()`',
    influxdb: 'Executed',
    ours: '`…() is not supported`',
    why: 'Not built.',
    covers: (request, _, ours) =>
      /holt_winters|exponential_moving_average/.test(textOf(request)) &&
      ours.body.includes('() is not supported"'),
  },
  {
    what: '`SELECT … INTO`, continuous queries, subscriptions, shards',
    influxdb: 'Executed',
    ours: '`… is not supported`',
    why: 'Not built.',
    covers: (_, theirs, ours) => theirs.status === 200 && ours.body.includes(' is not supported"'),
  },
  {
    what: '`EXPLAIN`, `EXPLAIN ANALYZE`',
    influxdb: 'Cached values, files and blocks of each shard; expressions in any order',
    ours: 'The same form without those; a retention policy counts as one shard. `ANALYZE` adds rows, samples, chunks and pages of the whole statement',
    why: 'There are no shards.',
    covers: (request, theirs, ours) =>
      textOf(request).startsWith('EXPLAIN') && planOf(theirs) === planOf(ours),
  },
  {
    what: '`SHOW SHARDS`, `SHOW SHARD GROUPS`',
    influxdb: 'Its shards',
    ours: 'Empty lists',
    why: 'There are no shards.',
    covers: (request) => /^SHOW (SHARDS|SHARD GROUPS)/.test(textOf(request)),
  },
  {
    what: '`SHOW STATS`, `SHOW DIAGNOSTICS`',
    influxdb: 'Modules of its engine and services',
    ours: '`runtime`, `queryExecutor`, `database`; `build`, `config-coordinator`, `network`, `runtime`, `system`',
    why: 'All figures are at `/metrics`, all settings at `/api/v1/status/flags`.',
    covers: (request) => /^SHOW (STATS|DIAGNOSTICS)/.test(textOf(request)),
  },
  {
    what: '`SHOW QUERIES`, `KILL QUERY`',
    influxdb: 'InfluxQL; status `running` or `killed`',
    ours: 'Queries of all languages, with the ids of `/api/v1/status/active_queries`; status `running` or `queued`. Those about databases that the user may not read are left out',
    why: 'One list of all work.',
    covers: (request, theirs, ours) =>
      textOf(request) === 'SHOW QUERIES' && withoutIds(theirs) === withoutIds(ours),
  },
];

function textOf({ params }: InfluxRequest): string {
  return params?.q ?? '';
}

function isCsv({ headers }: InfluxRequest): boolean {
  return headers?.Accept === 'text/csv';
}

/** Which columns and expressions a plan tells of, and of how many series. */
function planOf({ body }: Answer): string {
  const columns = body.match(/"columns":\[[^\]]*\]/g) ?? [];
  const expressions = [...body.matchAll(/(EXPRESSION: [^"]*).*?(NUMBER OF SERIES: \d+)/g)];
  return [...columns, ...expressions.map(([, name, series]) => `${name} ${series}`).sort()].join();
}

/** A list of queries without what no two servers have alike. */
function withoutIds({ body }: Answer): string {
  return body.replaceAll(/\[\d+,"/g, '["').replaceAll(/"[\d.]+(µs|ms|s)"/g, '""');
}

function withoutTimes({ body }: Answer): string {
  return body.replaceAll(/\[17000\d{14},/g, '[');
}

/** The same texts with numbers that differ by rounding alone. */
function isNearly(a: string, b: string): boolean {
  const number = /-?\d+(\.\d+)?(e[+-]\d+)?/g;
  const [left, right] = [a.match(number) ?? [], b.match(number) ?? []];
  if (a.replaceAll(number, '#') !== b.replaceAll(number, '#')) return false;
  return left.every((text, i) => {
    const [x, y] = [Number(text), Number(right[i])];
    return Math.abs(x - y) <= 4e-16 * Math.max(Math.abs(x), Math.abs(y));
  });
}

/** The same rows in another order. */
function isSorted(theirs: Answer, ours: Answer): boolean {
  return theirs.body !== ours.body && hasSameCharacters(theirs, ours);
}

/** The same rows and series in another order, or joined otherwise. */
function hasSameCharacters(theirs: Answer, ours: Answer): boolean {
  const digits = ({ body }: Answer): string =>
    (body.match(/\[(\d+,)?[\d."a-z]+\]/g) ?? []).sort().join();
  return digits(theirs) === digits(ours);
}
