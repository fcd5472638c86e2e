import { expect, test } from 'vitest';
import { reserveMemory } from '../../codec/kernel.ts';
import { ALL_TIME } from '../../model/time-range.ts';
import type { ScanLimits, ScannedWriteV2, ScannerOptions } from './scanner.ts';
import { RemoteWriteScanner } from './scanner.ts';
import { placeRegions } from './scanner-layout.ts';
import {
  bitsOf,
  bytesOf,
  fixed64,
  message,
  snappy,
  tag,
  testScanner,
  varint,
} from './scanner-testing.ts';
import { labelRefs, metadataV2, sampleV2, seriesV2, symbolTable } from './scanner-testing-v2.ts';

const DB = 1;
const ONE = bitsOf(1);
const SYMBOLS = ['', '__name__', 'up', 'job', 'a', 'help', 'seconds', 'down'];
const TABLE = symbolTable(SYMBOLS);
const UP = labelRefs(1, 2, 3, 4);
const UP_REF = 7;
const S = sampleV2(1000, ONE);

/** A scanner that knows UP. */
function knowing(options: ScannerOptions = {}, limits?: ScanLimits): RemoteWriteScanner {
  const scanner = limits ? new RemoteWriteScanner(limits, options) : testScanner(options);
  scanner.scanV2(DB, snappy(bytesOf(TABLE, seriesV2(UP, S))), ALL_TIME);
  scanner.learnV2(DB, 0, UP_REF);
  return scanner;
}

function scan(scanner: RemoteWriteScanner, ...fields: readonly Uint8Array[]): ScannedWriteV2 {
  const scanned = scanner.scanV2(DB, snappy(bytesOf(TABLE, ...fields)), ALL_TIME);
  if (scanned === undefined) throw new Error('the body was left to its decoder');
  return scanned;
}

function rowsOf({ refs, t, v, startT }: ScannedWriteV2): unknown[] {
  const bits = new BigUint64Array(v.buffer, v.byteOffset, v.length);
  return Array.from(refs, (ref, i) => [ref, t[i], bits[i], startT?.[i] ?? 0]);
}

const STALE = 0x7ff0000000000002n;

// Series with the known labels that are simple: time, bits and start of their rows.
const SIMPLE: Readonly<Record<string, readonly [Uint8Array, readonly (readonly unknown[])[]]>> = {
  'one sample': [seriesV2(UP, S), [[1000, ONE, 0]]],
  'several samples, some with a start': [
    seriesV2(UP, sampleV2(3, ONE), sampleV2(1, STALE, 900), sampleV2(2, ONE)),
    [
      [3, ONE, 0],
      [1, STALE, 900],
      [2, ONE, 0],
    ],
  ],
  'a sample of nothing': [seriesV2(UP, message(2)), [[0, 0n, 0]]],
  'the last of repeated fields': [
    seriesV2(
      UP,
      message(
        2,
        fixed64(1, 3n),
        bytesOf(tag(3, 0), varint(8)),
        fixed64(1, ONE),
        bytesOf(tag(3, 0), varint(9)),
      ),
    ),
    [[0, ONE, 9]],
  ],
  'a start out of range, which is none': [
    seriesV2(UP, sampleV2(5, ONE, 8.64e15 + 1), sampleV2(6, ONE, -(2n ** 63n))),
    [
      [5, ONE, 0],
      [6, ONE, 0],
    ],
  ],
  'the earliest time and start': [
    seriesV2(UP, sampleV2(-8.64e15, ONE, -8.64e15)),
    [[-8.64e15, ONE, -8.64e15]],
  ],
  'created_timestamp, and a field that nobody knows': [
    seriesV2(UP, S, bytesOf(tag(6, 0), varint(900)), fixed64(100, ONE)),
    [[1000, ONE, 0]],
  ],
  'metadata before a sample': [seriesV2(UP, metadataV2(1, 5, 6), S), [[1000, ONE, 0]]],
};

for (const [name, [body, rows]] of Object.entries(SIMPLE)) {
  test(`rows of ${name}`, () => {
    const scanned = scan(knowing(), body);
    expect(rowsOf(scanned)).toEqual(rows.map((row) => [UP_REF, ...row]));
    expect(scanned).toMatchObject({ slow: 0, seriesCount: 1 });
    expect(scanned.startT !== undefined).toBe(rows.some(([, , startT]) => startT !== 0));
  });
}

// Series that are left to the protocol decoder.
const SLOW: Readonly<Record<string, Uint8Array>> = {
  'no labels at all': seriesV2(S),
  'nothing at all': seriesV2(),
  'an empty list of labels': seriesV2(labelRefs(), S),
  'unknown labels': seriesV2(labelRefs(1, 7), S),
  'no samples': seriesV2(UP),
  'only metadata': seriesV2(UP, metadataV2(1, 5, 6)),
  'a label less': seriesV2(labelRefs(1, 2), S),
  'a label more': seriesV2(labelRefs(1, 2, 3, 4, 5, 6), S),
  'half a label more': seriesV2(labelRefs(1, 2, 3, 4, 5), S),
  'labels in another order': seriesV2(labelRefs(3, 4, 1, 2), S),
  'labels in two lists': seriesV2(labelRefs(1, 2), labelRefs(3, 4), S),
  'a label in a second list': seriesV2(UP, labelRefs(5, 6), S),
  'a label behind the sample': seriesV2(UP, S, labelRefs(5, 6)),
  'labels that are not packed': seriesV2(
    bytesOf(tag(1, 0), [1], tag(1, 0), [2], tag(1, 0), [3], tag(1, 0), [4]),
    S,
  ),
  'a reference past the table': seriesV2(labelRefs(1, 2, 3, 8), S),
  'a reference of 33 bits': seriesV2(labelRefs(1, 2, 3, 2 ** 32 + 4), S),
  'a reference that is cut off': seriesV2(message(1, bytesOf([1, 2, 3, 0x84])), S),
  'an exemplar': seriesV2(UP, S, message(4)),
  'a histogram': seriesV2(UP, S, message(3)),
  'two of metadata': seriesV2(UP, S, metadataV2(1, 5, 6), metadataV2(2, 5, 6)),
  'an unknown field in metadata': seriesV2(UP, S, message(5, bytesOf(tag(2, 0), [1]))),
  'metadata that is cut off': seriesV2(UP, S, message(5, bytesOf([0x08]))),
  'an unknown field in a sample': seriesV2(UP, message(2, fixed64(4, ONE))),
  'a padded tag of a sample': seriesV2(UP, bytesOf(varint(18, 1), [0])),
  'a sample of another wire type': seriesV2(UP, fixed64(2, ONE)),
  'a time out of range': seriesV2(UP, S, sampleV2(8.64e15 + 1, ONE)),
  'a length that lies': seriesV2(UP, S, bytesOf([0x12, 0x7f])),
};

for (const [name, body] of Object.entries(SLOW)) {
  test(`left alone: ${name}`, () => {
    const known = seriesV2(UP, sampleV2(5, ONE));
    const scanned = scan(knowing(), known, body, known);
    expect(rowsOf(scanned)).toEqual([
      [UP_REF, 5, ONE, 0],
      [UP_REF, 5, ONE, 0],
    ]);
    expect(scanned.seriesCount).toBe(3);
    expect([...scanned.slowRow]).toEqual([1]);
    const payload = body.subarray(2);
    const at = scanned.slowOffset[0]!;
    expect(scanned.slowLength[0]).toBe(payload.length);
    expect(Buffer.from(scanned.decoded).subarray(at, at + payload.length)).toEqual(
      Buffer.from(payload),
    );
  });
}

// Bodies that only the decoder can judge.
const UNUSUAL: Readonly<Record<string, Uint8Array>> = {
  'no snappy block': Uint8Array.of(),
  'a snappy block that is cut off': snappy(bytesOf(TABLE, seriesV2(UP, S))).subarray(0, 60),
  'symbols behind series': snappy(bytesOf(TABLE, seriesV2(UP, S), message(4))),
  'a first symbol that is not empty': snappy(
    bytesOf(symbolTable(SYMBOLS.slice(1)), seriesV2(UP, S)),
  ),
  'a symbol of another wire type': snappy(bytesOf(TABLE, fixed64(4, 1n))),
  'series of another wire type': snappy(bytesOf(TABLE, fixed64(5, 1n))),
  'a field that is cut off': snappy(bytesOf(TABLE, seriesV2(UP, S), [0x2a, 5])),
};

for (const [name, body] of Object.entries(UNUSUAL)) {
  test(`not scanned: ${name}`, () => {
    expect(knowing().scanV2(DB, body, ALL_TIME)).toBeUndefined();
  });
}

test('a table that is numbered otherwise names the same series', () => {
  const scanner = knowing();
  const table = symbolTable(['', 'a', 'b', 'job', 'up', '__name__', 'up']);
  const body = bytesOf(
    table,
    seriesV2(labelRefs(5, 6, 3, 1), S),
    seriesV2(labelRefs(5, 4, 3, 2), S),
  );
  const scanned = scanner.scanV2(DB, snappy(body), ALL_TIME)!;
  expect([...scanned.refs]).toEqual([UP_REF]);
  expect(scanned.slow).toBe(1);
});

test('another database has series of its own, under the same symbols', () => {
  const scanner = knowing();
  const body = snappy(bytesOf(TABLE, seriesV2(UP, S)));
  expect(scanner.scanV2(2, body, ALL_TIME)!.slow).toBe(1);
  scanner.learnV2(2, 0, 8);
  expect([...scanner.scanV2(2, body, ALL_TIME)!.refs]).toEqual([8]);
  expect([...scanner.scanV2(DB, body, ALL_TIME)!.refs]).toEqual([UP_REF]);
});

test('series that come where they did the last time are predicted', () => {
  const scanner = testScanner();
  const list = [labelRefs(1, 2), labelRefs(1, 2, 3, 4), labelRefs(1, 7)];
  const body = snappy(bytesOf(TABLE, ...list.map((refs) => seriesV2(refs, S))));
  expect(scanner.scanV2(DB, body, ALL_TIME)!.slow).toBe(3);
  for (const i of list.keys()) scanner.learnV2(DB, i, i);
  expect([...scanner.scanV2(DB, body, ALL_TIME)!.refs]).toEqual([0, 1, 2]);
  const { lookups, predictHits } = scanner.stats();
  expect([...scanner.scanV2(DB, body, ALL_TIME)!.refs]).toEqual([0, 1, 2]);
  // The first of a body has none before it.
  expect(scanner.stats()).toMatchObject({ lookups: lookups + 3, predictHits: predictHits + 2 });
});

test('what 1.0 has learned is nothing to 2.0, and the other way round', () => {
  const scanner = testScanner();
  // A label of 1.0 whose bytes are those of the list of references.
  const bytes = seriesV2(UP, S).subarray(2);
  scanner.scan(DB, snappy(message(1, bytes)));
  scanner.learn(DB, 0, 3);
  expect(scan(scanner, seriesV2(UP, S)).slow).toBe(1);
  scanner.learnV2(DB, 0, 4);
  expect([...scanner.scan(DB, snappy(message(1, bytes))).refs]).toEqual([3]);
  expect([...scan(scanner, seriesV2(UP, S)).refs]).toEqual([4]);
});

test.each([
  ['labels in two lists', seriesV2(labelRefs(1, 2), labelRefs(3, 4), S), [1, 2]],
  ['a list behind the sample', seriesV2(labelRefs(1, 2), S, labelRefs(3, 4)), [1, 2]],
  ['no metric name', seriesV2(labelRefs(3, 4), S), [3, 4]],
])('learns nothing from a series with %s', (_name, body, refs) => {
  const scanner = testScanner();
  expect(scan(scanner, body).slow).toBe(1);
  scanner.learnV2(DB, 0, 9);
  expect(scan(scanner, seriesV2(labelRefs(...refs), S)).slow).toBe(1);
});

test('a series of very many labels is left alone for good', () => {
  const scanner = testScanner();
  const refs = Array.from({ length: 257 }, () => [1, 2]).flat();
  const most = bytesOf(TABLE, seriesV2(labelRefs(...refs.slice(2)), S));
  const more = bytesOf(TABLE, seriesV2(labelRefs(...refs), S));
  for (const [body, slow] of [
    [most, 0],
    [more, 1],
  ] as const) {
    scanner.scanV2(DB, snappy(body), ALL_TIME);
    scanner.learnV2(DB, 0, 1);
    expect(scanner.scanV2(DB, snappy(body), ALL_TIME)!.slow).toBe(slow);
  }
});

test('a table that is full forgets everything, and learns again', () => {
  // Four symbols and a series.
  const scanner = knowing({ alias: { maxEntries: 5, maxKeyBytes: 1000 } });
  expect(scanner.stats().entries).toBe(5);
  expect(scan(scanner, seriesV2(UP, S), seriesV2(labelRefs(1, 7), S)).slow).toBe(1);
  scanner.learnV2(DB, 0, 8);
  expect(scanner.stats().entries).toBe(3);
  const scanned = scan(scanner, seriesV2(UP, S), seriesV2(labelRefs(1, 7), S));
  expect([...scanned.refs]).toEqual([8]);
  scanner.learnV2(DB, 0, 7);
  expect([...scan(scanner, seriesV2(UP, S)).refs]).toEqual([7]);
});

test('a series that the whole table has no room for is not learned', () => {
  const scanner = knowing({ alias: { maxEntries: 4, maxKeyBytes: 1000 } });
  expect(scan(scanner, seriesV2(UP, S)).slow).toBe(1);
});

test('a body with more than there is room for is not scanned, and the next one is', () => {
  const limits = { maxCompressedBytes: 1 << 20, maxDecodedBytes: 2 << 20 };
  const alias = { maxEntries: 1 << 20, maxKeyBytes: 16 << 20 };
  const memory = reserveMemory(5 << 20);
  const at = placeRegions(memory.buffer.byteLength, limits, alias);
  expect(at.maxMetadata).toBeGreaterThan(1000);
  const scanner = knowing({ alias, memory }, limits);
  const repeated = (count: number, field: Uint8Array): Uint8Array =>
    Buffer.concat(Array.from({ length: count }, () => field));
  const bodies: readonly (readonly [most: number, (count: number) => Uint8Array])[] = [
    [at.maxStartTimes, (count) => bytesOf(TABLE, seriesV2(UP, repeated(count, message(2))))],
    [at.maxSlow, (count) => bytesOf(TABLE, repeated(count, seriesV2()))],
    [at.maxSymbols, (count) => repeated(count, message(4))],
    [
      at.maxMetadata,
      (count) =>
        bytesOf(
          TABLE,
          ...Array.from({ length: count }, (_, i) =>
            seriesV2(UP, message(2), message(5, bytesOf(tag(3, 0), varint(i + 1)))),
          ),
        ),
    ],
  ];
  for (const [most, body] of bodies) {
    expect(scanner.scanV2(DB, snappy(body(most)), ALL_TIME)).toBeDefined();
    expect(scanner.scanV2(DB, snappy(body(most + 1)), ALL_TIME)).toBeUndefined();
  }
  expect(scan(scanner, seriesV2(UP, S)).rows).toBe(1);
});

test('a series with a sample out of time is left alone; bounds are in it', () => {
  const scanner = knowing();
  const body = bytesOf(
    TABLE,
    ...[[1000], [2000], [1500, 999], [1500, 2001], [1500]].map((times) =>
      seriesV2(UP, ...times.map((t) => sampleV2(t, ONE))),
    ),
  );
  const scanned = scanner.scanV2(DB, snappy(body), { minT: 1000, maxT: 2000 })!;
  expect([...scanned.t]).toEqual([1000, 2000, 1500]);
  expect([...scanned.slowRow]).toEqual([2, 2]);
  const all = { minT: Number.NEGATIVE_INFINITY, maxT: Number.POSITIVE_INFINITY };
  expect(scanner.scanV2(DB, snappy(body), all)!.slow).toBe(0);
});

test('an index that is no slow item is an error', () => {
  const scanner = knowing();
  scan(scanner, seriesV2(UP, S));
  expect(() => scanner.learnV2(DB, 0, 1)).toThrow(RangeError);
});

function metadataOf({ metadata }: ScannedWriteV2): unknown[] {
  const { count, metric, type, help, unit, slow } = metadata;
  return Array.from({ length: count }, (_, i) => [metric[i], type[i], help[i], unit[i], slow[i]]);
}

test('metadata of known series, said once', () => {
  const known = (type: number, help: number, unit: number): Uint8Array =>
    seriesV2(UP, S, metadataV2(type, help, unit));
  const scanned = scan(
    knowing(),
    known(0, 0, 0),
    known(1, 5, 6),
    known(1, 5, 6),
    known(2, 5, 6),
    known(1, 5, 6),
    seriesV2(labelRefs(1, 7), S),
    known(1, 5, 6),
    // References past the table are the decoder's matter.
    known(1, 99, 6),
  );
  expect(metadataOf(scanned)).toEqual([
    [2, 1, 5, 6, 0],
    [2, 2, 5, 6, 0],
    [2, 1, 5, 6, 0],
    [2, 1, 5, 6, 1],
    [2, 1, 99, 6, 1],
  ]);
});

test('metadata of two metrics in turn', () => {
  const scanner = testScanner();
  const first = seriesV2(labelRefs(1, 2), S, metadataV2(1, 5, 0));
  const second = seriesV2(labelRefs(1, 7), S, metadataV2(2, 5, 0));
  scan(scanner, first, second);
  scanner.learnV2(DB, 0, 0);
  scanner.learnV2(DB, 1, 1);
  for (let i = 0; i < 2; i++) {
    expect(metadataOf(scan(scanner, second, first, second, first))).toEqual([
      [7, 2, 5, 0, 0],
      [2, 1, 5, 0, 0],
    ]);
  }
});
