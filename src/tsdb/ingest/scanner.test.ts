import { expect, test } from 'vitest';
import { reserveMemory } from '../../codec/kernel.ts';
import type { AppError } from '../../runtime/error.ts';
import { seriesLabels } from './scan-twin.ts';
import { RemoteWriteScanner, SLOW_METADATA, SLOW_TIME_SERIES } from './scanner.ts';
import { placeRegions, scannerMemoryBytes } from './scanner-layout.ts';
import {
  bitsOf,
  bytesOf,
  fixed64,
  label,
  labels,
  message,
  metadata,
  plainScan,
  ScannerTwin,
  sample,
  scanOutcome,
  series,
  snappy,
  tag,
  testScanner,
  varint,
} from './scanner-testing.ts';

const UP = labels({ __name__: 'up', job: 'a' });
const DOWN = labels({ __name__: 'down' });
const UP_REF = 7;
const DB = 1;
const ONE = bitsOf(1);

/** A scanner that knows UP, and checks everything it says against the twin. */
function knowing(): (body: Uint8Array) => ReturnType<ScannerTwin['scan']> {
  const scanner = testScanner();
  const twin = new ScannerTwin();
  scanner.scan(DB, snappy(series(UP, sample(1, ONE))));
  scanner.learn(DB, 0, UP_REF);
  twin.aliases.learn(DB, UP, UP_REF);
  return (body) => {
    const scan = plainScan(scanner.scan(DB, snappy(body)));
    expect(scan).toEqual(twin.scan(DB, body));
    return scan;
  };
}

function row(t: number, v: bigint = ONE): { ref: number; t: number; v: bigint } {
  return { ref: UP_REF, t, v };
}

const STALE = 0x7ff0000000000002n;
const OTHER_NAN = 0xfff8dead0000beefn;

// Series with the known labels that are simple: their rows.
const SIMPLE: Readonly<Record<string, readonly [body: Uint8Array, rows: readonly unknown[]]>> = {
  'one sample': [series(UP, sample(1000, ONE)), [row(1000)]],
  'several samples in any order': [
    series(UP, sample(3, ONE), sample(1, ONE), sample(2, ONE)),
    [row(3), row(1), row(2)],
  ],
  'a stale marker and another NaN': [
    series(UP, sample(1, STALE), sample(2, OTHER_NAN)),
    [row(1, STALE), row(2, OTHER_NAN)],
  ],
  'a sample of nothing': [series(UP, message(2)), [row(0, 0n)]],
  'only a value': [series(UP, message(2, fixed64(1, ONE))), [row(0)]],
  'fields of a sample in the other order': [
    series(UP, message(2, bytesOf(tag(2, 0), varint(5)), fixed64(1, ONE))),
    [row(5)],
  ],
  'the last of repeated fields': [
    series(UP, message(2, fixed64(1, 3n), sampleFields(4), fixed64(1, ONE), sampleFields(5))),
    [row(5)],
  ],
  'negative time': [series(UP, sample(-62_135_596_800_000, ONE)), [row(-62_135_596_800_000)]],
  'the latest and the earliest time': [
    series(UP, sample(8.64e15, ONE), sample(-8.64e15, ONE)),
    [row(8.64e15), row(-8.64e15)],
  ],
  'a padded timestamp': [series(UP, message(2, bytesOf(tag(2, 0), varint(5, 3)))), [row(5, 0n)]],
  'a padded tag and length of the series': [
    bytesOf(varint(10, 2), varint(UP.length + 2, 1), UP, message(2)),
    [row(0, 0n)],
  ],
  'unknown fields of the request around it': [
    bytesOf(message(2), tag(77, 0), varint(1), series(UP, message(2)), tag(5, 5), [1, 2, 3, 4]),
    [row(0, 0n)],
  ],
};

/** Timestamp field of a sample. */
function sampleFields(t: number): Uint8Array {
  return bytesOf(tag(2, 0), varint(t));
}

for (const [name, [body, rows]] of Object.entries(SIMPLE)) {
  test(`rows of ${name}`, () => {
    expect(knowing()(body)).toEqual({ rows, slow: [] });
  });
}

// Series that are left to the protocol decoder.
const S = sample(1, ONE);
const SLOW: Readonly<Record<string, Uint8Array>> = {
  'no labels at all': series(S),
  'nothing at all': series(),
  'unknown labels': series(DOWN, S),
  'no samples': series(UP),
  'one label less': series(label('__name__', 'up'), S),
  'one label more': series(UP, label('x', 'y'), S),
  'labels in another order': series(label('job', 'a'), label('__name__', 'up'), S),
  'labels behind the sample': series(S, UP),
  'a label behind the sample': series(UP, S, label('x', 'y')),
  'an exemplar': series(UP, S, message(3, fixed64(2, ONE))),
  'an exemplar before the samples': series(UP, message(3), S),
  'a histogram': series(UP, message(4, bytesOf(tag(15, 0), varint(1)))),
  'samples and a histogram': series(UP, S, S, message(4)),
  'an unknown field': series(UP, S, bytesOf(tag(9, 0), varint(1))),
  'an unknown field in a sample': series(UP, message(2, fixed64(1, ONE), fixed64(3, ONE))),
  'a start timestamp, which 1.0 has not': series(UP, message(2, bytesOf(tag(3, 0), varint(1)))),
  'a label of another wire type': series(UP, fixed64(1, ONE), S),
  'a sample of another wire type': series(UP, fixed64(2, ONE)),
  'a value of another wire type': series(UP, message(2, bytesOf(tag(1, 0), varint(1)))),
  'a timestamp of another wire type': series(UP, message(2, fixed64(2, ONE))),
  'a padded tag of a label': series(UP, bytesOf(varint(10, 1), [0]), S),
  'a padded tag of a sample': series(UP, bytesOf(varint(18, 1), [0])),
  'a time past the latest': series(UP, S, sample(8.64e15 + 1, ONE)),
  'a time before the earliest': series(UP, S, sample(-8.64e15 - 1, ONE)),
  'the largest int64': series(UP, S, sample(2n ** 63n - 1n, ONE)),
  'the smallest int64': series(UP, S, sample(-(2n ** 63n), ONE)),
};

for (const [name, body] of Object.entries(SLOW)) {
  test(`left alone: ${name}`, () => {
    const scan = knowing();
    const known = series(UP, sample(5, ONE));
    const payload = body.subarray(2);
    expect(body.length).toBeLessThan(130);
    expect(scan(bytesOf(known, body, known))).toEqual({
      rows: [row(5), row(5)],
      slow: [{ field: 1, offset: known.length + 2, length: payload.length, row: 1 }],
    });
  });
}

test('rows and slow items keep the order of the request; bounds are those of the rows', () => {
  const scanner = testScanner();
  const list = [
    metadata('up'),
    series(UP, sample(50, ONE), sample(20, ONE)),
    series(DOWN, sample(1, ONE)),
    series(UP, sample(40, ONE)),
    metadata('down'),
  ];
  scanner.scan(DB, snappy(list[1]!));
  scanner.learn(DB, 0, UP_REF);
  const body = bytesOf(...list);
  const scan = scanner.scan(DB, snappy(body));
  expect(Array.from(scan.t)).toEqual([50, 20, 40]);
  expect([scan.minT, scan.maxT]).toEqual([20, 50]);
  expect(Array.from(scan.slowRow)).toEqual([0, 2, 3]);
  expect(Array.from(scan.slowField)).toEqual([SLOW_METADATA, SLOW_TIME_SERIES, SLOW_METADATA]);
  expect(Array.from(scan.decoded)).toEqual(Array.from(body));
  const { slowOffset, slowLength } = scan;
  const down = body.subarray(slowOffset[1], slowOffset[1]! + slowLength[1]!);
  expect(message(1, down)).toEqual(list[2]);
});

test('series and samples of the usual form, at its edges, and of others come to the same', () => {
  const scan = knowing();
  const expectRows = (rows: readonly unknown[], ...fields: readonly Uint8Array[]): void => {
    expect(scan(series(UP, ...fields))).toEqual({ rows, slow: [] });
  };
  // Times take 5, 6 or 7 bytes.
  const times = [2 ** 35 - 1, 2 ** 35, 1.7e12, 2 ** 42 - 1, 2 ** 42];
  for (const t of times) {
    for (const u of times) expectRows([row(t), row(u, STALE)], sample(t, ONE), sample(u, STALE));
  }
  // As long as the usual form, but other fields.
  const value = fixed64(1, ONE);
  expectRows([row(5)], message(2, value, sampleFields(2 ** 27), sampleFields(5)));
  expectRows([row(1.7e12)], message(2, sampleFields(1.7e12), value));
  const unknown = message(2, value, bytesOf(tag(3, 0), varint(1.7e12)));
  expect(scan(series(UP, unknown))).toMatchObject({ rows: [], slow: [{ field: 1 }] });
  // The length of a series takes 1, 2 or 3 bytes.
  const lengths = new Set<number>();
  for (const usual of [...Array(8).keys(), ...Array.from({ length: 5 }, (_, i) => 905 + i)]) {
    // Two samples whose times take up to 5 bytes.
    for (let bits = 2; bits <= 70; bits++) {
      const samples = Array.from({ length: usual }, (_, i) => 1.7e12 + i);
      samples.push(2 ** Math.min(bits, 35) - 1, 2 ** Math.max(bits - 35, 1) - 1);
      const body = bytesOf(...samples.map((t) => sample(t, ONE)));
      lengths.add(UP.length + body.length);
      expectRows(
        samples.map((t) => row(t)),
        body,
      );
    }
  }
  for (const length of [127, 128, 16_383, 16_384]) expect(lengths).toContain(length);
});

test('an empty request, with and without a snappy block', () => {
  for (const body of [snappy(new Uint8Array()), new Uint8Array()]) {
    const scan = testScanner().scan(DB, body);
    expect([scan.rows, scan.slow, scan.decoded.length]).toEqual([0, 0, 0]);
    expect([scan.minT, scan.maxT]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  }
});

test('equal labels of two databases never mix, whatever the prediction', () => {
  const scanner = testScanner();
  const body = snappy(bytesOf(series(UP, S), series(DOWN, S)));
  for (const dbId of [1, 2, 3]) {
    scanner.scan(dbId, body);
    if (dbId === 3) continue;
    scanner.learn(dbId, 0, dbId * 10);
    scanner.learn(dbId, 1, dbId * 10 + 1);
  }
  for (const dbId of [1, 2, 1, 1, 2, 2, 3, 1]) {
    const want = dbId === 3 ? [] : [dbId * 10, dbId * 10 + 1];
    expect(Array.from(scanner.scan(dbId, body).refs)).toEqual(want);
  }
});

test('learns the labels of a series with histograms or exemplars, too', () => {
  const scanner = testScanner();
  scanner.scan(DB, snappy(series(UP, message(4), message(3))));
  scanner.learn(DB, 0, UP_REF);
  expect(Array.from(scanner.scan(DB, snappy(series(UP, S))).refs)).toEqual([UP_REF]);
});

test('does not learn labels that are not in one run in front, nor metadata', () => {
  const scanner = testScanner();
  const list = [
    series(S, UP),
    series(UP, S, label('x', 'y')),
    series(UP, bytesOf(varint(10, 1), [0]), S),
    series(S),
    metadata('up'),
  ];
  scanner.scan(DB, snappy(bytesOf(...list)));
  for (let i = 0; i < list.length; i++) scanner.learn(DB, i, UP_REF);
  expect(scanner.stats().entries).toBe(1);
  for (const field of list.slice(0, 4)) expect(seriesLabels(field.subarray(2))).toBeUndefined();
  expect(() => scanner.learn(DB, list.length, UP_REF)).toThrow(RangeError);
});

test('nothing can be learned after a failed scan', () => {
  const scanner = testScanner();
  scanner.scan(DB, snappy(series(UP, S)));
  expect(() => scanner.scan(DB, Uint8Array.of(0x80))).toThrow();
  expect(() => scanner.learn(DB, 0, UP_REF)).toThrow(RangeError);
});

const TEN_AND_TWO = bytesOf(new Uint8Array(9).fill(0xff), [2]);

// Malformed bodies: where the field at fault starts. K is the known series in front.
const K = series(UP, S);
const MALFORMED: Readonly<Record<string, readonly [body: Uint8Array, offset: number]>> = {
  'a tag that is cut off': [Uint8Array.of(0x8a), 0],
  'a tag without anything': [Uint8Array.of(0x0a), 0],
  'field number 0': [Uint8Array.of(0x02, 0x00), 0],
  'a tag of 33 bits': [bytesOf(varint(2n ** 32n + 10n), [0]), 0],
  'a varint of 65 bits': [bytesOf(tag(5, 0), TEN_AND_TWO), 0],
  'a varint of eleven bytes': [bytesOf(tag(5, 0), new Uint8Array(10).fill(0x80), [0]), 0],
  'a length that lies by one': [Uint8Array.of(0x0a, 3, 0x0a, 0x00), 0],
  'a long series without its last byte': [
    series(UP, ...Array.from({ length: 9 }, () => S)).subarray(0, -1),
    0,
  ],
  'a long series without the last byte of its length': [Uint8Array.of(0x0a, 0x80), 0],
  'a length of 2^32 - 1': [bytesOf([0x0a], varint(2 ** 32 - 1)), 0],
  'a length of 2^64 - 1': [bytesOf([0x0a], varint(-1)), 0],
  'a group': [Uint8Array.of(0x0b, 0x0c), 0],
  'an end of a group': [Uint8Array.of(0x2c), 0],
  'wire type 6': [Uint8Array.of(0x2e, 0), 0],
  'series of another wire type': [bytesOf(tag(1, 0), [1]), 0],
  'metadata of another wire type': [bytesOf(tag(3, 1), new Uint8Array(8)), 0],
  'a fixed64 that is cut off': [bytesOf(tag(5, 1), new Uint8Array(7)), 0],
  'a fixed32 that is cut off': [bytesOf(tag(5, 5), new Uint8Array(3)), 0],
  'a label that passes its series': [series(Uint8Array.of(0x0a, 1)), 2],
  'a field of a series that is cut off': [series(UP, Uint8Array.of(0x12)), 2 + UP.length],
  'a group in a series': [series(UP, Uint8Array.of(0x4b, 0x4c)), 2 + UP.length],
  'field number 0 in a series': [series(UP, Uint8Array.of(0, 0)), 2 + UP.length],
  'a sample that passes its series': [series(UP, Uint8Array.of(0x12, 1)), 2 + UP.length],
  'a value that passes its sample': [
    series(UP, message(2, bytesOf(tag(1, 1), new Uint8Array(7))), S),
    4 + UP.length,
  ],
  'a timestamp that passes its sample': [
    series(UP, message(2, fixed64(1, ONE), Uint8Array.of(0x10, 0x80)), S),
    4 + UP.length + 9,
  ],
  'a timestamp of 65 bits': [series(UP, message(2, bytesOf([0x10], TEN_AND_TWO))), 4 + UP.length],
  'a group in a sample': [series(UP, message(2, Uint8Array.of(0x1b, 0x1c))), 4 + UP.length],
};

for (const [name, [body, offset]] of Object.entries(MALFORMED)) {
  test(`refuses ${name}, whether the labels are known or not`, () => {
    const known = testScanner();
    known.scan(DB, snappy(K));
    known.learn(DB, 0, UP_REF);
    for (const [scanner, prefix] of [
      [testScanner(), 0],
      [known, K.length],
    ] as const) {
      const whole = bytesOf(K.subarray(0, prefix), body);
      expect(() => scanner.scan(DB, snappy(whole))).toThrowError(
        expect.objectContaining({ kind: 'bad_data', code: 'TSDB_WRITE_PROTOBUF' }),
      );
      expect(scanOutcome(scanner, DB, whole)).toContain(`decoded offset ${prefix + offset} `);
    }
  });
}

function errorOf(run: () => unknown): Pick<AppError, 'kind' | 'code'> {
  try {
    run();
  } catch (error) {
    const { kind, code } = error as AppError;
    return { kind, code };
  }
  throw new Error('no error');
}

test('limits of size, judged before anything is decoded', () => {
  const limits = { maxCompressedBytes: 100, maxDecodedBytes: 200 };
  const scanner = new RemoteWriteScanner(limits, {
    alias: { maxEntries: 10, maxKeyBytes: 1000 },
  });
  const unknownField = (size: number): Uint8Array => message(2, new Uint8Array(size - 2));
  expect(scanner.scan(DB, snappy(unknownField(90))).decoded.length).toBe(90);
  expect(errorOf(() => scanner.scan(DB, new Uint8Array(101)))).toEqual({
    kind: 'limit',
    code: 'WRITE_COMPRESSED_TOO_LARGE',
  });
  for (const declared of [201, 2 ** 31, 2 ** 32 - 1]) {
    expect(errorOf(() => scanner.scan(DB, varint(declared)))).toEqual({
      kind: 'bad_data',
      code: 'WRITE_DECODED_TOO_LARGE',
    });
  }
});

test('what is not a snappy block', () => {
  const scanner = testScanner();
  const framed = bytesOf([0xff, 0x06, 0x00, 0x00], Buffer.from('sNaPpY'));
  for (const body of [Uint8Array.of(0x80), varint(2 ** 32), varint(5), framed]) {
    expect(errorOf(() => scanner.scan(DB, body))).toEqual({
      kind: 'bad_data',
      code: 'TSDB_WRITE_SNAPPY',
    });
  }
});

test('a body of the smallest samples fits; so does one of the smallest series', () => {
  const scanner = testScanner();
  scanner.scan(DB, snappy(K));
  scanner.learn(DB, 0, UP_REF);
  const count = 500_000;
  const samples = Buffer.alloc(count * 2, Uint8Array.of(0x12, 0));
  expect(scanner.scan(DB, snappy(series(UP, samples))).rows).toBe(count);
  expect(scanner.scan(DB, snappy(Buffer.alloc(count * 2, Uint8Array.of(0x0a, 0)))).slow).toBe(
    count,
  );
});

test('in a memory too small for the worst case, the worst case is refused and the rest works', () => {
  const limits = { maxCompressedBytes: 1 << 20, maxDecodedBytes: 2 << 20 };
  const alias = { maxEntries: 1 << 20, maxKeyBytes: 16 << 20 };
  const memory = reserveMemory(5 << 20);
  const at = placeRegions(memory.buffer.byteLength, limits, alias);
  expect(scannerMemoryBytes(limits, alias)).toBeGreaterThan(5 << 20);
  expect(at.maxRows).toBeGreaterThan(15_000);
  expect(at.maxEntries).toBeGreaterThan(10_000);
  const scanner = new RemoteWriteScanner(limits, { alias, memory });
  scanner.scan(DB, snappy(K));
  scanner.learn(DB, 0, UP_REF);
  const samplesOf = (count: number): Uint8Array => Buffer.alloc(count * 2, Uint8Array.of(0x12, 0));
  const write = (count: number): number =>
    scanner.scan(DB, snappy(series(UP, samplesOf(count)))).rows;
  expect(write(at.maxRows)).toBe(at.maxRows);
  const full = { kind: 'limit', code: 'TSDB_WRITE_TOO_MANY_ROWS' };
  expect(errorOf(() => write(at.maxRows + 1))).toEqual(full);
  const slow = Buffer.alloc((at.maxSlow + 1) * 2, Uint8Array.of(0x0a, 0));
  expect(errorOf(() => scanner.scan(DB, snappy(slow)))).toEqual(full);
  expect(write(1)).toBe(1);

  expect(errorOf(() => placeRegions(3 << 20, limits, alias)).code).toBe('TSDB_SCANNER_MEMORY');
});

test('regions never overlap and stay inside the memory, however large or small it is', () => {
  const limits = { maxCompressedBytes: 32 << 20, maxDecodedBytes: 64 << 20 };
  const alias = { maxEntries: 8 << 20, maxKeyBytes: 512 << 20 };
  const wanted = scannerMemoryBytes(limits, alias);
  expect(wanted).toBeLessThan(2 ** 32);
  expect(placeRegions(wanted, limits, alias)).toMatchObject(alias);
  for (let bytes = 2 ** 32 - 65_536; bytes > 100 << 20; bytes = Math.floor(bytes * 0.7)) {
    const at = placeRegions(bytes, limits, alias);
    const starts = [
      ...[at.state, at.input, at.decoded, at.refs, at.times, at.values],
      ...[at.slowOffsets, at.slowLengths, at.slowRows, at.slowFields, at.startTimes],
      ...[at.symbolOffsets, at.symbolLengths, at.symbolEntries, at.metadataMetrics],
      ...[at.metadataTypes, at.metadataHelps, at.metadataUnits, at.metadataSlow, at.key],
      ...[at.slots, at.entries, at.keys, bytes],
    ];
    at.gaps.forEach((gap, i) => {
      expect(gap).toBeGreaterThan(starts[i]!);
      expect(gap).toBeLessThan(starts[i + 1]!);
    });
    expect(at.maxSlots).toBeGreaterThanOrEqual(2 * at.maxEntries);
  }
});
