// The head against its twin: any writes in any order, every read bit by bit.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeadMemory } from './head-memory.ts';
import { HeadReader } from './head-reader.ts';
import { appendWrite, printWrites, readRows, row, setBits } from './head-testing.ts';
import type { TwinWrite } from './head-twin.ts';
import { HeadTwin, hex } from './head-twin.ts';
import {
  ARENA,
  COLUMN_T,
  DIRECTORY,
  HEADER,
  HeaderWord,
  LOCK_WORDS,
  LOCKS,
  MAX_REFS,
} from './layout.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 10_000);
const seed = Number(process.env.FUZZ_SEED ?? 1);
const MAX_EXEMPLARS = 5;

// Refs on both sides of page borders, and the last one.
const ref = fc.constantFrom(0, 1, 2, 1023, 1024, 70_000, MAX_REFS - 1);
const startT = fc.constantFrom(0, 0, 0, 0, 0, 1000, 2000, -5);
const bits = fc.oneof(
  fc.constantFrom(
    '7ff0000000000002', // stale marker
    '7ff8000000000001',
    'fff7ffffffffffff', // signalling NaN
    '7ff0000000000001',
    '8000000000000000', // -0
    '0000000000000000',
    '0000000000000001',
    '7ff0000000000000',
  ),
  fc.integer({ min: 0, max: 20 }).map((n) => hexOf(n)),
  fc.double().map((x) => hexOf(x)),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((n) => n.toString(16).padStart(16, '0')),
);
const payload = fc.uint8Array({ maxLength: 40 });
// Steps of time: scrapes on a grid, with jitter, far jumps, back and again.
const step = fc.oneof(
  { weight: 12, arbitrary: fc.constant(15_000) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 30_000 }) },
  { weight: 3, arbitrary: fc.constantFrom(0, -15_000, -30_000, -45_000) },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 32, 2 ** 32 - 1, 2 ** 40, -(2 ** 40)) },
);

type Op =
  | { op: 'floats'; rows: { ref: number; step: number; bits: string; startT: number }[] }
  | { op: 'run'; ref: number; step: number; bits: string[] }
  | {
      op: 'histogram';
      ref: number;
      step: number;
      startT: number;
      payload: Uint8Array;
      isStale: boolean;
    }
  | { op: 'exemplar'; ref: number; step: number; payload: Uint8Array }
  | { op: 'read'; from: number; to: number }
  | { op: 'clear' };

const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      op: fc.constant('floats' as const),
      rows: fc.array(fc.record({ ref, step, bits, startT }), { maxLength: 30 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('run' as const),
      ref,
      step: fc.constantFrom(15_000, 1, 0),
      bits: fc.array(bits, { maxLength: 60 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('histogram' as const),
      ref,
      step,
      startT,
      payload,
      isStale: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('exemplar' as const), ref, step, payload }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('read' as const),
      from: fc.integer({ min: -100_000, max: 3_000_000 }),
      to: fc.integer({ min: -100_000, max: 3_000_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('clear' as const) }) },
);

/** Head and twin side by side; time goes on from op to op. */
class Pair {
  readonly head: HeadMemory = new HeadMemory({
    maxBytes: 4 << 20,
    maxExemplarsPerSeries: MAX_EXEMPLARS,
  });
  readonly twin = new HeadTwin(MAX_EXEMPLARS);
  readonly reader = new HeadReader(this.head.memory);
  now = 0;

  apply(op: Op): void {
    switch (op.op) {
      case 'floats':
        this.#floats(op.rows);
        return;
      case 'run':
        this.#floats(op.bits.map((b) => ({ ref: op.ref, step: op.step, bits: b, startT: 0 })));
        return;
      case 'histogram': {
        const write = row(this.#tick(op.step), `h:${hex(op.payload)}`, op.startT, op.isStale);
        expect(appendWrite(this.head, op.ref, write)).toBe(this.twin.append(op.ref, write));
        return;
      }
      case 'exemplar': {
        const t = this.#tick(op.step);
        const expected = this.twin.appendExemplar(op.ref, t, op.payload);
        expect(this.head.appendExemplar(op.ref, t, op.payload)).toBe(expected);
        return;
      }
      case 'read':
        this.compare(op.from, op.to);
        return;
      case 'clear':
        this.compare(-Infinity, Infinity);
        this.head.freeze();
        this.compare(-Infinity, Infinity);
        this.head.clear();
        this.twin.clear();
        return;
    }
  }

  #tick(step: number): number {
    this.now += step;
    return this.now;
  }

  #floats(rows: { ref: number; step: number; bits: string; startT: number }[]): void {
    const n = rows.length;
    const refs = Uint32Array.from(rows, (r) => r.ref);
    const t = Float64Array.from(rows, (r) => this.#tick(r.step));
    const v = new Float64Array(n);
    rows.forEach((r, i) => {
      setBits(v, i, r.bits);
    });
    const hasStartT = rows.some((r) => r.startT !== 0);
    const start = hasStartT ? Float64Array.from(rows, (r) => r.startT) : undefined;
    const expected = { taken: n, stored: 0, duplicates: 0, outOfOrder: 0 };
    rows.forEach((r, i) => {
      const outcome = this.twin.append(r.ref, row(t[i]!, r.bits, r.startT));
      if (outcome === 'duplicate') expected.duplicates++;
      else expected.stored++;
      if (outcome === 'outOfOrder') expected.outOfOrder++;
    });
    expect(this.head.appendFloats(refs, t, v, start, 0, n)).toEqual(expected);
  }

  compare(minT: number, maxT: number): void {
    const { head, twin, reader } = this;
    expect([...reader.refs()]).toEqual(twin.refs());
    expect(head.seriesCount()).toBe(twin.refs().length);
    expect(head.sampleCount()).toBe(twin.sampleCount);
    expect(head.exemplarCount()).toBe(twin.exemplarCount);
    let all: TwinWrite[] = [];
    for (const r of twin.refs()) {
      const expected = { overwritten: 0, duplicates: 0 };
      const met = { overwritten: 0, duplicates: 0 };
      const writes = twin.read(r, minT, maxT, expected);
      expect(readRows(reader, r, minT, maxT, met)).toEqual(printWrites(writes));
      expect(met).toEqual(expected);
      expect(reader.exemplars(r)).toEqual(twin.exemplars(r));
      const whole = twin.read(r, -Infinity, Infinity, expected);
      expect(head.seriesMinT(r)).toBe(whole[0]?.t ?? Infinity);
      expect(head.seriesMaxT(r)).toBe(whole.at(-1)?.t ?? -Infinity);
      all = all.concat(whole);
    }
    expect(head.minT).toBe(Math.min(...all.map((w) => w.t)));
    expect(head.maxT).toBe(Math.max(...all.map((w) => w.t)));
  }
}

describe('head', () => {
  test('equals its twin', () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 40 }), (ops) => {
        const pair = new Pair();
        for (const each of ops) pair.apply(each);
        pair.compare(-Infinity, Infinity);
      }),
      { seed, numRuns: Math.ceil(runs / 50) },
    );
  });

  test('writes nothing outside of its arena, and stops when that is full', () => {
    const canary = 0xa5;
    fc.assert(
      fc.property(fc.array(op, { minLength: 10, maxLength: 40 }), (ops) => {
        const head = new HeadMemory({ maxBytes: 2 << 20 });
        const bytes = new Uint8Array(head.memory.buffer);
        const words = new Uint32Array(head.memory.buffer, HEADER);
        // Room for one page and a little; the rest of the memory is off limits.
        const end = ARENA + 65_536 + 64 + 6000;
        words[HeaderWord.arenaEnd] = end;
        words[HeaderWord.highWater] = end;
        bytes.fill(canary, end);
        const constants = bytes.slice(0, HEADER);
        let now = 0;
        let wasFull = false;
        for (let round = 0; round < 20 && !wasFull; round++) {
          for (const each of ops) {
            if (each.op !== 'floats' && each.op !== 'histogram') continue;
            const rows = each.op === 'floats' ? each.rows : [];
            for (const r of rows) {
              now += r.step;
              const write = row(now, r.bits, r.startT);
              wasFull = appendWrite(head, r.ref % 1024, write) === 'full' || wasFull;
            }
            if (each.op === 'histogram') {
              head.appendHistogram(1, now, 0, each.payload, false);
              head.appendExemplar(1, now, each.payload);
            }
          }
        }
        expect(head.usedBytes()).toBeLessThanOrEqual(end);
        expect(bytes.subarray(end).findIndex((b) => b !== canary)).toBe(-1);
        expect(Buffer.compare(bytes.subarray(0, HEADER), constants)).toBe(0);
        expect(bytes.subarray(DIRECTORY + 4, LOCKS).findIndex((b) => b !== 0)).toBe(-1);
        const locks = new Uint32Array(head.memory.buffer, LOCKS, LOCK_WORDS);
        expect(locks.findIndex((lock, i) => (i < 1024 ? lock % 2 : lock) !== 0)).toBe(-1);
        expect(bytes.subarray(HEADER + 128, HEADER + 256).findIndex((b) => b !== 0)).toBe(-1);
        expect(bytes[COLUMN_T - 1]).toBe(0);
      }),
      { seed, numRuns: Math.ceil(runs / 200) },
    );
  });
});

function hexOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}
