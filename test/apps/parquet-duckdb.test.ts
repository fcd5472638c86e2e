// Our Parquet files as DuckDB reads them, and its files as we do.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { floatColumns } from '../../src/model/sample.ts';
import { setStaleAt } from '../../src/model/stale.ts';
import { ParquetFile } from '../../src/protocol/parquet/decode.ts';
import { encodeParquet, sourceOf } from '../../src/protocol/parquet/testing.ts';
import type { BatchSeries } from '../../src/storage/interface.ts';
import { columnsOf } from '../support/arbitraries.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 6, 12);
const STEP = 60_000;

let folder: string;
let connection: DuckDBConnection;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-duckdb-'));
  const instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  // Only where the tests look for files does `all.parquet` mean ours.
  await connection.run(`SET file_search_path='${folder}'; SET TimeZone='UTC'`);
  writeFileSync(join(folder, 'all.parquet'), encodeParquet(everything(), METADATA));
});

afterAll(() => {
  connection.closeSync();
  rmSync(folder, { recursive: true, force: true });
});

const METADATA = [{ metric: 'node_load1', type: 'gauge', help: 'Load.', unit: '' } as const];

/** An hour of floats of two instances, one of which ends with a stale marker; a histogram; an exemplar. */
function everything(): BatchSeries[] {
  const ofInstance = (instance: string, load: number): BatchSeries => {
    const count = HOUR / STEP;
    const t = Float64Array.from({ length: count }, (_, i) => NOON + i * STEP);
    const v = new Float64Array(count).fill(load);
    if (load > 1) setStaleAt(v, count - 1);
    const labels = [
      { name: '__name__', value: 'node_load1' },
      { name: 'instance', value: instance },
    ];
    const exemplars =
      load > 1 ? [{ labels: [{ name: 'trace_id', value: 'é"1' }], value: 9, t: NOON }] : [];
    return { labels, samples: floatColumns(t, v), exemplars };
  };
  const histogram = {
    kind: 'integer',
    resetHint: 0,
    schema: 3,
    zeroThreshold: 0,
    sum: { low: 0, high: 0x4012_0000 },
    positiveSpans: [{ offset: 0, length: 1 }],
    negativeSpans: [],
    customValues: [],
    count: 2n ** 60n + 1n,
    zeroCount: 1n,
    positiveCounts: [2n ** 60n],
    negativeCounts: [],
  } as const;
  return [
    ofInstance('a:9100', 1),
    ofInstance('b:9100', 3),
    {
      labels: [{ name: '__name__', value: 'request_duration_seconds' }],
      samples: columnsOf([{ t: NOON, raw: { low: 0, high: 0 }, startT: NOON - 5, histogram }]),
      exemplars: [],
    },
  ];
}

async function rowsOf(sql: string): Promise<unknown[]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowsJson();
}

test('the columns have types that people expect', async () => {
  const described = await rowsOf(
    "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM 'all.parquet')",
  );
  expect(described).toEqual([
    ['kind', 'VARCHAR'],
    ['name', 'VARCHAR'],
    ['labels', 'VARCHAR'],
    ['timestamp', 'TIMESTAMP WITH TIME ZONE'],
    ['value', 'DOUBLE'],
    ['stale', 'BOOLEAN'],
    ['start_timestamp', 'TIMESTAMP WITH TIME ZONE'],
    ['histogram', 'VARCHAR'],
    ['exemplar_labels', 'VARCHAR'],
  ]);
});

test('what the description asks is answered', async () => {
  const url = new URL('../../docs/formats/parquet.md', import.meta.url);
  const [, sql] = /```sql\n(SELECT.*?)```/s.exec(readFileSync(url, 'utf8'))!;
  const [loads, histograms, metadata] = sql!.split(';').map((statement) => statement.trim());
  expect(await rowsOf(loads!)).toEqual([
    ['a:9100', '2026-11-06 12:00:00+00', 1],
    ['b:9100', '2026-11-06 12:00:00+00', 3],
  ]);
  expect(await rowsOf(histograms!)).toEqual([['2026-11-06 12:00:00+00', 2 ** 60, 4.5]]);
  const [[json]] = (await rowsOf(metadata!)) as [[string]];
  expect(json.replaceAll('\\x22', '"')).toBe(JSON.stringify(METADATA));
});

test('rows, times, NaN and texts are what they were', async () => {
  expect(
    await rowsOf(
      "SELECT kind, count(*), count(*) FILTER (stale), count(*) FILTER (isnan(value)) FROM 'all.parquet' GROUP BY 1 ORDER BY 1",
    ),
  ).toEqual([
    ['exemplar', '1', '0', '0'],
    ['float', '120', '1', '1'],
    ['histogram', '1', '0', '0'],
  ]);
  expect(
    await rowsOf(
      "SELECT exemplar_labels->>'trace_id', value, epoch_ms(timestamp) FROM 'all.parquet' WHERE kind = 'exemplar'",
    ),
  ).toEqual([['é"1', 9, String(NOON)]]);
  expect(
    await rowsOf(
      "SELECT epoch_ms(start_timestamp), histogram->>'count' FROM 'all.parquet' WHERE kind = 'histogram'",
    ),
  ).toEqual([[String(NOON - 5), String(2n ** 60n + 1n)]]);
});

test('a file that DuckDB has copied is the same to us, NaN and all', async () => {
  const copy = join(folder, 'copy.parquet');
  await connection.run(`COPY (SELECT * FROM 'all.parquet') TO '${copy}' (ROW_GROUP_SIZE 2048)`);
  const file = await ParquetFile.open(sourceOf(readFileSync(copy)));
  const series: BatchSeries[] = [];
  for (let group = 0; group < file.groups; group++) {
    const read = await file.read(group);
    expect(read.problems).toEqual([]);
    series.push(...read.series);
  }
  expect(encodeParquet(series).equals(encodeParquet(everything()))).toBe(true);
});

test('files made as the description says can be read', async () => {
  writeFileSync(
    join(folder, 'prices.csv'),
    'symbol,traded,price\nX,2026-11-06 12:00:00,1.25\nY,2026-11-06 12:00:01,2\n',
  );
  const url = new URL('../../docs/formats/parquet.md', import.meta.url);
  const [, sql] = /```sql\n(COPY.*?)```/s.exec(readFileSync(url, 'utf8'))!;
  const target = join(folder, 'prices.parquet');
  await connection.run(sql!.replace("'prices.parquet'", `'${target}'`));
  const file = await ParquetFile.open(sourceOf(readFileSync(target)));
  const { series, problems } = await file.read(0);
  expect(problems).toEqual([]);
  expect(
    series.map(({ labels, samples }) => [labels[1]!.value, samples.t[0], samples.v[0]]),
  ).toEqual([
    ['X', NOON, 1.25],
    ['Y', NOON + 1000, 2],
  ]);
});
