// Bodies of remote write 2.0 through the scanner must come to what the plain decoder makes of them: the same
// columns, the same verdicts, the same errors, whatever was learned before.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { snappyDecode } from '../../codec/snappy.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import { decodeWriteRequestV2 } from '../../protocol/remote-write/v2.ts';
import { AppError } from '../../runtime/error.ts';
import { DEFAULT_LIMITS } from '../../storage/admission.ts';
import { SeriesRegistry } from '../index/series-registry.ts';
import { FakeClock, NOW } from '../testing/engine-model.ts';
import { RecordKind } from '../wal/record.ts';
import { guardedMemory, mutate, mutation } from './scanner.arbitrary.ts';
import type { ScanLimits, ScannerOptions } from './scanner.ts';
import { bytesOf, fixed64, message, snappy, tag, varint } from './scanner-testing.ts';
import { labelRefs, metadataV2, sampleV2, seriesV2, symbolTable } from './scanner-testing-v2.ts';
import { TimeJudge } from './time-judge.ts';
import type { WriteColumns } from './write-columns.ts';
import { NO_RULES, type PreparedWrite, WritePath, type WriteRules } from './write-path.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 10_000);
const seed = Number(process.env.FUZZ_SEED ?? 1);
/** In ms; a run takes about 1 ms. */
const timeout = 60_000 + runs * 5;

const LIMITS: ScanLimits = { maxCompressedBytes: 8192, maxDecodedBytes: 8192 };
const ALIASES = { maxEntries: 1000, maxKeyBytes: 100_000 };
/** New series of a database past this many are refused. */
const QUOTA = 12;

type LabelSet = readonly (readonly [name: string, value: string | Uint8Array])[];

// Label sets that share beginnings and symbols, differ in order, in one label or in an empty one; and some that are
// refused.
const LABEL_SETS: readonly LabelSet[] = [
  [[METRIC_NAME, 'up']],
  [
    [METRIC_NAME, 'up'],
    ['job', 'a'],
  ],
  [
    [METRIC_NAME, 'up'],
    ['job', 'b'],
  ],
  [
    ['job', 'a'],
    [METRIC_NAME, 'up'],
  ],
  [
    [METRIC_NAME, 'up'],
    ['job', 'a'],
    ['pod', ''],
  ],
  [
    [METRIC_NAME, 'up'],
    ['a', 'job'],
  ],
  [
    [METRIC_NAME, 'down'],
    ['job', 'a'],
    ['pod', 'ä'.repeat(20)],
  ],
  [
    [METRIC_NAME, ''],
    [METRIC_NAME, 'up'],
  ],
  [
    [METRIC_NAME, 'http_request_duration_seconds_bucket'],
    ['le', '+Inf'],
    ['path', '/'],
  ],
  [['job', 'a']],
  [
    [METRIC_NAME, 'up'],
    ['job', 'a'],
    ['job', 'b'],
  ],
  [
    [METRIC_NAME, 'up'],
    ['job', Uint8Array.of(0xff)],
  ],
  [
    [METRIC_NAME, 'up'],
    ['', 'a'],
  ],
  [],
];
const HELPS = ['', 'a help text', 'another', 'up'];

/** Writes one series, whose symbols get their numbers by `ref`. */
type WriteSeries = (ref: (symbol: string | Uint8Array) => number) => Uint8Array;

const time = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: NOW - 1_000_000, max: NOW }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0n, NOW + 700_000, NOW - 500 * 86_400_000, 8.64e15 + 1, 2n ** 63n),
  },
);
const startTime = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: NOW - 1_000_000, max: NOW }) },
  { weight: 1, arbitrary: fc.constantFrom(-1n, 8.64e15, -8.64e15 - 1, 2n ** 63n - 1n) },
);
const bits = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 0x7ff0000000000002n, 0xfff8dead0000beefn),
);
const usualSample = fc.tuple(time, bits, startTime).map(([t, v, start]) => sampleV2(t, v, start));
const oddSample = fc
  .array(
    fc.oneof(
      bits.map((v) => fixed64(1, v)),
      fc.tuple(fc.constantFrom(2, 3, 4), time).map(([n, t]) => bytesOf(tag(n, 0), varint(t))),
      fc.constantFrom(fixed64(2, 1n), bytesOf(tag(1, 0), [1])),
    ),
    { maxLength: 4 },
  )
  .map((fields) => message(2, ...fields));

const help = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...HELPS) },
  { weight: 1, arbitrary: fc.constant(Uint8Array.of(0xfe)) },
);
// Of few kinds, so that metrics say the same, and something else in between.
const describing = fc.record({ type: fc.integer({ min: 0, max: 2 }), help, past: fc.nat(19) }).map(
  ({ type, help, past }): WriteSeries =>
    (ref) =>
      metadataV2(type === 2 ? 99 : type, ref(help), past === 0 ? 9999 : 0),
);
const histogram = fc.constant(
  message(3, bytesOf(tag(1, 0), [1]), bytesOf(tag(15, 0), varint(NOW))),
);
const exemplar: fc.Arbitrary<WriteSeries> = fc
  .constantFrom('a', 'trace_id', Uint8Array.of(0xff))
  .map(
    (name) => (ref) =>
      message(4, labelRefs(ref(name), ref('x')), fixed64(2, 0n), bytesOf(tag(3, 0), varint(NOW))),
  );
const oddField = fc.constantFrom(
  bytesOf(tag(6, 0), varint(NOW)),
  bytesOf(tag(100, 5), [1, 2, 3, 4]),
  bytesOf(varint(18, 1), [0]),
  fixed64(2, 1n),
  labelRefs(1, 2),
  labelRefs(1),
  labelRefs(9999, 1),
  message(5, bytesOf(tag(2, 0), [1])),
  message(5),
  // The last counts, but the first is read, too.
  bytesOf(message(5, bytesOf([0x08])), message(5, bytesOf([0x08, 1]))),
  bytesOf(metadataV2(1, 0, 0), metadataV2(2, 0, 0)),
);

const usualField = fc.oneof(
  { weight: 1, arbitrary: usualSample },
  { weight: 1, arbitrary: describing },
);
const anyField = fc.oneof(usualField, oddSample, histogram, exemplar, oddField);

type ListForm = 'packed' | 'loose' | 'split';

function seriesOf(
  labels: LabelSet,
  fields: readonly (Uint8Array | WriteSeries)[],
  form: ListForm,
): WriteSeries {
  return (ref) => {
    const refs = labels.flatMap(([name, value]) => [ref(name), ref(value)]);
    const written = fields.map((field) => (typeof field === 'function' ? field(ref) : field));
    if (form === 'packed') return seriesV2(labelRefs(...refs), ...written);
    if (form === 'split') {
      return seriesV2(labelRefs(...refs.slice(0, 2)), ...written, labelRefs(...refs.slice(2)));
    }
    return seriesV2(...refs.map((number) => bytesOf(tag(1, 0), varint(number))), ...written);
  };
}

const labelSet = fc.constantFrom(...LABEL_SETS);
const oneSeries = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(labelSet, usualSample, fc.array(usualField, { maxLength: 3 }))
      .map(([labels, first, fields]) => seriesOf(labels, [first, ...fields], 'packed')),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        labelSet,
        fc.array(anyField, { maxLength: 4 }),
        fc.constantFrom<ListForm>('packed', 'packed', 'packed', 'loose', 'split'),
      )
      .map(([labels, fields, form]) => seriesOf(labels, fields, form)),
  },
);

const request = fc
  .record({
    series: fc.array(oneSeries, { maxLength: 10 }),
    /** Symbols that come first, so that numbers differ from body to body. */
    before: fc.shuffledSubarray(['job', 'a', 'up', METRIC_NAME, 'never used', 'up']),
    form: fc.integer({ min: 0, max: 29 }),
  })
  .map(({ series, before, form }) => {
    const symbols: (string | Uint8Array)[] = ['', ...before];
    const ref = (symbol: string | Uint8Array): number => {
      const known = symbols.lastIndexOf(symbol);
      return known >= 0 ? known : symbols.push(symbol) - 1;
    };
    const written = series.map((write) => write(ref));
    if (form === 0) return bytesOf(...written, symbolTable(symbols));
    if (form === 1) symbols[0] = 'x';
    if (form === 2) return bytesOf(symbolTable(symbols), message(9), ...written, fixed64(2, 1n));
    return bytesOf(symbolTable(symbols), ...written);
  });

/** A write path with a registry and quotas of its own. */
class Side {
  readonly #path: WritePath;
  readonly #taken = new Map<number, number>();

  constructor(options?: ScannerOptions) {
    const clock = new FakeClock();
    this.#path = new WritePath(LIMITS, new TimeJudge(clock), new SeriesRegistry(), options);
  }

  renew(): void {
    this.#path.useRegistry(new SeriesRegistry());
    this.#taken.clear();
  }

  /** All that can be seen of taking a body in. */
  write(dbId: number, prepare: (path: WritePath, rules: WriteRules) => PreparedWrite): unknown {
    return this.#outcome(() => {
      const { columns, result, registry } = prepare(this.#path, this.#rules(dbId));
      // Numbers of series mean those of a batch, and a body is none.
      const { refusedSeries: _, ...verdict } = result;
      return { ...this.#seen(columns), verdict, series: registry.seriesCount };
    });
  }

  /** What a log record of the body brings back. */
  replay(dbId: number, body: Uint8Array): unknown {
    return this.#outcome(() => this.#seen(this.#path.replay(dbId, RecordKind.remoteWrite2, body)));
  }

  /** What of a body is stored where nothing is refused for limits. */
  take(dbId: number, body: Uint8Array): unknown {
    return this.#outcome(() =>
      this.#seen(this.#path.prepareBatch(dbId, decoded(body), NO_RULES).columns),
    );
  }

  #seen(columns: WriteColumns): object {
    const { rows, refs, t, v, startT, hasStartT, extras, metadata } = columns;
    const seen = {
      refs: refs.slice(0, rows),
      t: t.slice(0, rows),
      v: new BigUint64Array(v.slice(0, rows).buffer),
      hasStartT,
      startT: hasStartT ? startT.slice(0, rows) : [],
      extras: [...extras],
      metadata: [...metadata],
    };
    this.#path.recycle(columns);
    return seen;
  }

  #outcome(attempt: () => unknown): unknown {
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { code: error.code, kind: error.kind, message: error.message };
    }
  }

  #rules(dbId: number): WriteRules {
    const taken = (): number => this.#taken.get(dbId) ?? 0;
    return {
      limits: DEFAULT_LIMITS,
      admitNewSeries: () => (taken() < QUOTA ? undefined : 'enough of them'),
      seriesAdded: () => this.#taken.set(dbId, taken() + 1),
    };
  }
}

/** The scanner's way and the plain one, side by side. */
class Sides {
  readonly #scanned: Side;
  readonly #plain = new Side();

  constructor(options: ScannerOptions) {
    this.#scanned = new Side(options);
    this.renew();
  }

  renew(): void {
    this.#scanned.renew();
    this.#plain.renew();
  }

  /** Takes a body in both ways, which must agree. */
  write(dbId: number, body: Uint8Array): void {
    const scanned = this.#scanned.write(dbId, (path, rules) =>
      path.prepareEncoded(dbId, { format: 'remote-write-2', body }, rules),
    );
    const plain = this.#plain.write(dbId, (path, rules) =>
      path.prepareBatch(dbId, decoded(body), rules),
    );
    expect(scanned).toEqual(plain);
  }

  /** The same of the log's records, whose verdicts are taken. */
  replay(dbId: number, body: Uint8Array): void {
    expect(this.#scanned.replay(dbId, body)).toEqual(this.#plain.take(dbId, body));
  }
}

function decoded(body: Uint8Array): ReturnType<typeof decodeWriteRequestV2> {
  return decodeWriteRequestV2(snappyDecode(body, LIMITS.maxDecodedBytes));
}

const step = fc.record({
  dbId: fc.integer({ min: 1, max: 2 }),
  body: request,
  renew: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
});

for (const [name, options] of [
  ['true hashes', {}],
  ['one hash for all', { hashMask: 0n }],
  ['an alias table that is soon full', { alias: { maxEntries: 12, maxKeyBytes: 400 } }],
] as const) {
  test(`takes in what the plain decoder does: ${name}`, { timeout }, () => {
    const sides = new Sides({ alias: ALIASES, ...options });
    const property = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      sides.renew();
      for (const { dbId, body, renew } of steps) {
        if (renew) sides.renew();
        sides.write(dbId, snappy(body));
        // Now what can be known is known.
        sides.write(dbId, snappy(body));
      }
    });
    fc.assert(property, { numRuns: Math.ceil(runs / 50), seed });
  });
}

test('fuzz: mutated bodies come to the same, and no region is left', { timeout }, () => {
  const { memory, checkCanaries } = guardedMemory(LIMITS, ALIASES);
  const sides = new Sides({ alias: ALIASES, memory });
  const bodies = fc.sample(request, { numRuns: 300, seed });
  const property = fc.property(
    fc.constantFrom(...bodies),
    fc.array(mutation, { minLength: 1, maxLength: 4 }),
    (body, mutations) => {
      sides.renew();
      sides.write(1, snappy(body));
      const mutated = snappy(mutations.reduce(mutate, body).subarray(0, 8000));
      sides.write(1, mutated);
      sides.write(1, mutated);
      sides.write(1, snappy(body));
      checkCanaries();
    },
  );
  fc.assert(property, { numRuns: Math.ceil(runs / 4), seed });
});

test('fuzz: whatever the compressed bytes are, both ways say the same', { timeout }, () => {
  const { memory, checkCanaries } = guardedMemory(LIMITS, ALIASES);
  const sides = new Sides({ alias: ALIASES, memory });
  const bodies = fc.sample(request, { numRuns: 100, seed }).map(snappy);
  const property = fc.property(
    fc.constantFrom(...bodies),
    fc.array(mutation, { maxLength: 4 }),
    (body, mutations) => {
      sides.write(1, mutations.reduce(mutate, body));
      checkCanaries();
    },
  );
  fc.assert(property, { numRuns: Math.ceil(runs / 4), seed });
});

test('replay brings back what is stored of a body', { timeout }, () => {
  const sides = new Sides({ alias: ALIASES });
  const property = fc.property(request, request, (first, second) => {
    sides.renew();
    for (const body of [first, second, first]) sides.replay(1, snappy(body));
  });
  fc.assert(property, { numRuns: Math.ceil(runs / 20), seed });
});
