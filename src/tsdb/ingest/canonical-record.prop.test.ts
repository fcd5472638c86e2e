import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  FUZZ,
  hostileBytes,
  labels,
  rawBits,
  timestamp,
} from '../../../test/support/arbitraries.ts';
import { type Labels, normalizeLabels } from '../../model/labels.ts';
import { AppError } from '../../runtime/error.ts';
import { SeriesRegistry } from '../index/series-registry.ts';
import { CanonicalEncoder, decodeCanonicalRecord } from './canonical-record.ts';
import { WriteColumns } from './write-columns.ts';

const DB = 3;

interface Item {
  readonly kind: 'float' | 'histogram' | 'exemplar';
  readonly series: number;
  readonly t: number;
  readonly startT: number;
  readonly low: number;
  readonly high: number;
  readonly payload: Uint8Array;
}

const item: fc.Arbitrary<Item> = fc
  .record({
    kind: fc.constantFrom('float', 'float', 'histogram', 'exemplar'),
    series: fc.nat(7),
    t: timestamp,
    startT: fc.oneof(fc.constant(0), timestamp),
    bits: rawBits,
    payload: fc.uint8Array({ maxLength: 20 }),
  })
  .map(({ bits, ...rest }) => ({ ...rest, ...bits }) as Item);

const write = fc.record({
  series: fc.array(labels, { minLength: 8, maxLength: 8 }),
  items: fc.array(item, { maxLength: 30 }),
  hasStartT: fc.boolean(),
});
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;

function columnsOf(
  { series, items, hasStartT }: Write,
  registry: SeriesRegistry,
  columns: WriteColumns = new WriteColumns(),
): WriteColumns {
  const refs = series.map((one) => registry.register(DB, normalizeLabels(one)));
  const value = new Float64Array(1);
  for (const { kind, series: n, t, startT, low, high, payload } of items) {
    new Uint32Array(value.buffer).set([low, high]);
    const start = hasStartT ? startT : 0;
    if (kind === 'float') columns.addFloat(refs[n]!, t, value, 0, start);
    else if (kind === 'histogram') columns.addHistogram(refs[n]!, t, start, payload, low % 2 === 0);
    else columns.addExemplar(refs[n]!, t, payload);
  }
  if (items.length % 2 === 1) {
    columns.metadata.push({ metric: 'm', type: 'gauge', help: 'größe', unit: '' });
  }
  return columns;
}

/** Everything in columns, with the labels of series in place of their refs. */
function contents(columns: WriteColumns, registry: SeriesRegistry): unknown {
  const { rows, refs, t, v, hasStartT, startT, extras, metadata } = columns;
  const of = (ref: number): Labels => registry.labels(ref);
  const halves = new Uint32Array(v.buffer);
  return {
    rows: Array.from({ length: rows }, (_, i) => [
      of(refs[i]!),
      t[i],
      halves[2 * i],
      halves[2 * i + 1],
      hasStartT ? startT[i] : 0,
    ]),
    extras: extras.map((op) => ({ ...op, ref: of(op.ref), payload: [...op.payload] })),
    metadata,
  };
}

function decoded(bytes: Uint8Array): unknown {
  const registry = new SeriesRegistry();
  const columns = new WriteColumns();
  decodeCanonicalRecord(bytes, columns, (of) => registry.register(DB, of));
  return contents(columns, registry);
}

it('comes back as it was, wherever its bytes lie', () => {
  const encoder = new CanonicalEncoder();
  const registry = new SeriesRegistry();
  fc.assert(
    fc.property(write, fc.nat(9), (one, offset) => {
      const columns = columnsOf(one, registry);
      const bytes = encoder.encode(columns, registry.pairsOf(DB));
      const moved = new Uint8Array(bytes.length + offset);
      moved.set(bytes, offset);
      expect(decoded(moved.subarray(offset))).toEqual(contents(columns, registry));
    }),
    { numRuns: 500, seed: FUZZ.seed },
  );
});

it('is the same in memory that another record has been in', () => {
  const encoder = new CanonicalEncoder();
  const registry = new SeriesRegistry();
  const used = new WriteColumns();
  fc.assert(
    fc.property(write, (one) => {
      const fresh = encoder.encode(columnsOf(one, registry), registry.pairsOf(DB));
      encoder.encode(used, registry.pairsOf(DB)).fill(0xff);
      used.reset();
      const again = encoder.encode(columnsOf(one, registry, used), registry.pairsOf(DB));
      expect(Buffer.compare(again, fresh)).toBe(0);
    }),
    { numRuns: 500, seed: FUZZ.seed },
  );
});

it('refuses what cannot be a record, and only so', () => {
  const encoder = new CanonicalEncoder();
  const registry = new SeriesRegistry();
  const seeds = fc
    .sample(write, { numRuns: 30, seed: FUZZ.seed })
    .map((one) => encoder.encode(columnsOf(one, registry), registry.pairsOf(DB)));
  let refused = 0;
  fc.assert(
    fc.property(hostileBytes(seeds), (bytes) => {
      try {
        decoded(bytes);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        expect(error.code).toBe('TSDB_CANONICAL_RECORD');
        refused++;
      }
    }),
    FUZZ,
  );
  expect(refused).toBeGreaterThan(0);
});
