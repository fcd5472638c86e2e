// Files that lie, put together byte by byte: what they claim costs nothing, and each is refused where it lies.

import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../runtime/error.ts';
import { ByteCursor } from './byte-cursor.ts';
import { ParquetFile } from './decode.ts';
import { readDeltas } from './delta.ts';
import { Encoding } from './encodings.ts';
import { sourceOf } from './testing.ts';
import {
  hybrid,
  littleEndian,
  places,
  plainEights,
  plainTexts,
  uleb,
  zigzagLeb,
} from './testing-encodings.ts';
import {
  Codec,
  levelRuns,
  neededColumns,
  parquetFile,
  type TestColumn,
  type TestPage,
  Type,
  thrift,
} from './testing-file.ts';

const ROWS = 20;
const NEEDED = neededColumns(ROWS);
/** Near the largest number of a run. */
const HUGE = 2 ** 31 - 1;

/** A file of rows that are sound but for a column that takes the place of another, or is one more. */
function fileWith(column: TestColumn, rows: number = ROWS): Uint8Array {
  return parquetFile(Object.values({ ...NEEDED, [column.name]: column }), rows);
}

async function read(bytes: Uint8Array): Promise<void> {
  const file = await ParquetFile.open(sourceOf(bytes));
  for (let group = 0; group < file.groups; group++) await file.read(group);
}

async function refusal(bytes: Uint8Array): Promise<string> {
  try {
    await read(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('PARQUET_INVALID');
    return (error as AppError).message;
  }
  return 'nothing is wrong';
}

function page(change: Partial<TestPage>): TestPage {
  return { kind: 'v1', rows: ROWS, encoding: Encoding.plain, values: [], ...change };
}

const texts = plainTexts(new Array<string>(ROWS).fill('{}'));
const kinds = (pages: readonly TestPage[], more: Partial<TestColumn> = {}): TestColumn => {
  return { name: 'kind', type: Type.text, isOptional: true, pages, ...more };
};
const labels = (...pages: readonly TestPage[]): TestColumn => ({ ...NEEDED.labels, pages });
const times = (...pages: readonly TestPage[]): TestColumn => ({ ...NEEDED.timestamp, pages });
const values = (...pages: readonly TestPage[]): TestColumn => ({ ...NEEDED.value, pages });

const allNull = levelRuns(new Array<number>(ROWS).fill(0));
const dictionary = page({ kind: 'dictionary', rows: 1, values: plainTexts(['{}']) });
const chosen = (bytes: readonly number[]): TestPage =>
  page({ encoding: Encoding.rleDictionary, values: bytes });

it('the files below are sound but for what they are changed in', async () => {
  for (const kind of ['v1', 'v2'] as const) {
    for (const codec of [Codec.uncompressed, Codec.snappy, Codec.gzip]) {
      const sound = kinds([page({ kind, levels: allNull })], { codec });
      expect(await refusal(fileWith(sound))).toBe('nothing is wrong');
    }
  }
  const plain = page({ kind: 'v2', levels: allNull, codec: Codec.uncompressed });
  const index = page({ kind: 'index', values: [1, 2, 3] });
  const mixed = kinds([index, plain], { codec: Codec.snappy });
  expect(await refusal(fileWith(mixed))).toBe('nothing is wrong');
  const empty = kinds([page({ encoding: Encoding.rleDictionary, levels: allNull })]);
  expect(await refusal(fileWith(empty))).toBe('nothing is wrong');
  const ofDictionary = labels(dictionary, chosen(places(new Array<number>(ROWS).fill(0))));
  expect(await refusal(fileWith(ofDictionary))).toBe('nothing is wrong');
});

describe('counts that are not there', () => {
  it.each<[what: string, column: TestColumn, message: RegExp]>([
    [
      'a run of levels near 2^31',
      kinds([page({ levels: [...uleb(HUGE * 2), 1] })]),
      /row group 1, column kind, page 1, definition levels .*a run of 2147483647 values where 20 are left/,
    ],
    [
      'a run of levels near 2^31, version 2',
      kinds([page({ kind: 'v2', levels: [...uleb(HUGE * 2), 1] })]),
      /a run of 2147483647 values where 20 are left/,
    ],
    [
      'packed levels near 2^31',
      kinds([page({ levels: uleb(HUGE * 2 + 1) })]),
      /definition levels .*3 bytes should follow/,
    ],
    ['runs of levels that end early', kinds([page({ levels: [6, 1] })]), /a byte is missing/],
    ['runs of nothing', kinds([page({ levels: [0, 0, 0, 0] })]), /a byte is missing/],
    ['a level of 2', kinds([page({ levels: [ROWS * 2, 2] })]), /the value 2 has more than 1 bits/],
    [
      'places in a dictionary near 2^31',
      labels(dictionary, chosen([1, ...uleb(HUGE * 2), 0])),
      /a run of 2147483647 values/,
    ],
    ['packed places of no bits', labels(dictionary, chosen([0, 1])), /a byte is missing/],
    ['places of 33 bits', labels(dictionary, chosen([33, ...uleb(ROWS * 2)])), /33 bits/],
    [
      'a place past the end',
      labels(dictionary, chosen([1, ...hybrid(new Array<number>(ROWS).fill(1), 1)])),
      /entry 1 of a dictionary of 1/,
    ],
    [
      'a dictionary of 2^24 entries',
      labels({ ...dictionary, rows: 2 ** 24 }, chosen([0, ROWS * 2])),
      /4 bytes should follow/,
    ],
    ['no dictionary', labels(chosen([0, ROWS * 2])), /there is no dictionary/],
    ['two dictionaries', labels(dictionary, dictionary), /two dictionaries/],
    [
      'deltas in blocks of no parts',
      times(page({ encoding: Encoding.deltaBinaryPacked, values: [128, 1, 0, ROWS, 0] })),
      /blocks of 128 values in 0 parts/,
    ],
    [
      'deltas in blocks of no values',
      times(page({ encoding: Encoding.deltaBinaryPacked, values: [0, 4, ROWS, 0] })),
      /blocks of 0 values in 4 parts/,
    ],
    [
      'as many deltas as they please',
      times(
        page({ encoding: Encoding.deltaBinaryPacked, values: [128, 1, 4, ...uleb(HUGE), 0, 0] }),
      ),
      /2147483647 values where there should be 20/,
    ],
    [
      'deltas of 65 bits',
      times(page({ encoding: Encoding.deltaBinaryPacked, values: [128, 1, 1, ROWS, 0, 0, 65] })),
      /65 bits/,
    ],
    [
      'a number of eleven bytes',
      times(
        page({
          encoding: Encoding.deltaBinaryPacked,
          values: [128, 1, 4, ROWS, ...new Array<number>(1000).fill(0x80)],
        }),
      ),
      /more than 64 bits/,
    ],
    [
      'a text longer than its page',
      labels(page({ values: [...littleEndian(HUGE, 4), ...texts.slice(4)] })),
      /a text of 2147483647 bytes/,
    ],
    [
      'a text of less than nothing',
      labels(
        page({
          encoding: Encoding.deltaLengthByteArray,
          values: [128, 1, 4, ROWS, ...zigzagLeb(-1), 0, 0, 0, 0, 0],
        }),
      ),
      /a text of -1 bytes/,
    ],
  ])('%s', async (_what, column, message) => {
    expect(await refusal(fileWith(column))).toMatch(message);
  });
});

describe('pages that do not fit', () => {
  const eights = (count: number): number[] => plainEights(new Array<bigint>(count).fill(0n));

  it.each<[what: string, column: TestColumn, message: RegExp]>([
    ['too few rows', values(page({ rows: 5, values: eights(5) })), /its pages lack 15 of 20 rows/],
    ['no pages', values(), /its pages lack 20 of 20 rows/],
    [
      'too many rows',
      values(page({ rows: 15, values: eights(15) }), page({ rows: 6, values: eights(6) })),
      /a page of 6 rows where 5 are left/,
    ],
    ['a page without its values', values(page({ values: eights(19) })), /160 bytes should follow/],
    [
      'a page that is shorter than it claims',
      values(page({ values: eights(ROWS), plainBytes: 161 })),
      /it has 160 bytes and claims 161/,
    ],
    [
      'a page of gigabytes',
      values(page({ values: eights(ROWS), plainBytes: 2 ** 31 })),
      /a page of 2147483648 bytes \(limit 268435456\)/,
    ],
    [
      'Snappy that cannot be so long',
      values(page({ values: eights(ROWS), codec: Codec.snappy, plainBytes: 2 ** 28 })),
      /bytes of Snappy claim to be 268435456/,
    ],
    [
      'gzip that is longer than it claims',
      values(page({ values: eights(ROWS), codec: Codec.gzip, plainBytes: 100 })),
      /gzip is damaged, or is not 100 bytes long/,
    ],
  ])('%s', async (_what, column, message) => {
    const [first] = column.pages;
    expect(await refusal(fileWith({ ...column, codec: first?.codec ?? 0 }))).toMatch(message);
  });
});

describe('rows that no page holds take no memory', () => {
  const rows = 2 ** 24;
  const column = (more: Partial<TestPage>, isOptional = false): TestColumn => ({
    ...values(
      { ...dictionary, values: plainEights([0n]) },
      page({ rows, values: [1, 2, 3], ...more }),
    ),
    isOptional,
  });

  it.each<[what: string, column: TestColumn]>([
    ['levels in runs', column({ levels: levelRuns([1, 1, 0]) }, true)],
    ['packed levels', column({ levels: hybrid([1, 1, 0], 1, [1]) }, true)],
    ['plain', column({})],
    ['split', column({ encoding: Encoding.byteStreamSplit })],
    ['places', column({ encoding: Encoding.rleDictionary, values: places([0, 0, 0]) })],
    ['packed places', column({ encoding: Encoding.rleDictionary, values: places([0, 0], [1]) })],
  ])('%s', async (_what, liar) => {
    const bytes = fileWith(liar, rows);
    const before = process.memoryUsage().arrayBuffers;
    expect(await refusal(bytes)).toMatch(/column value/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it('deltas', () => {
    const cursor = new ByteCursor(
      Uint8Array.from([128, 1, 4, ...uleb(rows), 0, 0, 0, 0, 0, 0]),
      'a test',
    );
    const before = process.memoryUsage().arrayBuffers;
    expect(() => readDeltas(cursor, rows)).toThrow(/a byte is missing/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });
});

it('long texts that few bytes tell again and again are refused', async () => {
  const rows = 2 ** 11;
  const long = ['x', 'y'].map((one) => JSON.stringify({ __name__: one.repeat(2 ** 20) }));
  const turns = Array.from({ length: rows }, (_, i) => i % 2);
  const column = labels(
    { ...dictionary, rows: 2, values: plainTexts(long) },
    { ...chosen(places(turns, [rows / 8])), rows },
  );
  const bytes = parquetFile(Object.values({ ...neededColumns(rows), labels: column }), rows);
  expect(await refusal(bytes)).toMatch(/more than 1073741824 characters; write the file again/);
});

describe('what cannot be read', () => {
  const logical = (union: number): TestColumn => ({
    ...NEEDED.timestamp,
    logical: { [union]: {} },
  });

  it.each<[what: string, column: TestColumn, message: RegExp]>([
    [
      'another codec',
      { ...NEEDED.value, codec: Codec.zstd },
      /column value, page 1 .*compressed with ZSTD; write the file again with SNAPPY/,
    ],
    ['another codec still', { ...NEEDED.value, codec: 99 }, /compressed with codec 99/],
    [
      'another encoding',
      values(page({ encoding: Encoding.deltaBinaryPacked })),
      /encoding 5 is none of its type/,
    ],
    [
      'levels that are BIT_PACKED',
      kinds([page({ levels: allNull, levelEncoding: 4 })]),
      /definition levels have encoding 4; write the file again/,
    ],
    [
      'a value of 4 bytes',
      { ...NEEDED.value, type: Type.float },
      /value is not of the type DOUBLE/,
    ],
    ['a time that is a text', { ...NEEDED.timestamp, type: Type.text }, /timestamp is not of the/],
    ['a time that is a decimal', logical(5), /timestamp is no time; cast it/],
    ['a text that is not UTF-8', labels(page({ values: [1, 0, 0, 0, 0xff] })), /not UTF-8/],
  ])('%s', async (_what, column, message) => {
    expect(await refusal(fileWith(column))).toMatch(message);
  });

  it.each<[what: string, footer: number[], message: RegExp]>([
    ['a schema that counts too many', thrift({ 2: [{ 4: 'root', 5: 2 }, { 4: 'a' }] }), /lacks/],
    [
      'groups of too many',
      thrift({
        2: [
          { 4: 'root', 5: 1 },
          { 4: 'a', 5: 9 },
        ],
      }),
      /lacks/,
    ],
    ['a group of less than nothing', thrift({ 2: [{ 4: 'root', 5: -1 }] }), /column is -1/],
    ['rows of less than nothing', thrift({ 4: [{ 3: -1n }] }), /rows of a row group is -1/],
    ['no schema', thrift({}), /no column labels, timestamp, value/],
    ['nothing', [], /a byte is missing/],
  ])('a footer: %s', async (_what, footer, message) => {
    const tail = [...footer, ...littleEndian(footer.length, 4)];
    const bytes = Buffer.concat([Buffer.from('PAR1'), Buffer.from(tail), Buffer.from('PAR1')]);
    expect(await refusal(bytes)).toMatch(message);
  });

  it.each<[what: string, tail: number[], magic: string, message: RegExp]>([
    ['longer than the file', littleEndian(5, 4), 'PAR1', /claims 5 bytes of a file of 12/],
    ['encrypted', littleEndian(0, 4), 'PARE', /encrypted/],
  ])('a footer that is %s', async (_what, tail, magic, message) => {
    const bytes = Buffer.concat([Buffer.from('PAR1'), Buffer.from(tail), Buffer.from(magic)]);
    expect(await refusal(bytes)).toMatch(message);
  });

  it('two columns of one name', async () => {
    const { value } = NEEDED;
    expect(await refusal(parquetFile([...Object.values(NEEDED), value], ROWS))).toMatch(
      /two columns value/,
    );
  });

  it('a chunk outside of the file', async () => {
    const bytes = parquetFile(Object.values(NEEDED), ROWS);
    const footer = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 8, true);
    // Only the footer and what is behind it, as if the front had been cut.
    const cut = Buffer.concat([Buffer.from('PAR1'), bytes.subarray(bytes.length - 8 - footer)]);
    expect(await refusal(cut)).toMatch(/column value should be at bytes \d+ to \d+ of a file of/);
  });
});

it('a column that is nested is told from one that is ours', async () => {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({
    writer,
    schema: [
      { name: 'root', num_children: 3 },
      { name: 'labels', repetition_type: 'REQUIRED', num_children: 1 },
      { name: 'value', type: 'DOUBLE', repetition_type: 'REQUIRED' },
      { name: 'timestamp', type: 'INT64', repetition_type: 'REQUIRED' },
      { name: 'value', type: 'DOUBLE', repetition_type: 'REQUIRED' },
    ],
  });
  void parquet.finish();
  expect(await refusal(writer.getBytes())).toMatch(/column labels is nested/);
});

it('legacy timestamps are a time of the day and the Julian number of the day', async () => {
  const days = [2_440_588, 2_440_587, 2_460_000];
  const nanos = [999_999n, 86_399_999_000_000n, 43_200_001_000_000n];
  const words = days.map((day, i) => [...littleEndian(nanos[i]!, 8), ...littleEndian(day, 4)]);
  const rows = 4;
  const levels = levelRuns([1, 1, 0, 1]);
  const plain = page({ rows, levels, values: words.flat() });
  const entries = page({ kind: 'dictionary', rows: 3, values: words.flat() });
  const chosenOnes = page({
    rows,
    levels,
    encoding: Encoding.rleDictionary,
    values: places([0, 1, 2]),
  });
  for (const pages of [[plain], [entries, chosenOnes]]) {
    const timestamp = { name: 'timestamp', type: Type.int96, isOptional: true, pages };
    const bytes = parquetFile(Object.values({ ...neededColumns(rows), timestamp }), rows);
    const { series, problems } = await (await ParquetFile.open(sourceOf(bytes))).read(0);
    expect(problems.map(({ line }) => line)).toEqual([3]);
    const noon = Date.UTC(2023, 1, 24, 12) + 1;
    expect([...series[0]!.samples.t]).toEqual([0, -1, noon]);
  }
});

it('times without a unit are ms, and those past 2^63 without a sign are none', async () => {
  const UINT_64 = 14;
  const two = neededColumns(2);
  const all = [1_700_000_000_000n, 2n ** 64n - 1n];
  const pages = [page({ rows: 2, values: plainEights(all) })];
  const open = (more: Partial<TestColumn>): Promise<ParquetFile> =>
    ParquetFile.open(
      sourceOf(
        parquetFile(Object.values({ ...two, timestamp: { ...two.timestamp, pages, ...more } }), 2),
      ),
    );
  const signed = await (await open({})).read(0);
  expect([...signed.series[0]!.samples.t]).toEqual([1_700_000_000_000, -1]);
  const unsigned = await (await open({ converted: UINT_64 })).read(0);
  expect([...unsigned.series[0]!.samples.t]).toEqual([1_700_000_000_000]);
  expect(unsigned.problems.map(({ line }) => line)).toEqual([2]);
});
