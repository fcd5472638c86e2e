import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TwinScan } from './scan-twin.ts';
import { seriesLabels } from './scan-twin.ts';
import { guardedMemory, mutate, mutation } from './scanner.arbitrary.ts';
import { RemoteWriteScanner } from './scanner.ts';
import { invalidProtobuf } from './scanner-errors.ts';
import {
  bytesOf,
  fixed64,
  label,
  message,
  metadata,
  ScannerTwin,
  sample,
  scanOutcome,
  series,
  snappy,
  tag,
  testScanner,
  varint,
} from './scanner-testing.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 10_000);
const seed = Number(process.env.FUZZ_SEED ?? 1);
/** In ms; a run takes about 0.1 ms. */
const timeout = 30_000 + runs;

// Label sets that share beginnings, differ in one byte, in order only, or by a whole label; lengths
// around the 16 bytes that are compared at once.
const LABEL_SETS: readonly Uint8Array[] = [
  ...Array.from({ length: 6 }, (_, i) => label('a', 'x'.repeat(i + 7))),
  bytesOf(label('a', 'xxxxxxx'), label('b', '')),
  bytesOf(label('b', ''), label('a', 'xxxxxxx')),
  bytesOf(label('__name__', 'up'), label('job', 'prometheus'), label('pod', 'p-1')),
  bytesOf(label('__name__', 'up'), label('job', 'prometheus'), label('pod', 'p-2')),
  bytesOf(label('__name__', 'uq'), label('job', 'prometheus'), label('pod', 'p-1')),
  bytesOf(label('__name__', 'up'), label('job', 'prometheus')),
  bytesOf(label('__name__', 'long'), label('v', 'ä'.repeat(150))),
  new Uint8Array(),
];

const time = fc.oneof(
  fc.integer({ min: 1_600_000_000_000, max: 1_800_000_000_000 }).map(BigInt),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, 1n, -1n, 8640000000000000n, 8640000000000001n, -8640000000000001n),
);
const bits = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const usualSample = fc.tuple(time, bits).map(([t, v]) => sample(t, v));
const sampleField = fc.oneof(
  bits.map((v) => fixed64(1, v)),
  fc.tuple(time, fc.integer({ min: 0, max: 2 })).map(([t, padding]) => {
    const bytes = varint(t);
    return bytesOf(tag(2, 0), varint(t, Math.min(padding, 10 - bytes.length)));
  }),
);
const oddSample = fc.array(sampleField, { maxLength: 4 }).map((fields) => message(2, ...fields));
const oddField = fc.constantFrom(
  message(3, fixed64(2, 1n)),
  message(4, bytesOf(tag(15, 0), varint(7))),
  message(2, bytesOf(tag(3, 0), varint(7))),
  label('z', 'late'),
  bytesOf(tag(100, 5), [1, 2, 3, 4]),
);

const labelSet = fc.constantFrom(...LABEL_SETS);
const simpleSeries = fc
  .tuple(labelSet, fc.array(fc.oneof(usualSample, oddSample), { maxLength: 4 }))
  .map(([labels, samples]) => series(labels, ...samples));
const oddSeries = fc
  .tuple(labelSet, fc.array(fc.oneof(usualSample, oddField), { maxLength: 4 }))
  .map(([labels, fields]) => series(labels, ...fields));
const requestField = fc.oneof(
  { weight: 8, arbitrary: simpleSeries },
  { weight: 2, arbitrary: oddSeries },
  { weight: 1, arbitrary: fc.constantFrom(metadata('up'), message(9), fixed64(2, 1n)) },
);
const request = fc.array(requestField, { maxLength: 12 }).map((fields) => bytesOf(...fields));

/** Scanner and twin side by side, learning the same. */
class Pair {
  readonly #scanner: RemoteWriteScanner;
  readonly #twin = new ScannerTwin();
  #nextRef = 1;

  constructor(scanner: RemoteWriteScanner) {
    this.#scanner = scanner;
    this.clear();
  }

  clear(): void {
    this.#scanner.clear();
    this.#twin.aliases.clear();
    this.#nextRef = 1;
  }

  /** Scans with both; they must agree. */
  scan(dbId: number, body: Uint8Array): TwinScan {
    const want = this.#twin.scan(dbId, body);
    const outcome = scanOutcome(this.#scanner, dbId, body);
    const wanted = 'fault' in want ? invalidProtobuf(want.fault, want.offset).message : want;
    expect(outcome).toEqual(wanted);
    return want;
  }

  /** Learns the slow series for which `chosen` says so. */
  learn(dbId: number, body: Uint8Array, scan: TwinScan, chosen: (i: number) => boolean): void {
    if ('fault' in scan) return;
    scan.slow.forEach((item, i) => {
      if (!chosen(i)) return;
      const ref = this.#nextRef++;
      const before = this.#scanner.stats().entries;
      this.#scanner.learn(dbId, i, ref);
      const payload = body.subarray(item.offset, item.offset + item.length);
      const labels = item.field === 1 ? seriesLabels(payload) : undefined;
      if (labels === undefined) return;
      const isNew = this.#twin.aliases.find(dbId, labels) === undefined;
      // The scanner forgets when its table is full.
      if (isNew && this.#scanner.stats().entries <= before) this.#twin.aliases.clear();
      this.#twin.aliases.learn(dbId, labels, ref);
    });
  }
}

const step = fc.record({
  dbId: fc.integer({ min: 1, max: 3 }),
  body: request,
  /** Bit i: learn slow item i. */
  learn: fc.integer({ min: 0, max: 0xfff }),
  clear: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
});

for (const [name, hashMask] of [
  ['true hashes', 0xffff_ffff_ffff_ffffn],
  ['hashes of one bit', 1n],
  ['one hash for all', 0n],
] as const) {
  test(`says what the twin says over many requests of several databases: ${name}`, {
    timeout,
  }, () => {
    const pair = new Pair(testScanner({ hashMask }));
    const property = fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      pair.clear();
      for (const { dbId, body, learn, clear } of steps) {
        if (clear) pair.clear();
        const scan = pair.scan(dbId, body);
        pair.learn(dbId, body, scan, (i) => ((learn >> i) & 1) === 1);
      }
    });
    fc.assert(property, { numRuns: Math.ceil(runs / 100), seed });
  });
}

/** A scanner whose regions are no larger than they must be, with canaries in all gaps. */
function guardedScanner(): { scanner: RemoteWriteScanner; checkCanaries: () => void } {
  const limits = { maxCompressedBytes: 4096, maxDecodedBytes: 4096 };
  const alias = { maxEntries: 8, maxKeyBytes: 700 };
  const { memory, checkCanaries } = guardedMemory(limits, alias);
  return { scanner: new RemoteWriteScanner(limits, { alias, memory }), checkCanaries };
}

test('fuzz: mutated bodies get the verdict of the twin and leave no region', { timeout }, () => {
  const { scanner, checkCanaries } = guardedScanner();
  const pair = new Pair(scanner);
  const bodies = fc.sample(request, { numRuns: 200, seed });
  const property = fc.property(
    fc.constantFrom(...bodies),
    fc.array(mutation, { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 0, max: 0xff }),
    (body, mutations, learn) => {
      pair.clear();
      pair.learn(1, body, pair.scan(1, body), (i) => ((learn >> i) & 1) === 1);
      const mutated = mutations.reduce(mutate, body).subarray(0, 4000);
      const scan = pair.scan(1, mutated);
      pair.learn(1, mutated, scan, () => true);
      pair.scan(1, mutated);
      checkCanaries();
    },
  );
  fc.assert(property, { numRuns: runs, seed });
});

test('fuzz: whatever the compressed bytes are, the answer is a scan or an AppError', {
  timeout,
}, () => {
  const { scanner, checkCanaries } = guardedScanner();
  const bodies = fc.sample(request, { numRuns: 100, seed }).map(snappy);
  const property = fc.property(
    fc.constantFrom(...bodies),
    fc.array(mutation, { maxLength: 6 }),
    (body, mutations) => {
      try {
        scanner.scan(1, mutations.reduce(mutate, body).subarray(0, 4096));
      } catch (error) {
        expect(error).toMatchObject({ name: 'AppError' });
      }
      checkCanaries();
    },
  );
  fc.assert(property, { numRuns: runs, seed });
});
