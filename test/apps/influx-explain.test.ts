// EXPLAIN, SHOW STATS and SHOW DIAGNOSTICS: in InfluxDB's form, about this server.

import { expect, test } from 'vitest';
import { MemoryStorage } from '../../src/storage/memory-store.ts';
import { startApi, type TestApi } from '../support/api.ts';

const T = Math.floor(Date.now() / 1000) * 1000;

interface Series {
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

async function start(): Promise<TestApi> {
  const api = startApi({ storage: new MemoryStorage() });
  const lines = ['a', 'b', 'c'].map(
    (host, i) => `cpu,host=${host} idle=${i},busy=${i}i ${T}000000`,
  );
  const payload = lines.join('\n');
  await api.app.inject({ method: 'POST', url: '/write?db=default', payload });
  return api;
}

async function series({ app }: TestApi, q: string): Promise<readonly Series[]> {
  const url = `/query?${new URLSearchParams({ db: 'default', epoch: 'ms', q })}`;
  const answer = (await app.inject({ method: 'POST', url })).json<{
    results: [{ series?: Series[]; error?: string }];
  }>();
  const [{ series: found, error }] = answer.results;
  if (error !== undefined) throw new Error(error);
  return found ?? [];
}

async function lines(api: TestApi, q: string): Promise<readonly string[]> {
  const [only] = await series(api, q);
  return only!.values.map(([line]) => line as string);
}

test('EXPLAIN tells what is read, function by function', async () => {
  const api = await start();
  expect(
    await lines(api, "EXPLAIN SELECT mean(idle), max(busy) FROM cpu WHERE host != 'c'"),
  ).toEqual([
    'EXPRESSION: mean(idle::float)',
    'NUMBER OF SHARDS: 1',
    'NUMBER OF SERIES: 2',
    '',
    'EXPRESSION: max(busy::integer)',
    'NUMBER OF SHARDS: 1',
    'NUMBER OF SERIES: 2',
  ]);
  expect(await lines(api, 'EXPLAIN SELECT idle FROM cpu')).toEqual([
    'EXPRESSION: <nil>',
    'AUXILIARY FIELDS: idle::float',
    'NUMBER OF SHARDS: 1',
    'NUMBER OF SERIES: 3',
  ]);
  expect(
    await lines(
      api,
      'EXPLAIN SELECT derivative(mean(idle)) FROM (SELECT idle FROM cpu) WHERE time > 0 GROUP BY time(1m)',
    ),
  ).toContain('NUMBER OF SERIES: 3');
  expect(await lines(api, 'EXPLAIN SELECT idle FROM nosuch')).toEqual(['']);
  await expect(lines(api, 'EXPLAIN SELECT idle FROM nosuch.autogen.cpu')).rejects.toThrow(
    'database not found: nosuch',
  );
});

test('EXPLAIN ANALYZE executes the statement and tells what that took', async () => {
  const api = await start();
  const text = (await lines(api, 'EXPLAIN ANALYZE SELECT sum(idle) FROM cpu WHERE host =~ /a|b/'))
    .join('\n')
    .replaceAll(/(_time: )[\d.]+(µs|ms|s)/g, '$1…')
    .replaceAll(/(chunks_decoded|pages_read|pages_size_bytes|samples_read): \d+/g, '$1: …');
  expect(text).toBe(`.
└── select
    ├── execution_time: …
    ├── planning_time: …
    ├── total_time: …
    ├── rows_returned: 1
    ├── samples_read: …
    ├── chunks_decoded: …
    ├── pages_read: …
    ├── pages_size_bytes: …
    └── build_cursor
        ├── labels
        │   └── statement: SELECT sum(idle) FROM cpu WHERE host =~ /a|b/
        └── iterator_scanner
            ├── labels
            │   └── expr: sum(idle::float)
            └── create_iterator
                ├── labels
                │   ├── cond: host =~ /a|b/
                │   └── measurement: cpu
                └── series: 2
`);
});

test('SHOW STATS and SHOW DIAGNOSTICS: a row for each group, or for the one that is named', async () => {
  const api = await start();
  await series(api, 'SHOW MEASUREMENTS');
  const stats = await series(api, 'SHOW STATS');
  expect(stats.map(({ name }) => name)).toEqual(['runtime', 'queryExecutor', 'database']);
  expect(stats[1]).toMatchObject({
    columns: ['queriesActive', 'queriesExecuted', 'queriesFinished', 'queryDurationNs'],
    values: [[1, 2, 1, expect.any(Number)]],
  });
  expect(stats[2]!.tags).toEqual({ database: 'default' });
  expect(stats[2]!.columns).toContain('numSeries');
  expect(await series(api, "SHOW STATS FOR 'queryExecutor'")).toHaveLength(1);
  expect(await series(api, "SHOW STATS FOR 'tsm1_cache'")).toEqual([]);
  const diagnostics = await series(api, 'SHOW DIAGNOSTICS');
  expect(diagnostics.map(({ name }) => name)).toEqual([
    'build',
    'config-coordinator',
    'network',
    'runtime',
    'system',
  ]);
  const [system] = await series(api, "SHOW DIAGNOSTICS FOR 'system'");
  expect(system).toMatchObject({
    columns: ['PID', 'currentTime', 'started', 'uptime'],
    values: [[process.pid, expect.any(Number), expect.any(Number), expect.any(String)]],
  });
});
