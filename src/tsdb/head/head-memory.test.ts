import { describe, expect, test } from 'vitest';
import { setStaleAt } from '../../model/stale.ts';
import { HeadMemory } from './head-memory.ts';
import type { MergeCounters } from './head-reader.ts';
import { HeadReader } from './head-reader.ts';
import { appendWrite, readColumns, readRows, row } from './head-testing.ts';
import type { TwinWrite } from './head-twin.ts';
import {
  ARENA,
  HEADER,
  HeaderWord,
  MAX_BLOCK_BYTES,
  MAX_BYTES_PER_PAGE,
  MAX_BYTES_PER_ROW,
  MAX_REFS,
} from './layout.ts';

const FIVE = '4014000000000000';
const SIX = '4018000000000000';
const SEVEN = '401c000000000000';
const STALE = '7ff0000000000002';

function floats(head: HeadMemory, ref: number, rows: readonly (readonly [number, number])[]) {
  const refs = new Uint32Array(rows.length).fill(ref);
  const t = Float64Array.from(rows, (r) => r[0]);
  const v = Float64Array.from(rows, (r) => r[1]);
  return head.appendFloats(refs, t, v, undefined, 0, rows.length);
}

/** The writes, one after the other, as rows of `t content startT`. */
function outcomeOf(writes: readonly TwinWrite[]): string[] {
  const head = new HeadMemory({ maxBytes: 1 << 21 });
  for (const write of writes) appendWrite(head, 1, write);
  return readRows(new HeadReader(head.memory), 1);
}

describe('appending floats', () => {
  test('an empty head has nothing', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20 });
    expect(head.sampleCount()).toBe(0);
    expect(head.seriesCount()).toBe(0);
    expect([head.minT, head.maxT]).toEqual([Infinity, -Infinity]);
    expect([head.seriesMinT(3), head.seriesMaxT(3)]).toEqual([Infinity, -Infinity]);
    const reader = new HeadReader(head.memory);
    expect([...reader.refs()]).toEqual([]);
    expect(readRows(reader, 0)).toEqual([]);
    expect(reader.exemplars(0)).toEqual([]);
  });

  test('counts rows in order, out of order and repeated', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20 });
    const rows = [
      [10, 1],
      [20, 2],
      [20, 2],
      [15, 3],
      [15, 3],
      [20, 4],
    ] as const;
    expect(floats(head, 7, rows)).toEqual({ taken: 6, stored: 4, duplicates: 2, outOfOrder: 2 });
    expect(head.sampleCount()).toBe(4);
    expect(head.seriesCount()).toBe(1);
    expect([head.seriesMinT(7), head.seriesMaxT(7)]).toEqual([10, 20]);
  });

  test('more rows than one kernel call takes', () => {
    const head = new HeadMemory({ maxBytes: 1 << 22 });
    const n = 40_000;
    const refs = new Uint32Array(n);
    const t = Float64Array.from(refs, (_, i) => i * 15_000);
    const v = Float64Array.from(refs, (_, i) => i % 100);
    expect(head.appendFloats(refs, t, v, undefined, 1, n).stored).toBe(n - 1);
    const columns = readColumns(new HeadReader(head.memory), 0, -Infinity, Infinity);
    expect(columns!.length).toBe(n - 1);
    expect(columns!.t.slice(0, n - 1)).toEqual(t.slice(1));
    expect(columns!.v.slice(0, n - 1)).toEqual(v.slice(1));
  });

  test('a ref past the directory is refused, one at its end is not', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20 });
    expect(floats(head, MAX_REFS - 1, [[1, 1]]).stored).toBe(1);
    expect(() => floats(head, MAX_REFS, [[1, 1]])).toThrow(RangeError);
    expect(() => head.appendExemplar(MAX_REFS, 1, new Uint8Array(1))).toThrow(RangeError);
    expect(head.has(MAX_REFS - 1)).toBe(true);
    expect(head.has(MAX_REFS)).toBe(false);
  });

  test('offsets up to 2^32 - 1 share a block, one more starts another', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20 });
    const rows = [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 33 + 7, 8e15].map((t) => [t, t] as const);
    floats(head, 0, rows);
    const columns = readColumns(new HeadReader(head.memory), 0, -Infinity, Infinity)!;
    expect([...columns.t.slice(0, columns.length)]).toEqual(rows.map((r) => r[0]));
  });
});

describe('reading', () => {
  test.each([
    ['all', -Infinity, Infinity, 0, 99],
    ['one row', 50_000, 50_000, 50, 50],
    ['between rows', 50_001, 50_999, 1, 0],
    ['from within a block', 17_500, 1e9, 18, 99],
    ['to within a block', -5, 33_999, 0, 33],
    ['to the first row of a block', -5, 32_000, 0, 32],
    ['from the last row of a block', 31_000, 1e9, 31, 99],
    ['unsealed rows only', 97_000, 1e9, 97, 99],
    ['before everything', -9, -1, 1, 0],
    ['after everything', 99_001, 1e9, 1, 0],
  ])('clips to the range: %s', (_name, minT, maxT, first, last) => {
    const head = new HeadMemory({ maxBytes: 1 << 20 });
    const rows = Array.from({ length: 100 }, (_, i) => [i * 1000, i * 3] as const);
    floats(head, 2, rows);
    const columns = readColumns(new HeadReader(head.memory), 2, minT, maxT);
    const t = columns === undefined ? [] : [...columns.t.slice(0, columns.length)];
    expect(t).toEqual(rows.slice(first, last + 1).map((r) => r[0]));
    expect(columns === undefined).toBe(last < first);
  });

  test('series around the number of blocks decoded at once', () => {
    const head = new HeadMemory({ maxBytes: 1 << 22 });
    [4096, 4097, 4112, 4113, 8193].forEach((n, ref) => {
      floats(
        head,
        ref,
        Array.from({ length: n }, (_, i) => [i, i % 7]),
      );
      const columns = readColumns(new HeadReader(head.memory), ref, 0, Infinity)!;
      expect(columns.length).toBe(n);
      expect(columns.t.subarray(0, n).every((t, i) => t === i)).toBe(true);
      expect(columns.v.subarray(0, n).every((v, i) => v === i % 7)).toBe(true);
    });
  });

  test('columns are the reader’s own: another reader does not disturb them', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20 });
    floats(head, 1, [[1, 11]]);
    floats(head, 2, [[2, 22]]);
    const one = readColumns(new HeadReader(head.memory), 1, 0, 9)!;
    const two = readColumns(new HeadReader(head.memory), 2, 0, 9)!;
    expect([one.v[0], two.v[0]]).toEqual([11, 22]);
    expect(one.startT).toBeUndefined();
    expect(one.histograms).toBeUndefined();
  });

  test('a memory that holds no head is refused', () => {
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
    expect(() => new HeadReader(memory)).toThrow(/not a head/);
  });
});

describe('the winner at one t', () => {
  test.each<[string, TwinWrite[], string[]]>([
    ['later numbers win', [row(1, FIVE), row(1, SIX), row(1, SEVEN)], [`1 ${SEVEN} 0`]],
    ['back to the first', [row(1, FIVE), row(1, SIX), row(1, FIVE)], [`1 ${FIVE} 0`]],
    [
      'back to the first with another t between',
      [row(0, FIVE), row(2, FIVE), row(2, SIX), row(1, SIX), row(2, FIVE)],
      [`0 ${FIVE} 0`, `1 ${SIX} 0`, `2 ${FIVE} 0`],
    ],
    [
      'back to the float below a histogram',
      [row(2, FIVE), row(2, 'h:aa'), row(1, SIX), row(2, FIVE)],
      [`1 ${SIX} 0`, `2 ${FIVE} 0`],
    ],
    ['a marker never replaces a number', [row(1, FIVE), row(1, STALE)], [`1 ${FIVE} 0`]],
    ['a number replaces a marker', [row(1, STALE), row(1, FIVE)], [`1 ${FIVE} 0`]],
    ['also an older one', [row(1, FIVE), row(1, STALE), row(1, STALE)], [`1 ${FIVE} 0`]],
    ['markers alone stay', [row(1, STALE), row(1, STALE)], [`1 ${STALE} 0`]],
    ['histogram over float', [row(1, FIVE), row(1, 'h:aa')], ['1 h:aa 0']],
    ['float over histogram', [row(1, 'h:aa'), row(1, FIVE)], [`1 ${FIVE} 0`]],
    ['stale histogram under float', [row(1, FIVE), row(1, 'h:ee', 0, true)], [`1 ${FIVE} 0`]],
    ['float over stale histogram', [row(1, 'h:ee', 0, true), row(1, FIVE)], [`1 ${FIVE} 0`]],
    ['marker over stale histogram', [row(1, 'h:ee', 0, true), row(1, STALE)], [`1 ${STALE} 0`]],
    [
      '-0 is not 0',
      [row(1, '0000000000000000'), row(1, '8000000000000000')],
      ['1 8000000000000000 0'],
    ],
    [
      'another start timestamp is another sample',
      [row(9, FIVE, 3), row(9, FIVE, 4)],
      [`9 ${FIVE} 4`],
    ],
  ])('%s', (_name, writes, expected) => {
    expect(outcomeOf(writes)).toEqual(expected);
  });

  test('every order of six writes at three timestamps', () => {
    const writes = [
      row(10, FIVE),
      row(10, STALE),
      row(20, SIX),
      row(20, 'h:0102'),
      row(30, 'h:ee', 0, true),
      row(30, STALE),
    ];
    const head = new HeadMemory({ maxBytes: 1 << 22 });
    const reader = new HeadReader(head.memory);
    let ref = 0;
    for (const order of permutations(writes)) {
      for (const write of order) appendWrite(head, ref, write);
      const expected = [10, 20, 30].map((t) => {
        const here = order.filter((write) => write.t === t);
        const winner = here.findLast((write) => !write.isStale) ?? here.at(-1)!;
        return `${t} ${winner.content} 0`;
      });
      expect(readRows(reader, ref)).toEqual(expected);
      ref++;
    }
    expect(ref).toBe(720);
    expect([...reader.refs()]).toHaveLength(720);
  });

  test('counts what merging met', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20 });
    for (const write of [row(1, FIVE), row(2, FIVE), row(1, FIVE), row(2, SIX), row(1, SEVEN)]) {
      appendWrite(head, 0, write);
    }
    const counters: MergeCounters = { overwritten: 0, duplicates: 0 };
    readColumns(new HeadReader(head.memory), 0, 0, 9, counters);
    expect(counters).toEqual({ overwritten: 2, duplicates: 1 });
  });
});

describe('histograms and exemplars', () => {
  test('outcomes of a histogram', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20 });
    const payload = Uint8Array.of(1, 2, 3);
    const other = Uint8Array.of(1, 2, 4);
    expect(head.appendHistogram(5, 100, 7, payload, false)).toBe('stored');
    expect(head.appendHistogram(5, 100, 7, payload, false)).toBe('duplicate');
    expect(head.appendHistogram(5, 100, 8, payload, false)).toBe('outOfOrder');
    expect(head.appendHistogram(5, 100, 8, other, false)).toBe('outOfOrder');
    expect(head.appendHistogram(5, 101, 8, other, false)).toBe('stored');
    // The float has to come after all kinds.
    expect(floats(head, 5, [[101, 1]]).outOfOrder).toBe(1);
    expect(readRows(new HeadReader(head.memory), 5)).toEqual([
      '100 h:010204 8',
      '101 3ff0000000000000 0',
    ]);
    expect(head.sampleCount()).toBe(5);
  });

  test('an empty payload', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20 });
    expect(head.appendHistogram(5, 100, 0, new Uint8Array(0), false)).toBe('stored');
    expect(readRows(new HeadReader(head.memory), 5)).toEqual(['100 h: 0']);
  });

  test('a payload larger than the memory is not taken', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20 });
    const before = head.sampleCount();
    expect(head.appendHistogram(0, 1, 0, new Uint8Array(1 << 20), false)).toBe('full');
    expect(head.appendExemplar(0, 1, new Uint8Array(1 << 20))).toBe('full');
    expect(head.sampleCount()).toBe(before);
    expect(head.has(0)).toBe(false);
  });

  test('exemplars come by t, without repeats, up to the limit', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20, maxExemplarsPerSeries: 4 });
    const a = Uint8Array.of(1);
    const b = Uint8Array.of(2);
    expect(head.appendExemplar(5, 30, a)).toBe('stored');
    expect(head.appendExemplar(5, 30, a)).toBe('duplicate');
    expect(head.appendExemplar(5, 10, b)).toBe('stored');
    expect(head.appendExemplar(5, 30, b)).toBe('stored');
    expect(head.appendExemplar(5, 30, a)).toBe('stored');
    expect(head.appendExemplar(5, 40, a)).toBe('limit');
    expect(head.appendExemplar(6, 40, a)).toBe('stored');
    const reader = new HeadReader(head.memory);
    expect(reader.exemplars(5)).toEqual([
      { t: 10, payload: b },
      { t: 30, payload: a },
      { t: 30, payload: b },
    ]);
    expect(head.exemplarCount()).toBe(5);
    expect(head.sampleCount()).toBe(0);
    expect([...reader.refs()]).toEqual([5, 6]);
    expect(readRows(reader, 5)).toEqual([]);
    expect([head.minT, head.seriesMinT(5)]).toEqual([Infinity, Infinity]);
    expect([head.has(5), head.hasSamples(5), head.hasExemplars(5)]).toEqual([true, false, true]);
    floats(head, 7, [[1, 1]]);
    expect([head.has(7), head.hasSamples(7), head.hasExemplars(7)]).toEqual([true, true, false]);
  });

  test('without room for exemplars a series stays unknown', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20, maxExemplarsPerSeries: 0 });
    expect(head.appendExemplar(5, 30, Uint8Array.of(1))).toBe('limit');
    expect(head.has(5)).toBe(false);
    expect(() => new HeadMemory({ maxExemplarsPerSeries: 65_536 })).toThrow(RangeError);
  });
});

describe('life cycle', () => {
  test('a frozen head takes nothing and can be read', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20 });
    floats(head, 0, [[1, 1]]);
    head.freeze();
    expect(head.isFrozen).toBe(true);
    expect(() => floats(head, 0, [[2, 2]])).toThrow(/frozen/);
    expect(() => head.appendHistogram(0, 2, 0, Uint8Array.of(1), false)).toThrow(/frozen/);
    expect(() => head.appendExemplar(0, 2, Uint8Array.of(1))).toThrow(/frozen/);
    expect(readRows(new HeadReader(head.memory), 0)).toEqual(['1 3ff0000000000000 0']);
  });

  test('a cleared head is as new, also where old bytes lie under new pages', () => {
    const head = new HeadMemory({ maxBytes: 1 << 21 });
    const fresh = head.usedBytes();
    const junk = new Uint8Array(100_000).fill(0xff);
    head.appendExemplar(1, 1, junk);
    // Repeats are staged above the arena's end and left there.
    head.appendExemplar(1, 1, junk);
    expect(floats(head, 1024, [[1, 1]]).stored).toBe(1);
    expect(head.seriesCount()).toBe(2);
    head.freeze();
    head.clear();
    expect(head.isFrozen).toBe(false);
    expect(head.usedBytes()).toBe(fresh);
    expect([head.seriesCount(), head.sampleCount(), head.exemplarCount()]).toEqual([0, 0, 0]);
    expect([head.minT, head.maxT]).toEqual([Infinity, -Infinity]);
    expect([...new HeadReader(head.memory).refs()]).toEqual([]);
    floats(head, 3, [[5, 5]]);
    floats(head, 5000, [[6, 6]]);
    const reader = new HeadReader(head.memory);
    expect([...reader.refs()]).toEqual([3, 5000]);
    expect(readRows(reader, 3)).toEqual(['5 4014000000000000 0']);
  });

  test('works at addresses past 2 GiB', () => {
    const head = new HeadMemory();
    if (head.memory.buffer.byteLength < 0xf000_0000) return; // address space is limited here
    const words = new Uint32Array(head.memory.buffer, HEADER);
    words[HeaderWord.arenaNext] = 0xe000_0000;
    const rows = Array.from({ length: 40 }, (_, i) => [i, i] as const);
    floats(head, 1, rows);
    head.appendHistogram(1, 5, 0, Uint8Array.of(9, 8), false);
    head.appendExemplar(1, 5, Uint8Array.of(7));
    const reader = new HeadReader(head.memory);
    expect(readRows(reader, 1)).toHaveLength(40);
    expect(readRows(reader, 1)[5]).toBe('5 h:0908 0');
    expect(reader.exemplars(1)).toEqual([{ t: 5, payload: Uint8Array.of(7) }]);
  });
});

describe('room', () => {
  test('what canTake promises is taken, until the memory is full', () => {
    const head = new HeadMemory({ maxBytes: 1 << 21 });
    const n = 300;
    const v = new Float64Array(n);
    for (let i = 0; i < n; i += 3) setStaleAt(v, i);
    let time = 0;
    let batches = 0;
    for (; head.canTake(n, 0, 3 * 1024); batches++) {
      // Start timestamps that change with every row make for the largest blocks.
      const refs = Uint32Array.from(v, (_, i) => (i * 7 + batches) % 3072);
      const t = Float64Array.from(v, () => (time += 1 + (time % 5)));
      const startT = Float64Array.from(t, (x) => x + 1);
      expect(head.appendFloats(refs, t, v, startT, 0, n).taken).toBe(n);
    }
    expect(batches).toBeGreaterThan(50);
    const refs = new Uint32Array(100_000);
    const t = Float64Array.from(refs, (_, i) => time + i);
    const done = head.appendFloats(refs, t, Float64Array.from(t), undefined, 0, refs.length);
    expect(done.taken).toBeLessThan(refs.length);
    expect(done.stored + done.duplicates).toBe(done.taken);
    expect(head.freeBytes()).toBeLessThan(MAX_BYTES_PER_ROW);
    expect(head.appendHistogram(0, 1, 0, Uint8Array.of(1), false)).toBe('full');
  });

  test('rows that cannot be compressed take no more than promised', () => {
    const head = new HeadMemory({ maxBytes: 1 << 21 });
    const n = 16_000;
    const v = new Float64Array(n);
    const halves = new Uint32Array(v.buffer);
    let state = 1;
    for (let i = 0; i < halves.length; i++) {
      state = Math.imul(state ^ (state >>> 15), 0x85eb_ca6b) + 0x9e37_79b9;
      halves[i] = state ^ (state >>> 13);
    }
    let time = 0;
    const t = Float64Array.from(v, (_, i) => {
      time += i % 16 === 8 ? 4_290_000_000 : 1 + (halves[i]! % 100);
      return time;
    });
    floats(head, 0, [[-1, 0]]);
    const before = head.usedBytes();
    expect(head.appendFloats(new Uint32Array(n), t, v, undefined, 0, n).stored).toBe(n);
    expect(head.usedBytes() - before).toBeLessThanOrEqual((n / 16 + 1) * MAX_BLOCK_BYTES);
    const columns = readColumns(new HeadReader(head.memory), 0, 0, Infinity)!;
    expect(columns.t.subarray(0, n)).toEqual(t);
    expect(Buffer.compare(Buffer.from(columns.v.buffer, 0, n * 8), Buffer.from(v.buffer))).toBe(0);
  });

  test('counts pages that may be touched only as far as refs were given out', () => {
    const head = new HeadMemory({ maxBytes: 1 << 20 });
    expect(head.canTake(100, 0)).toBe(false);
    expect(head.canTake(100, 0, 1000)).toBe(true);
    floats(head, 0, [[1, 1]]);
    expect(head.canTake(Math.floor(head.freeBytes() / MAX_BYTES_PER_ROW), 0, 1024)).toBe(true);
    expect(head.canTake(1, head.freeBytes() - MAX_BYTES_PER_ROW, 1024)).toBe(true);
    expect(head.canTake(1, head.freeBytes() - MAX_BYTES_PER_ROW, 1025)).toBe(false);
    expect(MAX_BYTES_PER_PAGE).toBeGreaterThan(65_536);
  });

  test('1 M series of 20 samples need about 300 MB (measured on 64 K series)', () => {
    const series = 65_536;
    const head = new HeadMemory({ maxBytes: 1 << 26 });
    const refs = Uint32Array.from({ length: series }, (_, i) => i);
    const t = new Float64Array(series);
    const v = new Float64Array(series);
    let seed = 1;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    for (let scrape = 0; scrape < 20; scrape++) {
      for (let i = 0; i < series; i++) {
        t[i] = 1_700_000_000_000 + (i % 15_000) + scrape * 15_000;
        // Half counters with uneven steps, a quarter gauges with two decimals, a quarter constant.
        if (i % 2 === 0) v[i] = v[i]! + Math.floor(random() * 50);
        else if (i % 4 === 1) v[i] = Math.round(random() * 10_000) / 100;
      }
      expect(head.appendFloats(refs, t, v, undefined, 0, series).stored).toBe(series);
    }
    expect(head.sampleCount()).toBe(series * 20);
    const bytesPerSeries = (head.usedBytes() - ARENA) / series;
    expect(bytesPerSeries).toBeLessThan(310);
    expect(bytesPerSeries).toBeGreaterThan(250);
  });
});

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (let i = 0; i < items.length; i++) {
    const rest = [...items.slice(0, i), ...items.slice(i + 1)];
    for (const tail of permutations(rest)) yield [items[i]!, ...tail];
  }
}
