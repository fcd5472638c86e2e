import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUZZ } from '../../../test/support/arbitraries.ts';
import { AppError } from '../../runtime/error.ts';
import { ByteCursor } from './byte-cursor.ts';
import { wholeMs } from './columns.ts';
import { readDeltas, readDeltaTexts } from './delta.ts';
import {
  BooleanPageDecoder,
  Encoding,
  FixedPageDecoder,
  FixedType,
  type PageDecoder,
  TextPageDecoder,
} from './encodings.ts';
import { readHybrid } from './hybrid.ts';
import type { DataPage } from './page.ts';
import {
  BOOLEANS,
  deltaBinaryPacked,
  EIGHTS,
  hybrid,
  places,
  plainEights,
  plainTexts,
  TEXTS,
} from './testing-encodings.ts';

const RUNS = { numRuns: 300, seed: FUZZ.seed };

function cursorOf(bytes: Iterable<number>): ByteCursor {
  return new ByteCursor(Uint8Array.from(bytes), 'a test');
}

function pageOf(
  encoding: number,
  present: number,
  values: Iterable<number>,
  entries?: { readonly count: number; readonly values: readonly number[] },
): DataPage {
  return {
    encoding,
    rows: present,
    present,
    levels: undefined,
    values: cursorOf(values),
    dictionary: entries && {
      encoding: Encoding.plain,
      count: entries.count,
      values: cursorOf(entries.values),
    },
  };
}

/** Pairs of halves as numbers of 64 bits. */
function joined(halves: Uint32Array): bigint[] {
  return Array.from({ length: halves.length / 2 }, (_, i) =>
    BigInt.asIntN(64, (BigInt(halves[2 * i + 1]!) << 32n) | BigInt(halves[2 * i]!)),
  );
}

const plan = fc.array(fc.nat(3), { minLength: 1, maxLength: 4 });

/** Numbers that repeat now and then. */
function repeating<T>(one: Arbitrary<T>): Arbitrary<T[]> {
  return fc
    .array(fc.tuple(one, fc.oneof(fc.constant(1), fc.nat(40))), { maxLength: 20 })
    .map((runs) => runs.flatMap(([value, times]) => new Array<T>(times).fill(value)));
}

const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n, -(2n ** 32n), 2n ** 31n),
  fc.integer({ min: -1000, max: 1000 }).map(BigInt),
);

describe('what is written is read', () => {
  it('runs and packed bits of any width', () => {
    const ofWidth = fc.nat(32).chain((width) => {
      const value = fc.nat(2 ** width - 1);
      return fc.tuple(fc.constant(width), repeating(value), plan);
    });
    fc.assert(
      fc.property(ofWidth, ([width, values, runs]) => {
        const cursor = cursorOf(hybrid(values, width, runs));
        expect([...readHybrid(cursor, width, values.length)]).toEqual(values);
        expect(cursor.left).toBe(0);
      }),
      RUNS,
    );
  });

  it('a last packed run that is cut to its values', () => {
    const bytes = hybrid([1, 2, 3], 8, [1]);
    expect([...readHybrid(cursorOf(bytes.slice(0, 4)), 8, 3)]).toEqual([1, 2, 3]);
    expect(() => readHybrid(cursorOf(bytes.slice(0, 3)), 8, 3)).toThrow(/3 bytes should follow/);
  });

  it('deltas in blocks of any size, wherever they wrap around', () => {
    const sizes = fc.constantFrom([128, 4], [128, 1], [256, 2], [2048, 8], [128, 2]);
    fc.assert(
      fc.property(
        fc.oneof(repeating(int64), fc.array(int64, { maxLength: 300, size: 'max' })),
        sizes,
        (values, [block, parts]) => {
          const cursor = cursorOf(deltaBinaryPacked(values, block, parts));
          expect(joined(readDeltas(cursor, values.length))).toEqual(values);
          expect(cursor.left).toBe(0);
        },
      ),
      RUNS,
    );
  });

  it.each([...EIGHTS])('eight bytes in encoding %i', (encoding, encode) => {
    fc.assert(
      fc.property(fc.array(int64), (values) => {
        const page = pageOf(encoding, values.length, encode(values));
        expect(joined(new FixedPageDecoder(FixedType.int64).read(page))).toEqual(values);
      }),
      RUNS,
    );
  });

  it.each([...TEXTS])('texts in encoding %i', (encoding, encode) => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '\ufeffa', 'axis', 'axle', 'é', 'è'),
    );
    fc.assert(
      fc.property(repeating(text), (texts) => {
        const page = pageOf(encoding, texts.length, encode(texts));
        expect(new TextPageDecoder().read(page)).toEqual(texts);
      }),
      RUNS,
    );
  });

  it.each([...BOOLEANS])('booleans in encoding %i', (encoding, encode) => {
    fc.assert(
      fc.property(repeating(fc.nat(1)), (values) => {
        const page = pageOf(encoding, values.length, encode(values));
        expect([...new BooleanPageDecoder().read(page)]).toEqual(values);
      }),
      RUNS,
    );
  });

  it('entries of a dictionary, of several pages', () => {
    fc.assert(
      fc.property(fc.array(int64, { minLength: 1 }), fc.array(fc.nat()), plan, (all, any, runs) => {
        const chosen = any.map((one) => one % all.length);
        const values = places(chosen, runs);
        const eights = new FixedPageDecoder(FixedType.double);
        const texts = new TextPageDecoder();
        for (let i = 0; i < 2; i++) {
          const numbers = { count: all.length, values: plainEights(all) };
          const halves = eights.read(pageOf(Encoding.rleDictionary, any.length, values, numbers));
          expect(joined(halves)).toEqual(chosen.map((one) => all[one]));
          const names = { count: all.length, values: plainTexts(all.map(String)) };
          expect(texts.read(pageOf(Encoding.plainDictionary, any.length, values, names))).toEqual(
            chosen.map((one) => String(all[one])),
          );
        }
      }),
      RUNS,
    );
  });
});

it('texts that grow on one another are refused past a limit', () => {
  const texts = ['a', 'ab', 'abc', 'abc', 'abd'];
  const bytes = TEXTS.get(Encoding.deltaByteArray)!(texts);
  // One that is like the one before it costs nothing.
  expect(readDeltaTexts(cursorOf(bytes), texts.length, 9)).toEqual(texts);
  expect(() => readDeltaTexts(cursorOf(bytes), texts.length, 8)).toThrow(/more than 8 bytes/);
});

it('times are rounded down to ms, exactly', () => {
  const near = fc
    .tuple(
      fc.bigInt({ min: -9_100_000_000_000n, max: 9_100_000_000_000n }),
      fc.integer({ min: -2, max: 2 }),
    )
    .map(([ms, off]) => ms * 1_000_000n + BigInt(off));
  fc.assert(
    fc.property(fc.oneof(int64, near), fc.constantFrom(1, 1000, 1_000_000), (time, perMs) => {
      const high = Number(time >> 32n);
      const low = Number(time & 0xffff_ffffn);
      const per = BigInt(perMs);
      const floor = time / per - (time % per < 0n ? 1n : 0n);
      expect(wholeMs(high, low, perMs)).toBe(Number(floor));
    }),
    { ...RUNS, numRuns: 3000 },
  );
});

/** More than any run of the seeds has, so that lies show. */
const MAX_CLAIMED = 4096;

it('reads or refuses hostile bytes in every encoding', () => {
  interface Seed {
    readonly encoding: number;
    readonly bytes: readonly number[];
    readonly decoder: () => PageDecoder<ArrayLike<unknown>>;
    /** Items that the decoder makes of a row. */
    readonly items: number;
  }
  const eight = { decoder: () => new FixedPageDecoder(FixedType.int64), items: 2 };
  const text = { decoder: () => new TextPageDecoder(), items: 1 };
  const boolean = { decoder: () => new BooleanPageDecoder(), items: 1 };
  const times = Array.from({ length: 70 }, (_, i) => BigInt(i * i));
  const texts = times.map((one) => `{"n":"${one}"}`);
  const bits = times.map((one) => Number(one % 2n));
  const seeds: readonly Seed[] = [
    ...[...EIGHTS].map(([encoding, encode]) => ({ encoding, bytes: encode(times), ...eight })),
    ...[...TEXTS].map(([encoding, encode]) => ({ encoding, bytes: encode(texts), ...text })),
    ...[...BOOLEANS].map(([encoding, encode]) => ({ encoding, bytes: encode(bits), ...boolean })),
    { encoding: Encoding.rleDictionary, bytes: places(bits, [1, 0, 3]), ...eight },
  ];
  // Bytes that are lengths and counts of something.
  const byte = fc.oneof(fc.constantFrom(0, 1, 2, 3, 0x7f, 0x80, 0xfe, 0xff), fc.nat(255));
  const input = fc.record({
    seed: fc.constantFrom(...seeds),
    changes: fc.array(fc.tuple(fc.oneof(fc.nat(8), fc.nat()), byte), { maxLength: 4 }),
    cut: fc.oneof(fc.constant(0), fc.nat(20)),
    rows: fc.oneof(fc.constant(times.length), fc.nat(MAX_CLAIMED)),
  });
  const entries = { count: 2, values: plainEights([1n, 2n]) };
  let refused = 0;
  let read = 0;
  fc.assert(
    fc.property(input, ({ seed, changes, cut, rows }) => {
      const bytes = seed.bytes.slice(0, seed.bytes.length - cut);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      try {
        const values = seed.decoder().read(pageOf(seed.encoding, rows, bytes, entries));
        expect(values.length).toBe(rows * seed.items);
        read++;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        expect(error.code).toBe('PARQUET_INVALID');
        refused++;
      }
    }),
    FUZZ,
  );
  expect(refused).toBeGreaterThan(0);
  expect(read).toBeGreaterThan(0);
});
