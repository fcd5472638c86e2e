// The kernel's decoder of whole chunks against its twin, decodeChunk: chunks as they are written, and
// damaged ones in a memory that notices stray accesses.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockCodec } from '../../codec/block-codec.ts';
import { KernelCode } from '../../codec/errors.ts';
import { GuardedKernel } from '../../codec/guarded-kernel.ts';
import { BLOCK_SLACK_BYTES } from '../../codec/kernel-scratch.ts';
import { DAY_MS } from '../../model/time-range.ts';
import { decodeChunk, type EncodedChunk, encodeChunks } from './chunk.ts';
import { ColumnsBuilder } from './columns-builder.ts';
import { arbitrarySamples, rowsOf } from './samples.arbitrary.ts';

const numRuns = Number(process.env.PROP_RUNS ?? 300);
const fuzzRuns = Number(process.env.FUZZ_RUNS ?? 5000);
const seed = Number(process.env.FUZZ_SEED ?? 1);

const codec = new BlockCodec();
const guarded = new GuardedKernel(4 * 65_536);

/** What the kernel leaves of a chunk in [minT, maxT], or its code. */
function decode(
  bytes: Uint8Array,
  { n, minT, maxT }: EncodedChunk,
  from: number,
  to: number,
): unknown {
  const src = guarded.place(bytes, BLOCK_SLACK_BYTES);
  const t = guarded.output;
  const v = t + 8 * n;
  const { kernel, memory } = guarded;
  const kept = kernel.chunkDecode(src, bytes.length, n, minT, maxT, from, to, t, v);
  if (guarded.hasStrayWrites(16 * n)) throw new Error('wrote outside the columns');
  if (kept < 0) return kept;
  const column = (at: number): Float64Array =>
    new Float64Array(memory.slice(at, at + 8 * kept).buffer);
  return rowsOf({
    length: kept,
    t: column(t),
    v: column(v),
    startT: undefined,
    histograms: undefined,
  });
}

/** What the twin says, of floats without start timestamps; undefined where it finds damage. */
function twin(bytes: Uint8Array, chunk: EncodedChunk, from: number, to: number): unknown {
  const out = new ColumnsBuilder();
  try {
    decodeChunk(codec, bytes, out);
  } catch {
    return undefined;
  }
  const { length, t } = out;
  if (length !== chunk.n || t[0] !== chunk.minT || t[length - 1] !== chunk.maxT) return undefined;
  if (out.hasStartT || out.columns().histograms !== undefined) return undefined;
  return rowsOf(out.copy()).filter((_, i) => t[i]! >= from && t[i]! <= to);
}

const share = fc.double({ min: -0.2, max: 1.2, noNaN: true });

function timeAt({ minT, maxT }: EncodedChunk, fraction: number): number {
  return Math.round(minT + (maxT - minT) * fraction);
}

describe('chunkDecode', () => {
  test('gives the rows of a range, bit by bit, and leaves other kinds to its twin', () => {
    const samples = arbitrarySamples(DAY_MS - 500, { maxStep: DAY_MS / 30 });
    fc.assert(
      fc.property(samples, share, share, (columns, low, high) => {
        for (const chunk of encodeChunks(codec, columns)) {
          const from = timeAt(chunk, low);
          const to = timeAt(chunk, high);
          const wanted = twin(chunk.bytes, chunk, from, to);
          const isPlain = chunk.bytes[0] === 1;
          expect(decode(chunk.bytes, chunk, from, to)).toEqual(
            isPlain ? wanted : KernelCode.badArgument,
          );
        }
      }),
      { numRuns, seed },
    );
  });

  test('finds damage where its twin does, and touches nothing else', () => {
    const samples = arbitrarySamples(0, { maxStep: 60_000 });
    const patch = fc.tuple(fc.oneof(fc.nat(12), fc.nat(400)), fc.nat(255));
    const patches = fc.array(patch, { maxLength: 3 });
    fc.assert(
      fc.property(samples, patches, fc.nat(20), (columns, changes, cut) => {
        const chunk = encodeChunks(codec, columns).find(({ bytes }) => bytes[0] === 1);
        if (chunk === undefined) return;
        const bytes = chunk.bytes.slice(0, Math.max(0, chunk.bytes.length - Math.max(0, cut - 12)));
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        const found = decode(bytes, chunk, -Infinity, Infinity);
        if (bytes[0] !== 1) expect(found).toBeLessThan(0);
        else expect(found).toEqual(twin(bytes, chunk, -Infinity, Infinity) ?? KernelCode.corrupt);
      }),
      { numRuns: fuzzRuns, seed },
    );
  });
});
