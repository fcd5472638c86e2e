// What Grafana's InfluxDB data source sends (its language InfluxQL): "Save & test", the editor's lists, variables,
// panels, annotations. By GET or POST, with times as milliseconds.

import { BASE_T } from './data.ts';
import { DB, get, type InfluxRequest } from './request.ts';

const EPOCH = { epoch: 'ms' };
/** `$timeFilter`, as it is sent. */
const TIME = `time >= ${BASE_T}ms and time <= ${BASE_T + 90_000}ms`;

/** As the data source is set to POST: the statement alone is in the form. */
function post(text: string, params: Readonly<Record<string, string>> = {}): InfluxRequest {
  return {
    method: 'POST',
    path: '/query',
    params: { db: DB, ...EPOCH, ...params },
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ q: text }).toString(),
  };
}

/** Newer and older releases. */
const HEALTH: readonly string[] = ['SHOW measurements', 'SHOW MEASUREMENTS LIMIT 1'];

/** The editor's lists, each narrowed by what has been chosen so far. */
const EXPLORE: readonly string[] = [
  'SHOW DATABASES',
  'SHOW RETENTION POLICIES on "telegraf"',
  'SHOW MEASUREMENTS LIMIT 100',
  'SHOW MEASUREMENTS WITH MEASUREMENT =~ /(?i)CP/ LIMIT 100',
  'SHOW MEASUREMENTS WITH MEASUREMENT =~ /(?i)my measurement/ LIMIT 100',
  'SHOW MEASUREMENTS WITH MEASUREMENT =~ /(?i)a\\.b\\*/ LIMIT 100',
  'SHOW MEASUREMENTS WHERE "host" = \'a\' LIMIT 100',
  'SHOW MEASUREMENTS WHERE "host"::tag = \'a\' AND "region" =~ /^(us|eu)$/ LIMIT 100',
  'SHOW FIELD KEYS',
  'SHOW FIELD KEYS FROM "cpu"',
  'SHOW FIELD KEYS FROM "autogen"."cpu"',
  'SHOW FIELD KEYS FROM /^m/',
  'SHOW FIELD KEYS FROM "nosuch"',
  'SHOW TAG KEYS',
  'SHOW TAG KEYS FROM "cpu"',
  'SHOW TAG KEYS FROM "autogen"."cpu"',
  'SHOW TAG KEYS FROM "telegraf"."autogen"."cpu"',
  'SHOW TAG KEYS FROM /^(cpu|mem)$/',
  'SHOW TAG KEYS FROM "autogen"./^(cpu|mem)$/',
  'SHOW TAG KEYS FROM "cpu" WHERE "host" = \'a\'',
  'SHOW TAG KEYS FROM "cpu" WHERE "host"::tag = \'a\' AND "region"::tag =~ /^us$/',
  'SHOW TAG KEYS WHERE "host" != \'a\' OR "region" = \'\'',
  'SHOW TAG VALUES WITH KEY = "host"',
  'SHOW TAG VALUES WITH KEY = "host" LIMIT 100',
  'SHOW TAG VALUES FROM "cpu" WITH KEY = "host"',
  'SHOW TAG VALUES FROM "autogen"."cpu" WITH KEY = "host"',
  'SHOW TAG VALUES FROM /^(cpu|mem)$/ WITH KEY = "host"',
  'SHOW TAG VALUES FROM "my measurement" WITH KEY = "a tag"',
  'SHOW TAG VALUES FROM "cpu" WITH KEY = "host" WHERE "region" = \'us\'',
  'SHOW TAG VALUES FROM "cpu" WITH KEY = "host" WHERE "region"::tag = \'us\'',
  'SHOW TAG VALUES FROM "cpu" WITH KEY = "host" WHERE "region" =~ /^(us|eu)$/',
  'SHOW TAG VALUES FROM "cpu" WITH KEY = "host" WHERE "region" !~ /u/',
  'SHOW TAG VALUES FROM "cpu" WITH KEY = "host" WHERE "nosuch" = \'\'',
  'SHOW TAG VALUES FROM "back\\\\slash" WITH KEY = "path" WHERE "path" = \'C:\\\\x\'',
  'SHOW TAG VALUES FROM "cpu" WITH KEY = "nosuch"',
];

/** What variables are filled with. */
const VARIABLES: readonly string[] = [
  'SHOW TAG VALUES WITH KEY = "host" WHERE "region" =~ /us/',
  'SHOW TAG VALUES ON "telegraf" FROM "cpu" WITH KEY IN ("host", "region")',
  'SHOW TAG VALUES WITH KEY =~ /^(host|region)$/',
  'SHOW SERIES FROM "cpu"',
  'SELECT DISTINCT("host") FROM (SELECT "usage", "host" FROM "cpu")',
  'SELECT distinct("system") FROM (SELECT "system", "host" FROM "cpu") WHERE "host" = \'a\'',
  `SELECT "host", "usage" FROM "cpu" WHERE ${TIME} LIMIT 1`,
];

/** Everything that the editor has for a field, as it is put together. */
const FUNCTIONS: readonly string[] = [
  '"usage"',
  '"usage"::field',
  '"usage"::field, "host"::tag',
  '*',
  'count("usage")',
  'distinct("system")',
  'integral("usage")',
  'mean("usage")',
  'median("usage")',
  'mode("system")',
  'spread("usage")',
  'stddev("usage")',
  'sum("usage")',
  'first("usage")',
  'last("usage")',
  'max("usage")',
  'min("usage")',
  'percentile("usage", 95)',
  'top("usage", 3)',
  'bottom("usage", 3)',
  'derivative(mean("usage"), 10s)',
  'non_negative_derivative(mean("usage"), 1s)',
  'difference(mean("usage"))',
  'non_negative_difference(mean("usage"))',
  'moving_average(mean("usage"), 2)',
  'cumulative_sum(mean("usage"))',
  'elapsed(mean("usage"), 10s)',
  'mean("usage") * 100',
  'mean("usage") / 10000',
  'mean("usage") AS "usage of cpu"',
  'mean("usage") AS "a", max("system") AS "b", count("usage") AS "世界"',
  'holt_winters(mean("usage"), 10, 2)',
];

/** What cannot be grouped by time. */
const UNGROUPED = /^("usage"|\*)|^(distinct|integral|top|bottom)\(/;

const FILLS = ['null', 'none', '0', 'previous', 'linear'];

const PANELS: readonly string[] = [
  ...FUNCTIONS.map((call) => {
    const grouping = UNGROUPED.test(call) ? '' : ' GROUP BY time(10s) fill(null)';
    return `SELECT ${call} FROM "cpu" WHERE ${TIME}${grouping}`;
  }),
  ...FILLS.map(
    (fill) => `SELECT mean("free") FROM "mem" WHERE ${TIME} GROUP BY time(10s) fill(${fill})`,
  ),
  ...[
    `"host" = 'a'`,
    `"host"::tag = 'a'`,
    `("host" = 'a' OR "host" = 'b')`,
    `("host"::tag = 'a' AND "region"::tag != 'eu')`,
    '"host" =~ /^(a|b)$/',
    '"host" !~ /^a$/',
    '"nosuch" = \'\'',
    '"usage" > 5',
    '"usage"::field <= 5.5',
    '("usage" >= 1 AND "usage" < 9)',
    `("host" = 'a' AND "usage" != 1)`,
    `"host" > 'a'`,
  ].map((tags) => `SELECT mean("usage") FROM "cpu" WHERE ${tags} AND ${TIME} GROUP BY time(20s)`),
  `SELECT mean("usage") FROM "autogen"."cpu" WHERE ${TIME} GROUP BY time(30s), "host" fill(null)`,
  `SELECT mean("usage") FROM "cpu" WHERE ${TIME} GROUP BY time(20s), "host"::tag fill(linear)`,
  `SELECT mean("usage") FROM "cpu" WHERE ${TIME} GROUP BY time(1m, 15s), "host", "region" fill(none)`,
  `SELECT count("value") FROM /^(gaps|up)$/ WHERE ${TIME} GROUP BY time(30s) fill(0)`,
  `SELECT count("value") FROM "autogen"./^gaps$/ WHERE ${TIME} GROUP BY "kind"`,
  `SELECT mean("usage") FROM "cpu" WHERE ${TIME} GROUP BY time(10s), "host" fill(null) ORDER BY time DESC limit 2 slimit 2`,
  `SELECT mean("usage") FROM "cpu" WHERE ${TIME} GROUP BY time(5s) ORDER BY time ASC limit 1 slimit 1 tz('Europe/Paris')`,
  `SELECT mean("usage") FROM "cpu" WHERE ${TIME} GROUP BY time(1d) fill(none) tz('America/New_York')`,
  `SELECT last("usage") * 100 AS "percent" FROM "cpu" WHERE ("host" = 'a' AND "region" = 'us') AND ${TIME} GROUP BY "host"`,
  `SELECT mean("value") FROM "nosuch" WHERE ${TIME} GROUP BY time(10s) fill(null)`,
  // Written by hand.
  `SELECT non_negative_derivative(mean("count"), 1s) FROM "requests" WHERE ${TIME} GROUP BY time(10s) fill(none)`,
  `SELECT sum("m") FROM (SELECT max("usage") AS "m" FROM "cpu" WHERE ${TIME} GROUP BY time(10s), "host") WHERE ${TIME} GROUP BY time(30s)`,
  `SELECT 100 - mean("usage") FROM "cpu" WHERE "host" =~ /^.*$/ AND ${TIME} GROUP BY time(10s), * fill(null)`,
  // Several panels' queries of older releases, and their filter.
  `SELECT mean("usage") FROM "cpu" WHERE time > ${BASE_T / 1000}s and time < ${BASE_T / 1000 + 90}s GROUP BY time(10s);SELECT max("used") FROM "mem" WHERE time > ${BASE_T / 1000}s and time < ${BASE_T / 1000 + 90}s GROUP BY time(10s)`,
  'SELECT mean("usage") FROM "cpu" WHERE time > now() - 1h GROUP BY time(1m) fill(null)',
  // An annotation without texts.
  `SELECT "v" FROM "levels" WHERE ${TIME} limit 100`,
];

/** What the panel shows in its corner. */
const MISTAKES: readonly string[] = [
  'SELECT mean("usage" FROM "cpu"',
  `SELECT nosuch("usage") FROM "cpu" WHERE ${TIME}`,
  `SELECT mean("usage") FROM "cpu" WHERE ${TIME} GROUP BY time()`,
  `SELECT "usage" FROM "cpu" WHERE ${TIME} GROUP BY time(10s) fill(null)`,
];

export const GRAFANA: readonly InfluxRequest[] = [
  ...[...HEALTH, ...EXPLORE, ...VARIABLES, ...PANELS, ...MISTAKES].map((text) => get(text, EPOCH)),
  ...[...HEALTH, ...PANELS, ...MISTAKES].map((text) => post(text)),
  get(`SELECT last("usage") FROM "cpu" WHERE ${TIME}`, { ...EPOCH, rp: 'autogen' }),
  post(`SELECT last("usage") FROM "cpu" WHERE ${TIME}`, { rp: 'nosuch' }),
  // Credentials are ignored without authentication.
  get('SHOW MEASUREMENTS LIMIT 1', { ...EPOCH, u: 'grafana', p: 'secret' }),
  { ...get('SHOW measurements', EPOCH), headers: { Authorization: 'Token grafana' } },
];
