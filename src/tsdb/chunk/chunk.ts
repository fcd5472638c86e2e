// A chunk holds 1…2048 samples of one series, of one kind and one UTC day: times, start timestamps
// if there are any, then values or histograms. Bytes: docs/formats/chunk.md.

import type { BlockCodec } from '../../codec/block-codec.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { DAY_MS, dayOf } from '../../model/time-range.ts';
import { ByteReader, ByteWriter, malformed } from './bytes.ts';
import type { ColumnsBuilder } from './columns-builder.ts';
import { decodeHistograms, encodeHistograms, histogramCells } from './histogram-columns.ts';

export const ChunkKind = { float: 1, integerHistogram: 2, floatHistogram: 3 } as const;
export type ChunkKind = (typeof ChunkKind)[keyof typeof ChunkKind];

export interface EncodedChunk {
  readonly kind: ChunkKind;
  /** Samples, 1…{@link MAX_CHUNK_SAMPLES}. */
  readonly n: number;
  /** First and last time. */
  readonly minT: number;
  readonly maxT: number;
  readonly bytes: Uint8Array;
}

/** No chunk holds more. */
export const MAX_CHUNK_SAMPLES = 2048;
/**
 * What is aimed at, two hours at 15 s: a query of an hour decodes the whole chunks it meets. 2048 would
 * save 0.8 % of the bytes and make it decode four times as much.
 */
export const TARGET_CHUNK_SAMPLES = 512;

/** Numbers in one chunk of histograms (a sample with 100 buckets holds 103), so that it fits a page. */
const MAX_CHUNK_CELLS = 65_536;

const KIND_MASK = 3;
const HAS_START_TIMES = 4;

const out = new ByteWriter(32_768);
const runStarts = new Float64Array(MAX_CHUNK_SAMPLES);

/**
 * Encodes samples (strictly ascending in time) into chunks of about equal size, at most `maxSamples`
 * each, cut where the kind or the UTC day changes. The bytes belong to the caller.
 */
export function encodeChunks(
  codec: BlockCodec,
  columns: SampleColumns,
  maxSamples: number = TARGET_CHUNK_SAMPLES,
): EncodedChunk[] {
  const limit = Math.min(maxSamples, MAX_CHUNK_SAMPLES);
  const chunks: EncodedChunk[] = [];
  for (let from = 0; from < columns.length; ) {
    const end = endOfRun(columns, from);
    const pieces = Math.ceil((end - from) / limit);
    const size = Math.ceil((end - from) / pieces);
    while (from < end) {
      const n = fittingRows(columns, from, Math.min(from + size, end));
      chunks.push(encodeChunk(codec, columns, from, n));
      from += n;
    }
  }
  return chunks;
}

/** First row after `from` of another kind or day. */
function endOfRun(columns: SampleColumns, from: number): number {
  const { length, t, histograms } = columns;
  const endT = (dayOf(t[from]!) + 1) * DAY_MS;
  const kind = kindOf(histograms?.[from]);
  let end = from + 1;
  while (end < length && t[end]! < endT && kindOf(histograms?.[end]) === kind) end++;
  return end;
}

function kindOf(histogram: NativeHistogram | undefined): ChunkKind {
  if (histogram === undefined) return ChunkKind.float;
  return histogram.kind === 'integer' ? ChunkKind.integerHistogram : ChunkKind.floatHistogram;
}

/** How many of the rows from `from` to `end` one chunk may hold. */
function fittingRows({ histograms }: SampleColumns, from: number, end: number): number {
  if (histograms?.[from] === undefined) return end - from;
  let cells = histogramCells(histograms[from]);
  let to = from + 1;
  while (to < end) {
    cells += histogramCells(histograms[to]!);
    if (cells > MAX_CHUNK_CELLS) break;
    to++;
  }
  return to - from;
}

function encodeChunk(
  codec: BlockCodec,
  columns: SampleColumns,
  from: number,
  n: number,
): EncodedChunk {
  const { t, v, startT, histograms } = columns;
  const kind = kindOf(histograms?.[from]);
  const hasStart = startT?.subarray(from, from + n).some((start) => start !== 0) ?? false;
  out.reset();
  out.u8(kind | (hasStart ? HAS_START_TIMES : 0));
  out.varint(n);
  out.raw(codec.encodeTimes(t, from, n));
  if (hasStart) encodeStartTimes(codec, startT!, from, n);
  if (kind === ChunkKind.float) out.raw(codec.encodeValues(v, from, n));
  else encodeHistograms(codec, histograms!.slice(from, from + n) as NativeHistogram[], out);
  return { kind, n, minT: t[from]!, maxT: t[from + n - 1]!, bytes: out.copy() };
}

/** Start timestamps rarely change, so runs of equal ones: their lengths, then one block of values. */
function encodeStartTimes(codec: BlockCodec, startT: Float64Array, from: number, n: number): void {
  const lengths: number[] = [];
  for (let i = from; i < from + n; ) {
    const value = startT[i]!;
    let end = i + 1;
    while (end < from + n && startT[end] === value) end++;
    runStarts[lengths.length] = value;
    lengths.push(end - i);
    i = end;
  }
  out.varint(lengths.length);
  for (const length of lengths) out.varint(length);
  out.raw(codec.encodeValues(runStarts, 0, lengths.length));
}

/**
 * Appends the samples of a chunk to `to` and returns how many. Throws AppError `corrupt` for bytes
 * that are no chunk, without changing `to`.
 */
export function decodeChunk(codec: BlockCodec, bytes: Uint8Array, to: ColumnsBuilder): number {
  const reader = new ByteReader(bytes);
  const head = reader.u8();
  const kind = head & KIND_MASK;
  if (kind === 0 || head > (KIND_MASK | HAS_START_TIMES)) throw malformed(`chunk of kind ${head}`);
  const n = reader.varint();
  if (n < 1 || n > MAX_CHUNK_SAMPLES) throw malformed(`chunk of ${n} samples`);
  const at = to.length;
  to.reserve(n);
  reader.at += codec.decodeTimes(reader.rest(), n, to.t, at);
  const starts = (head & HAS_START_TIMES) === 0 ? undefined : decodeStartTimes(codec, reader, n);
  let histograms: NativeHistogram[] | undefined;
  if (kind === ChunkKind.float) {
    reader.at += codec.decodeValues(reader.rest(), n, to.v, at);
  } else {
    histograms = decodeHistograms(codec, reader, kind === ChunkKind.integerHistogram, n);
    to.v.fill(0, at, at + n);
  }
  reader.expectEnd();
  // Only now, so that a damaged chunk leaves nothing behind.
  if (starts !== undefined) to.startColumn().set(starts, at);
  if (histograms !== undefined) {
    const column = to.histogramColumn();
    for (let i = 0; i < n; i++) column[at + i] = histograms[i];
  }
  to.advance(n);
  return n;
}

function decodeStartTimes(codec: BlockCodec, reader: ByteReader, n: number): Float64Array {
  const runs = reader.count();
  if (runs < 1 || runs > n) throw malformed(`${runs} runs of start times`);
  const lengths: number[] = [];
  let total = 0;
  for (let i = 0; i < runs; i++) {
    const length = reader.varint();
    lengths.push(length);
    total += length;
  }
  if (total !== n) throw malformed(`start times for ${total} of ${n} samples`);
  reader.at += codec.decodeValues(reader.rest(), runs, runStarts, 0);
  const starts = new Float64Array(n);
  let at = 0;
  for (let i = 0; i < runs; i++) {
    starts.fill(runStarts[i]!, at, at + lengths[i]!);
    at += lengths[i]!;
  }
  return starts;
}
