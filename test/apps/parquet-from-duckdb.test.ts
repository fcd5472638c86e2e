// Our reader beside a real writer: DuckDB copies rows of ours in every version, codec, encoding and unit of
// time that it knows, and every bit must come back.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ParquetFile } from '../../src/protocol/parquet/decode.ts';
import { encodeParquet, sourceOf } from '../../src/protocol/parquet/testing.ts';
import type { BatchSeries } from '../../src/storage/interface.ts';
import { columnsOf } from '../support/arbitraries.ts';

const T = Date.UTC(2026, 10, 6, 12);
const STEP = 15_000;

let folder: string;
let connection: DuckDBConnection;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-from-duckdb-'));
  const instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await connection.run(`SET file_search_path='${folder}'; SET TimeZone='UTC'`);
  writeFileSync(join(folder, 'ours.parquet'), encodeParquet(seriesWith(BITS)));
  writeFileSync(join(folder, 'distinct.parquet'), encodeParquet(seriesWith(DISTINCT_BITS)));
});

afterAll(() => {
  connection.closeSync();
  rmSync(folder, { recursive: true, force: true });
});

/** Zeros, numbers, the smallest, infinities, and NaN of several kinds, the stale marker among them. */
type Bits = readonly (readonly [high: number, low: number])[];
const BITS: Bits = [
  [0, 0],
  [0x8000_0000, 0],
  [0x3ff0_0000, 0],
  [0xc09f_4c00, 0x1234_5678],
  [0, 1],
  [0x800f_ffff, 0xffff_ffff],
  [0x7ff0_0000, 0],
  [0xfff0_0000, 0],
  [0x7ff0_0000, 2],
  [0x7ff8_0000, 1],
  [0xffff_ffff, 0xffff_ffff],
];

/** DuckDB's dictionaries have one entry for both zeros, and one for all NaN. */
const DISTINCT_BITS: Bits = BITS.slice(2, 9);

/** Some of more rows than a row group has, texts in several scripts, rows before 1970, start times here and there. */
function seriesWith(bits: Bits): BatchSeries[] {
  return Array.from({ length: 40 }, (_, n) => ({
    labels: [
      { name: '__name__', value: 'requests_total' },
      { name: 'path', value: `/é/世界/😀/${'x'.repeat(n)}` },
    ],
    samples: columnsOf(
      Array.from({ length: n === 7 ? 5000 : 20 + n }, (_, i) => {
        const [high, low] = bits[(i * i + n) % bits.length]!;
        const t = (n === 3 ? -T : T) + i * STEP + (i % 5);
        return { t, raw: { high, low }, startT: i % 3 === 0 ? t - i : 0, histogram: undefined };
      }),
    ),
    exemplars: n % 10 === 0 ? [{ labels: [{ name: 'id', value: 'é' }], value: n / 8, t: T }] : [],
  }));
}

async function seriesOf(file: ParquetFile): Promise<BatchSeries[]> {
  const series: BatchSeries[] = [];
  for (let group = 0; group < file.groups; group++) {
    const read = await file.read(group);
    expect(read.problems).toEqual([]);
    series.push(...read.series);
  }
  return series;
}

const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP'];
const UNITS = ['TIMESTAMP_MS', 'TIMESTAMPTZ', 'TIMESTAMP_NS'];
const FORMS = [
  {
    version: 'v1',
    limit: 1000,
    from: 'distinct',
    bits: DISTINCT_BITS,
    encodings: ['PLAIN', 'PLAIN_DICTIONARY'],
  },
  { version: 'v1', limit: 1, from: 'ours', bits: BITS, encodings: ['PLAIN'] },
  {
    version: 'v2',
    limit: 1000,
    from: 'distinct',
    bits: DISTINCT_BITS,
    encodings: ['DELTA_BINARY_PACKED', 'RLE_DICTIONARY'],
  },
  {
    version: 'v2',
    limit: 1,
    from: 'ours',
    bits: BITS,
    encodings: ['BYTE_STREAM_SPLIT', 'DELTA_BINARY_PACKED', 'DELTA_LENGTH_BYTE_ARRAY', 'PLAIN'],
  },
];

test.each(
  FORMS.flatMap((form) =>
    CODECS.flatMap((codec) => UNITS.map((unit) => ({ ...form, codec, unit }))),
  ),
)('every bit survives $version, dictionaries up to $limit, $codec, $unit', async (form) => {
  const { version, limit, from, bits, encodings, codec, unit } = form;
  const copy = join(folder, 'copy.parquet');
  await connection.run(
    `COPY (SELECT * REPLACE (timestamp::TIMESTAMP::${unit} AS timestamp, start_timestamp::TIMESTAMP::${unit} AS start_timestamp)
           FROM '${from}.parquet')
     TO '${copy}' (PARQUET_VERSION ${version}, COMPRESSION ${codec}, ROW_GROUP_SIZE 2048, DICTIONARY_SIZE_LIMIT ${limit})`,
  );
  // Otherwise it would not be what it says.
  const used = await connection.runAndReadAll(
    `SELECT DISTINCT encodings, compression FROM parquet_metadata('${copy}')`,
  );
  const rows = used.getRowsJson() as [encodings: string, compression: string][];
  const usedEncodings = new Set(rows.flatMap(([names]) => names.split(', ')));
  for (const encoding of encodings) expect(usedEncodings).toContain(encoding);
  expect(new Set(rows.map(([, compression]) => compression))).toEqual(new Set([codec]));

  const file = await ParquetFile.open(sourceOf(readFileSync(copy)));
  expect(file.groups).toBeGreaterThan(1);
  expect(encodeParquet(await seriesOf(file)).equals(encodeParquet(seriesWith(bits)))).toBe(true);
});

test('another codec is named, with what to do', async () => {
  const copy = join(folder, 'zstd.parquet');
  await connection.run(`COPY (SELECT * FROM 'ours.parquet') TO '${copy}' (COMPRESSION ZSTD)`);
  const file = await ParquetFile.open(sourceOf(readFileSync(copy)));
  await expect(file.read(0)).rejects.toMatchObject({
    code: 'PARQUET_INVALID',
    message: expect.stringMatching(/compressed with ZSTD; write the file again with SNAPPY/),
  });
});

test('finer times are rounded down, and columns may be nested if they are none of ours', async () => {
  const file = join(folder, 'fine.parquet');
  await connection.run(
    `COPY (SELECT '{}' AS labels, ['a'] AS tags, {'x': {'y': 1}} AS more, 1.5::DOUBLE AS value,
                  make_timestamp_ns(-1000001) AS timestamp)
     TO '${file}'`,
  );
  const [series] = await seriesOf(await ParquetFile.open(sourceOf(readFileSync(file))));
  expect([...series!.samples.t, ...series!.samples.v]).toEqual([-2, 1.5]);
});
