// Golden chunks, worked out by hand from the description of the format.

import { describe, expect, it } from 'vitest';
import { columnsOf, type Row } from '../../../test/support/arbitraries.ts';
import {
  type IntegerHistogram,
  type NativeHistogram,
  rawFloat64,
} from '../../model/native-histogram.ts';
import { staleHistogram } from '../../model/native-histogram-stale.ts';
import { decodeChunk, encodeChunks } from './chunks.ts';

const STALE = { high: 0x7ff0_0000, low: 2 };

function float(t: number, value: number | typeof STALE): Row {
  const raw = typeof value === 'number' ? rawFloat64(value) : value;
  return { t, raw, startT: 0, histogram: undefined };
}

function native(t: number, histogram: NativeHistogram): Row {
  return { t, raw: { low: 0, high: 0 }, startT: 0, histogram };
}

/** Hex of groups of bits, filled up with zeros. */
function bits(...groups: string[]): string {
  const all = groups.join('').replaceAll(' ', '');
  const bytes = all.padEnd(Math.ceil(all.length / 8) * 8, '0').match(/.{8}/g)!;
  return bytes.map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, '0')).join('');
}

/** The 64 bits of a hex string. */
function bits64(hex: string): string {
  return BigInt(`0x${hex}`).toString(2).padStart(64, '0');
}

function encoded(
  rows: readonly Row[],
): { type: number; minT: number; maxT: number; hex: string }[] {
  return [...encodeChunks(columnsOf(rows))].map(({ type, minT, maxT, data }) => ({
    type,
    minT,
    maxT,
    hex: Buffer.from(data).toString('hex'),
  }));
}

/** Integer histogram with two positive buckets. */
function integer(
  a: bigint,
  b: bigint,
  sum: number,
  resetHint: 0 | 1 | 2 | 3 = 0,
): IntegerHistogram {
  return {
    kind: 'integer',
    resetHint,
    schema: 0,
    zeroThreshold: 0,
    sum: rawFloat64(sum),
    positiveSpans: [{ offset: 0, length: 2 }],
    negativeSpans: [],
    customValues: [],
    count: a + b,
    zeroCount: 0n,
    positiveCounts: [a, b],
    negativeCounts: [],
  };
}

describe('XOR chunks', () => {
  it('of regular times and a changing value', () => {
    const rows = [float(1000, 1), float(2000, 1), float(3000, 2)];
    const hex = [
      '0003', // samples
      'd00f', // 1000 as zigzag varint
      '3ff0000000000000', // 1.0
      'e807', // difference 1000
      // 1.0 again: 0. Then the same difference: 0, and 2.0: 1.0 xor 2.0 is 0x7ff0…, that is 1 leading
      // zero, 11 significant bits.
      bits('0', '0', '11 00001 001011 11111111111'),
    ].join('');
    expect(encoded(rows)).toEqual([{ type: 1, minT: 1000, maxT: 3000, hex }]);
  });

  it('of all widths of times and the stale marker', () => {
    const differences = [15_000, 15_001, 23_193, 15_001, 80_538, 1e9];
    const rows = [float(0, STALE)];
    for (const difference of differences) rows.push(float(rows.at(-1)!.t + difference, STALE));
    const hex = [
      '0007',
      '00',
      '7ff0000000000002',
      '9875', // 15000
      bits(
        '0',
        '10 00000000000001 0', // +1
        '10 10000000000000 0', // +8192 is the largest of 14 bits
        '110 11110000000000000 0', // -8192 no longer fits
        '1110 00010000000000000001 0', // +65537 no longer fits 17 bits
        `1111 ${bits64((1e9 - 80_538).toString(16))} 0`,
      ),
    ].join('');
    expect(encoded(rows)).toEqual([{ type: 1, minT: 0, maxT: rows.at(-1)!.t, hex }]);
  });

  it('of values that reuse the window, leave it, and differ in all bits', () => {
    const values = ['0000000000000000', '0000000000ff0000', '0000000000f00000'];
    values.push('0000000000f00001', 'ffffffffff0ffffe');
    const rows = values.map((hex, i) =>
      float(i, {
        high: Number.parseInt(hex.slice(0, 8), 16),
        low: Number.parseInt(hex.slice(8), 16),
      }),
    );
    const hex = [
      '0005',
      '00',
      '0000000000000000',
      '01',
      bits(
        // 40 leading zeros are written as 31, hence 17 significant bits.
        '11 11111 010001 00000000011111111',
        '0 10 00000000000001111',
        '0 11 11111 100001 000000000000000000000000000000001',
        `0 11 00000 000000 ${bits64('ffffffffffffffff')}`,
      ),
    ].join('');
    expect(encoded(rows)[0]!.hex).toBe(hex);
  });

  it('are cut at 120 samples', () => {
    const rows = Array.from({ length: 250 }, (_, i) => float(i, 1));
    expect(encoded(rows).map(({ minT, maxT }) => [minT, maxT])).toEqual([
      [0, 119],
      [120, 239],
      [240, 249],
    ]);
  });

  it('are cut where times lie too far apart for exact differences', () => {
    const rows = [float(-8.64e15, 1), float(0, 1), float(8.64e15, 1)];
    expect(encoded(rows)).toHaveLength(1);
    expect(encoded([rows[0]!, rows[2]!])).toHaveLength(2);
  });
});

describe('histogram chunks', () => {
  const head = [
    '00', // flags: unknown
    '00', // zero threshold 0
  ].join('');
  const layout = '0 10 001 10 010 0 0'; // schema 0; one span, length 2, offset 0; none

  it('of integers', () => {
    const rows = [native(5, integer(1n, 2n, 5)), native(10, integer(2n, 2n, 6))];
    const hex = [
      '0002',
      head,
      bits(
        layout,
        '110 000101 10 011 0', // t 5, count 3, zero count 0
        bits64('4014000000000000'), // sum 5.0
        '10 001 10 001', // buckets 1, +1
        '110 000101 10 001 0', // t +5, count +1, zero count +0
        '11 01100 000010 11', // sum 6.0
        '10 001 10 111', // bucket differences +1 and -1
      ),
    ].join('');
    expect(encoded(rows)).toEqual([{ type: 2, minT: 5, maxT: 10, hex }]);
  });

  it('of floats', () => {
    const floats = (a: number, b: number): NativeHistogram => ({
      ...integer(0n, 0n, 5),
      kind: 'float',
      zeroThreshold: 2 ** -128,
      count: 3,
      zeroCount: 0,
      positiveCounts: [a, b],
      negativeCounts: [],
    });
    const hex = [
      '0002',
      '00',
      '74', // zero threshold 0.5 · 2^-127: 116
      bits(
        layout,
        '110 000101', // t 5
        bits64('4008000000000000'), // count 3.0
        bits64('0000000000000000'),
        bits64('4014000000000000'), // sum 5.0
        bits64('3ff0000000000000'), // 1.0
        bits64('4000000000000000'), // 2.0
        '110 000101', // t +5
        '0 0 0 0', // all as before but the last bucket: 3.0
        '11 01100 000001 1',
      ),
    ].join('');
    const rows = [native(5, floats(1, 2)), native(10, floats(1, 3))];
    expect(encoded(rows)).toEqual([{ type: 3, minT: 5, maxT: 10, hex }]);
  });

  it('of custom buckets', () => {
    const custom = { ...integer(1n, 1n, 5), schema: -53, customValues: [0.5, -1] };
    const hex = [
      '0001',
      head,
      bits(
        '1110 111001011', // schema -53 needs 9 bits
        '10 001 10 010 0 0',
        '10 010', // two bounds
        '1110 111110101', // 0.5: 501
        `0 ${bits64('bff0000000000000')}`, // -1
        '0 10 010 0',
        bits64('4014000000000000'),
        '10 001 0',
      ),
    ].join('');
    expect(encoded([native(0, custom)])[0]!.hex).toBe(hex);
  });

  it('that begin with a stale marker have no layout', () => {
    const hex = ['0001', head, bits('0 0 0', '0 0 0', bits64('7ff0000000000002'))].join('');
    const stale = { ...integer(1n, 1n, 0), sum: STALE };
    expect(encoded([native(0, stale)])).toEqual([{ type: 2, minT: 0, maxT: 0, hex }]);
  });

  /** Times of the cuts and top bits of the flags. */
  function cuts(...histograms: NativeHistogram[]): [number, string][] {
    return encoded(histograms.map((one, i) => native(i, one))).map(({ minT, hex }) => [
      minT,
      Number.parseInt(hex.slice(4, 6), 16).toString(2).padStart(8, '0').slice(0, 2),
    ]);
  }

  const a = integer(1n, 2n, 5);
  const STALE_ROW = staleHistogram('integer');

  it.each<[string, NativeHistogram[], [number, string][]]>([
    ['counts rise', [a, integer(1n, 3n, 6), integer(9n, 3n, 7)], [[0, '00']]],
    ['the first says no reset', [{ ...a, resetHint: 2 }], [[0, '00']]],
    [
      'a count falls',
      [a, integer(0n, 2n, 1)],
      [
        [0, '00'],
        [1, '10'],
      ],
    ],
    [
      'a bucket falls',
      [a, integer(9n, 1n, 1)],
      [
        [0, '00'],
        [1, '10'],
      ],
    ],
    [
      'the hint says reset',
      [a, { ...a, resetHint: 1 }],
      [
        [0, '00'],
        [1, '10'],
      ],
    ],
    [
      'the schema changes',
      [a, { ...a, schema: 1 }],
      [
        [0, '00'],
        [1, '00'],
      ],
    ],
    [
      'the zero threshold changes',
      [a, { ...a, zeroThreshold: 1 }],
      [
        [0, '00'],
        [1, '00'],
      ],
    ],
    [
      'the spans change',
      [a, { ...a, positiveSpans: [{ offset: 1, length: 2 }] }],
      [
        [0, '00'],
        [1, '00'],
      ],
    ],
    [
      'gauges fall',
      [
        { ...a, resetHint: 3 },
        { ...integer(0n, 0n, 0), resetHint: 3 },
      ],
      [[0, '11']],
    ],
    [
      'a gauge becomes a counter',
      [{ ...a, resetHint: 3 }, a],
      [
        [0, '11'],
        [1, '00'],
      ],
    ],
    [
      'a counter becomes a gauge',
      [a, { ...a, resetHint: 3 }],
      [
        [0, '00'],
        [1, '11'],
      ],
    ],
    ['it goes stale', [a, STALE_ROW, STALE_ROW], [[0, '00']]],
    [
      'a gauge comes back',
      [
        { ...a, resetHint: 3 },
        { ...a, resetHint: 3, sum: STALE },
        { ...a, resetHint: 3 },
      ],
      [
        [0, '11'],
        [2, '11'],
      ],
    ],
    [
      'it comes back',
      [a, STALE_ROW, a],
      [
        [0, '00'],
        [2, '00'],
      ],
    ],
    [
      'bounds change',
      [
        { ...a, schema: -53, customValues: [1] },
        { ...a, schema: -53, customValues: [2] },
      ],
      [
        [0, '00'],
        [1, '10'],
      ],
    ],
  ])('are cut where %s', (_name, histograms, want) => {
    expect(cuts(...histograms)).toEqual(want);
  });

  it('go on without reset after 120 samples', () => {
    expect(cuts(...Array.from({ length: 121 }, () => a))).toEqual([
      [0, '00'],
      [120, '01'],
    ]);
  });

  it('hold at least ten samples, however wide', () => {
    const counts = Array.from({ length: 300 }, (_, i) => 10n ** BigInt(i % 18));
    const wide = { ...a, positiveSpans: [{ offset: 0, length: 300 }], positiveCounts: counts };
    expect(cuts(...Array.from({ length: 21 }, () => wide)).map(([t]) => t)).toEqual([0, 10, 20]);
  });

  it('change type with the kind of sample', () => {
    const floatKind: NativeHistogram = {
      ...a,
      kind: 'float',
      count: 3,
      zeroCount: 0,
      positiveCounts: [1, 2],
      negativeCounts: [],
    };
    const rows = [native(0, a), float(1, 1), native(2, a), native(3, floatKind), float(4, 1)];
    expect(encoded(rows).map(({ type }) => type)).toEqual([2, 1, 2, 3, 1]);
  });
});

it('decodeChunk refuses kinds it does not know', () => {
  expect(() => decodeChunk(4, new Uint8Array(10))).toThrow(
    expect.objectContaining({ code: 'CHUNK_MALFORMED', kind: 'bad_data' }),
  );
});
