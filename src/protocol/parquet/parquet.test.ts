import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { rawFloat64 } from '../../model/native-histogram.ts';
import { floatColumns } from '../../model/sample.ts';
import { setStaleAt } from '../../model/stale.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { ParquetFile, type ParquetGroup } from './decode.ts';
import { encodeParquet, sourceOf } from './testing.ts';

const T = 1_700_000_000_000;

function floats(name: string, count: number): BatchSeries {
  const t = Float64Array.from({ length: count }, (_, i) => T + i);
  const v = Float64Array.from({ length: count }, (_, i) => i / 8);
  return {
    labels: [{ name: '__name__', value: name }],
    samples: floatColumns(t, v),
    exemplars: [],
  };
}

async function groupsOf(bytes: Uint8Array): Promise<ParquetGroup[]> {
  const file = await ParquetFile.open(sourceOf(bytes));
  const groups: ParquetGroup[] = [];
  for (let group = 0; group < file.groups; group++) groups.push(await file.read(group));
  return groups;
}

describe('row groups', () => {
  it('are cut by rows, and a series goes on in the next', async () => {
    const bytes = encodeParquet([floats('a', 100_000), floats('b', 100_000)]);
    const file = await ParquetFile.open(sourceOf(bytes));
    expect([file.rows, file.groups]).toEqual([200_000, 2]);
    expect(file.endOf(0)).toBeLessThan(file.endOf(1));
    expect(file.endOf(1)).toBeLessThan(bytes.length);
    const groups = await groupsOf(bytes);
    const found = groups.map(({ series }) =>
      series.map(({ labels, samples }) => [labels[0]!.value, samples.length]),
    );
    expect(found).toEqual([
      [
        ['a', 100_000],
        ['b', 31_072],
      ],
      [['b', 68_928]],
    ]);
    const last = groups[1]!.series[0]!.samples;
    expect([last.t.at(-1), last.v.at(-1)]).toEqual([T + 99_999, 99_999 / 8]);
  });

  it('are cut by the length of their texts', async () => {
    const histogram = {
      kind: 'float',
      resetHint: 0,
      schema: 0,
      zeroThreshold: 0,
      sum: rawFloat64(1),
      positiveSpans: [{ offset: 0, length: 2000 }],
      negativeSpans: [],
      customValues: [],
      count: 2000,
      zeroCount: 0,
      positiveCounts: new Array<number>(2000).fill(123_456_789.125),
      negativeCounts: [],
    } as const;
    const { labels, samples } = floats('h', 1500);
    const histograms = new Array<typeof histogram>(1500).fill(histogram);
    const bytes = encodeParquet([{ labels, samples: { ...samples, histograms }, exemplars: [] }]);
    const file = await ParquetFile.open(sourceOf(bytes));
    expect(file.rows).toBe(1500);
    expect(file.groups).toBe(3);
  });

  it('may be none', async () => {
    const file = await ParquetFile.open(
      sourceOf(encodeParquet([], [{ metric: 'm', type: 'info', help: 'H', unit: 'u' }])),
    );
    expect([file.rows, file.groups]).toEqual([0, 0]);
    expect(file.metadata).toEqual([{ metric: 'm', type: 'info', help: 'H', unit: 'u' }]);
  });
});

/** A file as somebody else would write it. */
function written(
  columnData: ColumnSource[],
  kvMetadata: { key: string; value: string }[] = [],
): Uint8Array {
  const writer = new ByteWriter();
  const types: Record<string, object> = {
    timestamp: {
      type: 'INT64',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    },
    value: { type: 'DOUBLE' },
    count: { type: 'INT64' },
  };
  const schema = columnData.map(({ name }) => ({
    name,
    repetition_type: 'OPTIONAL' as const,
    ...(types[name] ?? { type: 'BYTE_ARRAY', converted_type: 'UTF8' }),
  }));
  const parquet = new ParquetWriter({
    writer,
    schema: [{ name: 'root', num_children: schema.length }, ...(schema as ParquetWriter['schema'])],
    codec: 'UNCOMPRESSED',
    kvMetadata,
  });
  void parquet.write({ columnData, pageSize: 64 });
  void parquet.finish();
  return writer.getBytes();
}

const UP = '{"job":"x","__name__":"up"}';

describe('files of others', () => {
  it('need labels, timestamp and value alone, in any unit of time and many pages', async () => {
    const rows = 100;
    const bytes = written([
      { name: 'count', data: new BigInt64Array(rows) },
      { name: 'value', data: Array.from({ length: rows }, (_, i) => i) },
      {
        name: 'timestamp',
        data: Array.from({ length: rows }, (_, i) => BigInt(T + i) * 1000n + 999n),
      },
      { name: 'labels', data: new Array<string>(rows).fill(UP) },
    ]);
    const [group] = await groupsOf(bytes);
    expect(group!.problems).toEqual([]);
    const [{ labels, samples } = floats('', 0)] = group!.series;
    expect(labels).toEqual([
      { name: 'job', value: 'x' },
      { name: '__name__', value: 'up' },
    ]);
    expect([...samples.t]).toEqual(Array.from({ length: rows }, (_, i) => T + i));
    expect([...samples.v]).toEqual(Array.from({ length: rows }, (_, i) => i));
  });

  it('have times before 1970 rounded down', async () => {
    const bytes = written([
      { name: 'labels', data: [UP] },
      { name: 'timestamp', data: [-1n] },
      { name: 'value', data: [1] },
    ]);
    expect([...(await groupsOf(bytes))[0]!.series[0]!.samples.t]).toEqual([-1]);
  });

  it('have rows refused by number, and the others kept', async () => {
    const us = BigInt(T) * 1000n;
    const bytes = written([
      { name: 'labels', data: [UP, null, 'up', '{"a":1}', UP, UP, UP, UP, UP] },
      { name: 'timestamp', data: [us, us, us, us, null, us, us, us, us] },
      { name: 'value', data: [1, 1, 1, 1, 1, 1, 1, null, 2] },
      { name: 'kind', data: [null, null, null, null, null, 'summary', 'histogram', null, 'float'] },
      { name: 'histogram', data: [null, null, null, null, null, null, '{"sum":1}', null, null] },
    ]);
    const [group] = await groupsOf(bytes);
    expect(group!.problems.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(group!.problems[5]!.message).toMatch(/^histogram: /);
    expect(group!.series.flatMap(({ samples }) => [...samples.v])).toEqual([1, 2]);
  });
});

describe('refusals', () => {
  const needed = (names: readonly string[]): Uint8Array =>
    written(
      names.map((name) => ({
        name,
        data: [name === 'timestamp' ? 1n : name === 'value' ? 1 : UP],
      })),
    );

  it.each<[what: string, bytes: Uint8Array, code: string, message: RegExp]>([
    ['no Parquet', Buffer.from('something else'), 'PARQUET_INVALID', /footer/],
    ['nothing', Buffer.alloc(0), 'PARQUET_INVALID', /footer/],
    [
      'one that broke off',
      encodeParquet([floats('a', 10)]).subarray(0, -1),
      'PARQUET_INVALID',
      /footer/,
    ],
    ['no labels', needed(['timestamp', 'value']), 'PARQUET_INVALID', /no column labels/],
    [
      'a later version',
      written(
        [
          { name: 'labels', data: [UP] },
          { name: 'timestamp', data: [1n] },
          { name: 'value', data: [1] },
        ],
        [{ key: 'tidemark.schema', value: '2' }],
      ),
      'PARQUET_SCHEMA_UNKNOWN',
      /version "2"/,
    ],
  ])('%s', async (_what, bytes, code, message) => {
    await expect(ParquetFile.open(sourceOf(bytes))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('bytes in the middle that are damaged', async () => {
    const bytes = Uint8Array.from(encodeParquet([floats('a', 1000)]));
    bytes.fill(0xff, 20, 60);
    const file = await ParquetFile.open(sourceOf(bytes));
    await expect(file.read(0)).rejects.toMatchObject({ code: 'PARQUET_INVALID' });
  });
});

it('tells stale markers from other NaN in a column of their own', async () => {
  const { labels, samples } = floats('a', 3);
  setStaleAt(samples.v, 1);
  samples.v[2] = Number.NaN;
  const bytes = encodeParquet([{ labels, samples, exemplars: [] }]);
  const { parquetReadObjects } = await import('hyparquet');
  const rows = await parquetReadObjects({ file: sourceOf(bytes), columns: ['stale', 'name'] });
  expect(rows.map(({ stale, name }) => [stale, name])).toEqual([
    [false, 'a'],
    [true, 'a'],
    [false, 'a'],
  ]);
});
