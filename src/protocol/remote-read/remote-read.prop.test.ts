import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitsOf,
  columnsOf,
  FUZZ,
  floatHistogram,
  hostileBytes,
  integerHistogram,
  labels,
  type Row,
  row,
  withoutHints,
} from '../../../test/support/arbitraries.ts';
import { snappyDecode } from '../../codec/snappy.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { AppError } from '../../runtime/error.ts';
import type { EncodedChunk } from './chunk.ts';
import { decodeChunk, encodeChunks } from './chunks.ts';
import { ChunkedFrameReader, ChunkedFrameWriter } from './response-chunks.ts';
import { decodeReadResponse, SamplesResponseWriter } from './response-samples.ts';

/** Rows at ascending times. */
function ascending(rows: readonly Row[]): Row[] {
  const byTime = new Map(rows.map((one) => [one.t + 0, one]));
  return [...byTime.values()].sort((a, b) => a.t - b.t);
}

/** Histograms that share their layout, as a scraped series has them, so that chunks hold several. */
const steadyHistograms = <H extends NativeHistogram>(one: fc.Arbitrary<H>): fc.Arbitrary<H[]> =>
  fc.tuple(one, fc.array(fc.nat(3), { maxLength: 40 })).map(([first, steps]) => {
    let last: NativeHistogram = first;
    const rest = steps.map((step) => {
      last = grown(last, step);
      return last as H;
    });
    return [first, ...rest];
  });

function grown(of: NativeHistogram, step: number): NativeHistogram {
  if (of.kind === 'float') {
    return {
      ...of,
      count: of.count + step,
      positiveCounts: of.positiveCounts.map((n) => n + step),
    };
  }
  const wrap = (n: bigint): bigint => BigInt.asUintN(62, n + BigInt(step));
  return { ...of, count: wrap(of.count), positiveCounts: of.positiveCounts.map(wrap) };
}

const steadyRows = fc
  .oneof(steadyHistograms(integerHistogram), steadyHistograms(floatHistogram))
  .map((all) =>
    all.map((histogram, i) => ({ t: i * 15_000, raw: { low: 0, high: 0 }, startT: 0, histogram })),
  );

const rows = fc.oneof(fc.array(row, { maxLength: 300 }), steadyRows).map(ascending);

function joined(chunks: readonly EncodedChunk[]): unknown[] {
  return chunks.flatMap(({ type, minT, maxT, data }) => {
    const samples = decodeChunk(type, data);
    expect([samples.t[0]! + 0, samples.t[samples.length - 1]! + 0]).toEqual([minT + 0, maxT + 0]);
    return bitsOf(withoutHints(samples));
  });
}

describe('chunks', () => {
  it('bring all samples back, NaN payloads and stale markers too', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const samples = columnsOf(all);
        expect(joined([...encodeChunks(samples)])).toEqual(bitsOf(withoutHints(samples)));
      }),
      { numRuns: 300, seed: FUZZ.seed },
    );
  });

  it('keep hints that a reader may rely on', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const samples = columnsOf(all);
        const told = [...encodeChunks(samples)].flatMap(({ type, data }) => hintsOf(type, data));
        let previous: NativeHistogram | undefined;
        all.forEach(({ histogram }, i) => {
          const hint = told[i];
          // A stored "reset" or "gauge" is never lost, and "no reset" is never claimed of less.
          const isStale = histogram?.sum.high === 0x7ff0_0000 && histogram.sum.low === 2;
          if (histogram && !isStale) {
            if (histogram.resetHint === 1 || histogram.resetHint === 3) {
              expect(hint).toBe(histogram.resetHint);
            }
            if (hint === 2) expect(histogram.count >= previous!.count).toBe(true);
          }
          previous = histogram;
        });
      }),
      { numRuns: 200, seed: FUZZ.seed },
    );
  });
});

function hintsOf(type: number, data: Uint8Array): (number | undefined)[] {
  const samples = decodeChunk(type, data);
  return Array.from({ length: samples.length }, (_, i) => samples.histograms?.[i]?.resetHint);
}

describe('frames', () => {
  it('bring series back in pieces of any size', () => {
    const some = fc.array(fc.tuple(labels, rows, fc.nat(3)), { maxLength: 3 });
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 2000 }), (all, pieceBytes) => {
        const writer = new ChunkedFrameWriter(4096);
        const stream = Buffer.concat(
          all.flatMap(([of, has, query]) => [...writer.frames(of, columnsOf(has), query)]),
        );
        const reader = new ChunkedFrameReader();
        const frames = [];
        for (let at = 0; at < stream.length; at += pieceBytes) {
          frames.push(...reader.push(stream.subarray(at, at + pieceBytes)));
        }
        reader.end();
        const got = frames.flatMap(({ queryIndex, series }) =>
          series.map((one) => ({ queryIndex, ...one })),
        );
        let next = 0;
        for (const [of, has, query] of all) {
          const want = bitsOf(withoutHints(columnsOf(has)));
          const have: unknown[] = [];
          do {
            const { labels: sent, queryIndex, chunks } = got[next++]!;
            expect([sent, queryIndex]).toEqual([of, query]);
            have.push(...joined(chunks as EncodedChunk[]));
          } while (have.length < want.length);
          expect(have).toEqual(want);
        }
        expect(next).toBe(got.length);
      }),
      { numRuns: 100, seed: FUZZ.seed },
    );
  });

  it('are split at the target size and exceed it by one chunk at most', () => {
    const length = 20_000;
    const t = Float64Array.from({ length }, (_, i) => i * 1000);
    const v = Float64Array.from({ length }, (_, i) => Math.sin(i));
    const samples: SampleColumns = { length, t, v, startT: undefined, histograms: undefined };
    const all = [...new ChunkedFrameWriter(32_768).frames([], samples, 0)];
    expect(all.length).toBeGreaterThan(3);
    for (const frame of all.slice(0, -1)) expect(frame.length).toBeGreaterThanOrEqual(32_768);
    for (const frame of all) expect(frame.length).toBeLessThan(32_768 + 1200);
  });

  it('begin with length and checksum', () => {
    const label = { name: 'a', value: 'b' };
    const [frame] = [...new ChunkedFrameWriter().frames([label], columnsOf([]), 1)];
    // CRC-32C of the ten bytes, as any other implementation gives it.
    const message = '0a080a060a0161120162' + '1001';
    expect(Buffer.from(frame!).toString('hex')).toBe(`0c${crc32cHex(message)}${message}`);
  });

  it.each<[string, (frame: Uint8Array) => void, string]>([
    ['a changed byte', (frame) => (frame[frame.length - 1]! ^= 1), 'REMOTE_READ_FRAME_MALFORMED'],
    ['a changed checksum', (frame) => (frame[2]! ^= 1), 'REMOTE_READ_FRAME_MALFORMED'],
    ['a length past the limit', (frame) => frame.fill(0xff, 0, 5), 'REMOTE_READ_FRAME_MALFORMED'],
  ])('with %s are refused', (_name, change, code) => {
    const [frame] = [...new ChunkedFrameWriter().frames([], columnsOf([]), 1)];
    const padded = new Uint8Array(Math.max(frame!.length, 8));
    padded.set(frame!);
    change(padded.subarray(0, frame!.length));
    expect(() => new ChunkedFrameReader().push(padded)).toThrow(expect.objectContaining({ code }));
  });

  it('that are cut off are told at the end', () => {
    const [frame] = [...new ChunkedFrameWriter().frames([], columnsOf([]), 1)];
    const reader = new ChunkedFrameReader();
    expect(reader.push(frame!.subarray(0, -1))).toEqual([]);
    expect(() => reader.end()).toThrow(
      expect.objectContaining({ code: 'REMOTE_READ_FRAME_MALFORMED' }),
    );
  });
});

/** Bit by bit, as the polynomial says; big-endian. */
function crc32cHex(hex: string): string {
  let crc = 0xffff_ffff;
  for (const byte of Buffer.from(hex, 'hex')) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0);
  }
  return ((crc ^ 0xffff_ffff) >>> 0).toString(16).padStart(8, '0');
}

describe('answers of samples', () => {
  const limits = { maxSamples: 0, maxBytes: 1 << 30 };

  it('bring all queries back', () => {
    const some = fc.array(fc.array(fc.tuple(labels, rows), { maxLength: 3 }), { maxLength: 3 });
    fc.assert(
      fc.property(some, (queries) => {
        const writer = new SamplesResponseWriter(limits);
        for (const query of queries) {
          writer.beginQuery();
          for (const [of, has] of query) writer.addSeries(of, columnsOf(has));
          writer.endQuery();
        }
        const body = snappyDecode(writer.finish(), 1 << 26);
        const results = decodeReadResponse(body, ({ reason }) =>
          expect(reason).toBe('empty_series'),
        );
        const got = results.map((series) =>
          series.map((one) => ({ labels: one.labels, rows: bitsOf(one.samples) })),
        );
        const want = queries.map((series) =>
          series
            .filter(([, has]) => has.length > 0)
            .map(([of, has]) => ({
              labels: of,
              rows: bitsOf({ ...columnsOf(has), startT: undefined }),
            })),
        );
        expect(got).toEqual(want);
      }),
      { numRuns: 60, seed: FUZZ.seed },
    );
  });

  it('stop at the sample limit', () => {
    const one = columnsOf([{ t: 1, raw: { low: 0, high: 0 }, startT: 0, histogram: undefined }]);
    const writer = new SamplesResponseWriter({ ...limits, maxSamples: 2 });
    writer.beginQuery();
    writer.addSeries([], one);
    writer.addSeries([], one);
    expect(() => writer.addSeries([], one)).toThrow(
      expect.objectContaining({ code: 'REMOTE_READ_SAMPLE_LIMIT', kind: 'bad_data' }),
    );
  });
});

describe('hostile chunks', () => {
  const samples = fc.sample(rows, { numRuns: 60, seed: FUZZ.seed });
  const chunks = samples.flatMap((all) => [...encodeChunks(columnsOf(all))]);

  it.each([1, 2, 3])('of type %i are decoded or refused', (type) => {
    const seeds = chunks.filter((one) => one.type === type).map((one) => one.data);
    let refused = 0;
    fc.assert(
      fc.property(hostileBytes(seeds), (bytes) => {
        try {
          const { length, t } = decodeChunk(type, bytes);
          for (let i = 0; i < length; i++) expect(Number.isSafeInteger(t[i])).toBe(true);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          expect(error.code).toBe('CHUNK_MALFORMED');
          refused++;
        }
      }),
      FUZZ,
    );
    expect(refused).toBeGreaterThan(0);
  });

  it('frames are decoded or refused', () => {
    const writer = new ChunkedFrameWriter();
    const seeds = samples.flatMap((all) => [...writer.frames([], columnsOf(all.slice(0, 5)), 0)]);
    fc.assert(
      fc.property(hostileBytes(seeds), (bytes) => {
        try {
          new ChunkedFrameReader().push(bytes);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          expect(error.kind).toBe('bad_data');
        }
      }),
      FUZZ,
    );
  });
});
