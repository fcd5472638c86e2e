import { expect, test } from 'vitest';
import { instantiateKernel, KERNEL_RESERVED_BYTES, reserveMemory } from '../../codec/kernel.ts';
import { xxh64Twin } from './alias-table-twin.ts';
import type { RemoteWriteScanner } from './scanner.ts';
import { bytesOf, labels, sample, series, snappy, testScanner } from './scanner-testing.ts';

// The last two are of the reference implementation's own self-test: empty input with and without seed.
const PUBLISHED: readonly (readonly [text: string, seed: bigint, hash: bigint])[] = [
  ['a', 0n, 0xd24ec4f1a98c6e5bn],
  ['abc', 0n, 0x44bc2cf5ad770999n],
  ['Nobody inspects the spammish repetition', 0n, 0xfbcea83c8a378bf1n],
  ['', 0n, 0xef46db3751d8e999n],
  ['', 2654435761n, 0xac75fda2929b17efn],
];

test('the hash is XXH64, in the kernel as in the twin', () => {
  const memory = reserveMemory(2 * 65_536);
  const kernel = instantiateKernel(memory);
  const bytes = new Uint8Array(memory.buffer);
  const hash = (input: Uint8Array, seed: bigint): bigint => {
    bytes.set(input, KERNEL_RESERVED_BYTES + 1);
    return BigInt.asUintN(64, kernel.xxh64(KERNEL_RESERVED_BYTES + 1, input.length, seed));
  };
  for (const [text, seed, want] of PUBLISHED) {
    expect(xxh64Twin(Buffer.from(text), seed)).toBe(want);
    expect(hash(Buffer.from(text), seed)).toBe(want);
  }
  for (let length = 0; length < 150; length++) {
    const input = Uint8Array.from({ length }, (_, i) => (i * 167 + length * 13) & 0xff);
    const seed = BigInt(length * 0x1234567);
    expect(hash(input, seed)).toBe(xxh64Twin(input, seed));
  }
});

const ONES = 0xffff_ffff_ffff_ffffn;

/** Label bytes of a made-up series, some short and some long. */
function labelsOf(i: number): Uint8Array {
  return labels({ __name__: `m${i}`, pad: 'x'.repeat(i % 40) });
}

function seriesOf(i: number): Uint8Array {
  return series(labelsOf(i), sample(i + 1, 1n));
}

/** Scans and learns `ref` for each of the series. */
function teach(
  scanner: RemoteWriteScanner,
  dbId: number,
  from: number,
  to: number,
  refOf: (i: number) => number,
): void {
  for (let i = from; i < to; i++) {
    const scan = scanner.scan(dbId, snappy(seriesOf(i)));
    expect([i, scan.slow]).toEqual([i, 1]);
    scanner.learn(dbId, 0, refOf(i));
  }
}

function refsOf(scanner: RemoteWriteScanner, dbId: number, from: number, to: number): number[] {
  const list = Array.from({ length: to - from }, (_, i) => seriesOf(from + i));
  return Array.from(scanner.scan(dbId, snappy(bytesOf(...list))).refs);
}

for (const [name, hashMask, count] of [
  ['true hashes', ONES, 5000],
  ['hashes of three bits', 7n, 1500],
  ['one hash for all', 0n, 1500],
] as const) {
  test(`keeps what it learned while it grows: ${name}`, () => {
    const scanner = testScanner({ hashMask });
    teach(scanner, 1, 0, count, (i) => i * 3);
    const refs = refsOf(scanner, 1, 0, count);
    expect(refs).toEqual(Array.from({ length: count }, (_, i) => i * 3));
    expect(scanner.stats().entries).toBe(count + 1);
    // The same labels of another database are another series.
    expect(refsOf(scanner, 2, 0, count)).toEqual([]);
  });
}

test('learning known labels again changes their ref', () => {
  const scanner = testScanner();
  const twice = snappy(bytesOf(seriesOf(1), seriesOf(1)));
  scanner.scan(1, twice);
  scanner.learn(1, 0, 10);
  scanner.learn(1, 1, 11);
  expect(Array.from(scanner.scan(1, twice).refs)).toEqual([11, 11]);
  expect(scanner.stats().entries).toBe(2);
});

test('refs and database ids use all 32 bits', () => {
  const scanner = testScanner();
  scanner.scan(0xffff_ffff, snappy(seriesOf(1)));
  scanner.learn(0xffff_ffff, 0, 0xffff_fffe);
  expect(refsOf(scanner, 0xffff_ffff, 1, 2)).toEqual([0xffff_fffe]);
  expect(refsOf(scanner, 0, 1, 2)).toEqual([]);
});

test('past the limit of entries it starts over', () => {
  const scanner = testScanner({ alias: { maxEntries: 11, maxKeyBytes: 100_000 } });
  teach(scanner, 1, 0, 10, (i) => i);
  expect(scanner.stats().entries).toBe(11);
  // A database without a root is served all the same.
  teach(scanner, 2, 100, 101, (i) => i);
  expect(scanner.stats().entries).toBe(1);
  expect(refsOf(scanner, 1, 0, 10)).toEqual([]);
  expect(refsOf(scanner, 2, 100, 101)).toEqual([100]);
});

test('past the limit of key bytes it starts over; a key larger than that is never kept', () => {
  const maxKeyBytes = labelsOf(0).length + labelsOf(1).length;
  const scanner = testScanner({ alias: { maxEntries: 1000, maxKeyBytes } });
  teach(scanner, 1, 0, 2, (i) => i);
  expect(scanner.stats().keyBytes).toBe(maxKeyBytes);
  expect(refsOf(scanner, 1, 0, 2)).toEqual([0, 1]);
  teach(scanner, 1, 2, 3, (i) => i);
  expect(refsOf(scanner, 1, 0, 3)).toEqual([2]);
  teach(scanner, 1, 39, 40, (i) => i);
  expect(scanner.stats().keyBytes).toBe(0);
  expect(refsOf(scanner, 1, 39, 40)).toEqual([]);
});

test('clear forgets everything, also predictions', () => {
  const scanner = testScanner();
  teach(scanner, 1, 0, 2000, (i) => i);
  expect(refsOf(scanner, 1, 0, 2000)).toHaveLength(2000);
  scanner.clear();
  expect(scanner.stats()).toMatchObject({ entries: 0, keyBytes: 0 });
  expect(refsOf(scanner, 1, 0, 2000)).toEqual([]);
  teach(scanner, 1, 0, 5, (i) => i + 7);
  expect(refsOf(scanner, 1, 0, 5)).toEqual([7, 8, 9, 10, 11]);
});

test('predicts the order of the last request, and follows when it changes', () => {
  const scanner = testScanner();
  teach(scanner, 1, 0, 100, (i) => i);
  const hits = (list: readonly number[]): number => {
    const before = scanner.stats().predictHits;
    const scan = scanner.scan(1, snappy(bytesOf(...list.map(seriesOf))));
    expect(Array.from(scan.refs)).toEqual(list);
    return scanner.stats().predictHits - before;
  };
  const order = Array.from({ length: 100 }, (_, i) => i);
  hits(order);
  expect(hits(order)).toBe(100);
  expect(hits(order.toReversed())).toBe(0);
  expect(hits(order.toReversed())).toBe(100);
  // The first of a request is predicted too, by the root of the database.
  expect(hits([99])).toBe(1);
});
