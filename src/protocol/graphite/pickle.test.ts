import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type Collected,
  smallSeriesTable,
  takeCollected,
} from '../../../test/support/collected.ts';
import { RowCollector } from '../row-collector.ts';
import { GraphitePickleDecoder } from './pickle.ts';

const PICKLES = JSON.parse(
  readFileSync(new URL('./testdata/pickles.json', import.meta.url), 'utf8'),
) as { readonly name: string; readonly hex: string }[];

const NOW = 1_700_000_123_456;
const MAX_FRAME_BYTES = 1000;

function framed(pickle: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(pickle.length);
  return Buffer.concat([length, pickle]);
}

function decode(...frames: Uint8Array[]): Collected & { readonly isDone: boolean } {
  const collector = new RowCollector();
  const decoder = new GraphitePickleDecoder(collector, MAX_FRAME_BYTES, {
    isSanitized: false,
    seriesTable: smallSeriesTable(),
    now: () => NOW,
  });
  decoder.push(Buffer.concat(frames));
  decoder.end();
  return { ...takeCollected(collector), isDone: decoder.isDone };
}

/** One point, `a 1` at 1700000000, as Python writes it. */
const GOOD = framed(
  Buffer.from(
    '80025d7100580100000061710 14a00f153654b0186710286710361 2e'.replaceAll(' ', ''),
    'hex',
  ),
);
const GOOD_SAMPLE = 'a 1 1700000000000';

const VERSIONS = PICKLES.filter(({ name }) => name.startsWith('protocol'));

describe('what Python writes', () => {
  it.each(VERSIONS)('in $name', ({ hex }) => {
    expect(decode(framed(Buffer.from(hex, 'hex')))).toEqual({
      samples: [
        '{"a.b"} 1.5 1700000000000',
        '{"a.b"} 2 1700000060500',
        'load{host="a"} -3 1700000000000',
        '{"café世"} 1e+300 1700000000000',
        'big 9007199254740992 1700000000000',
        'big -1.1805916207174113e+21 1700000000000',
        's 2.5 1700000000000',
        `now 1 ${NOW}`,
        'list 1 1700000000000',
      ],
      problems: [],
      losses: { integer_rounded: 1, nan_dropped: 1 },
      isDone: false,
    });
  });

  it.each(PICKLES.filter((pickle) => !VERSIONS.includes(pickle)))('as $name', ({ hex }) => {
    expect(decode(framed(Buffer.from(hex, 'hex')))).toMatchObject({
      samples: expect.arrayContaining([expect.stringContaining('{"a.b"} ')]),
      problems: [],
    });
  });
});

describe('a frame is refused as a whole', () => {
  it.each([
    ['cposix\nsystem\n.', 'refused: GLOBAL would run code; send numbers, texts, lists and tuples'],
    ['(S"a"\nR.', 'refused: REDUCE would run code; send numbers, texts, lists and tuples'],
    ['(iposix\nsystem\n.', 'refused: INST would run code; send numbers, texts, lists and tuples'],
    ['Pid\n.', 'refused: PERSID would run code; send numbers, texts, lists and tuples'],
    ['\x80\x09N.', 'unknown pickle protocol 9'],
    ['}.', 'unsupported opcode 0x7d at byte 0'],
    ['', 'cut short'],
    ['(', 'cut short'],
    ['.', 'nothing on the stack'],
    ['e.', 'no mark on the stack'],
    ['K\x01(e.', 'appends to what is no list'],
    ['g7\n.', 'nothing is remembered as 7'],
    ['X\xff\xff\xff\xffabc.', 'cut short'],
    ['\x8b\xff\xff\xff\x7f.', 'integer of 2147483647 bytes'],
    ['I12x\n.', 'bad integer'],
    ['Fone\n.', 'bad float'],
    ['Sabc\n.', 'bad string'],
    ['N.', 'not a list of points'],
    ['K\x01.', 'not a list of points'],
  ])('%j', (pickle, message) => {
    expect(decode(GOOD, framed(Buffer.from(pickle, 'latin1')), GOOD)).toMatchObject({
      samples: [GOOD_SAMPLE, GOOD_SAMPLE],
      problems: [`2: ${message}`],
    });
  });
});

describe('a point is refused alone', () => {
  const after = "(S'b'\n(I1700000000\nI1\ntta";
  it.each([
    ['N', 'not (path, (timestamp, value))'],
    ["(S'a'\nI1\nt", 'not (path, (timestamp, value))'],
    ["(S'a'\n(I1\ntt", 'not (path, (timestamp, value))'],
    ['(I1\n(I1\nI1\ntt', 'not (path, (timestamp, value))'],
    ["(S'a'\n(I1\nNtt", 'bad value'],
    ["(S'a'\n(I1\nS'one'\ntt", 'bad value'],
    ["(S'a'\n(NI1\ntt", 'bad timestamp'],
    ["(S'a'\n(Fnan\nI1\ntt", 'bad timestamp'],
    ["(S'a'\n(F1e300\nI1\ntt", 'bad timestamp'],
    ["(S''\n(I1\nI1\ntt", 'missing metric name'],
    ["(S'\\xff'\n(I1\nI1\ntt", 'not valid UTF-8'],
  ])('%j', (point, message) => {
    expect(decode(framed(Buffer.from(`(l${point}a${after}.`, 'latin1')))).toMatchObject({
      samples: ['b 1 1700000000000'],
      problems: [`1: point 0: ${message}`],
    });
  });
});

it('stops at a frame that is too long: what follows might be in it', () => {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(MAX_FRAME_BYTES + 1);
  expect(decode(GOOD, header, GOOD)).toMatchObject({
    samples: [GOOD_SAMPLE],
    problems: ['2: frame of 1001 bytes: longer than 1000, or no pickle protocol'],
    isDone: true,
  });
});

it('refuses what a connection leaves unfinished', () => {
  expect(decode(GOOD, GOOD.subarray(0, 10))).toMatchObject({
    samples: [GOOD_SAMPLE],
    problems: ['2: the connection ended within a frame'],
  });
});

it('reads a list that holds itself', () => {
  // A list, remembered, appended to itself.
  expect(decode(framed(Buffer.from(']q\x00h\x00a.', 'latin1'))).problems).toEqual([
    '1: point 0: not (path, (timestamp, value))',
  ]);
});
