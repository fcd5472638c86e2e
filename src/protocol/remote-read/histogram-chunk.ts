// Chunks of native histograms: type 2 with integer counts, type 3 with float counts. Two bytes of
// sample count, a byte of which the top bits tell the reset hint, the layout, the samples.

import { type NativeHistogram, ResetHint } from '../../model/native-histogram.ts';
import { isStaleHistogram } from '../../model/native-histogram-stale.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { BitReader, BitWriter } from './bit-stream.ts';
import { ChunkType, type EncodedChunk, isChunkFull, isExactStep } from './chunk.ts';
import {
  FloatDecoder,
  FloatEncoder,
  type HistogramDecoder,
  type HistogramEncoder,
  IntegerDecoder,
  IntegerEncoder,
} from './histogram-coder.ts';
import {
  EMPTY_LAYOUT,
  isSameBounds,
  isSameLayout,
  readLayout,
  writeLayout,
} from './histogram-layout.ts';
import { readVarbitInt, writeVarbitInt } from './varbit.ts';

/** Top bits of the flags byte, by reset hint. */
const FLAG_BITS: Readonly<Record<ResetHint, number>> = {
  [ResetHint.unknown]: 0x00,
  [ResetHint.yes]: 0x80,
  [ResetHint.no]: 0x40,
  [ResetHint.gauge]: 0xc0,
};

/** Reset hints by the top two bits. */
const HINTS: readonly ResetHint[] = [
  ResetHint.unknown,
  ResetHint.no,
  ResetHint.yes,
  ResetHint.gauge,
];

/**
 * What can be said of `next` after `previous` (the histogram just before it in time, if there is one):
 * the hint of a chunk that begins with `next`. Only `no` is proven bucket by bucket.
 */
export function resetBetween(
  previous: NativeHistogram | undefined,
  next: NativeHistogram,
): ResetHint {
  if (next.resetHint === ResetHint.gauge || next.resetHint === ResetHint.yes) return next.resetHint;
  if (previous === undefined || previous.kind !== next.kind) return ResetHint.unknown;
  if (previous.resetHint === ResetHint.gauge || isStaleHistogram(previous)) {
    return ResetHint.unknown;
  }
  if (isStaleHistogram(next)) return ResetHint.unknown;
  if (next.count < previous.count) return ResetHint.yes;
  if (!isSameLayout(previous, next)) {
    const isNewBounds =
      previous.schema === next.schema && !isSameBounds(previous.customValues, next.customValues);
    return isNewBounds ? ResetHint.yes : ResetHint.unknown;
  }
  const isLower =
    next.zeroCount < previous.zeroCount ||
    hasLower(previous.positiveCounts, next.positiveCounts) ||
    hasLower(previous.negativeCounts, next.negativeCounts);
  return isLower ? ResetHint.yes : ResetHint.no;
}

type Counts = readonly (bigint | number)[];

function hasLower(previous: Counts, next: Counts): boolean {
  for (let i = 0; i < next.length; i++) if (next[i]! < previous[i]!) return true;
  return false;
}

export class HistogramChunkWriter {
  readonly #type: ChunkType;
  readonly #hint: ResetHint;
  readonly #writer = new BitWriter();
  readonly #encoder: HistogramEncoder;
  #last: NativeHistogram | undefined;
  #samples = 0;
  #minT = 0;
  #t = 0;
  #delta = 0;

  /** Begins a chunk with its first sample; `hint` is what {@link resetBetween} says of it. */
  constructor(t: number, histogram: NativeHistogram, hint: ResetHint) {
    const isFloat = histogram.kind === 'float';
    this.#type = isFloat ? ChunkType.floatHistogram : ChunkType.histogram;
    this.#encoder = isFloat ? new FloatEncoder() : new IntegerEncoder();
    this.#hint = hint;
    this.#minT = t;
    this.#writer.write(0, 16);
    this.#writer.write(FLAG_BITS[hint], 8);
    writeLayout(this.#writer, isStaleHistogram(histogram) ? EMPTY_LAYOUT : histogram);
    writeVarbitInt(this.#writer, t);
    this.#write(t, histogram);
  }

  /** Appends a sample later than the last; false if it belongs into the next chunk. `hint` as above. */
  append(t: number, histogram: NativeHistogram, hint: ResetHint): boolean {
    if (isChunkFull(this.#samples, this.#writer.sizeBytes)) return false;
    if (!this.#fits(histogram, hint) || !isExactStep(t, this.#t, this.#delta)) return false;
    const delta = t - this.#t;
    writeVarbitInt(this.#writer, delta - this.#delta);
    this.#delta = delta;
    this.#write(t, histogram);
    return true;
  }

  finish(): EncodedChunk {
    const data = this.#writer.finish();
    data[0] = this.#samples >>> 8;
    data[1] = this.#samples & 0xff;
    return { type: this.#type, minT: this.#minT, maxT: this.#t, data };
  }

  #fits(histogram: NativeHistogram, hint: ResetHint): boolean {
    const last = this.#last!;
    if (last.kind !== histogram.kind) return false;
    if (isStaleHistogram(histogram)) return histogram.resetHint !== ResetHint.yes;
    if (isStaleHistogram(last)) return false;
    if (hint !== ResetHint.gauge) return hint === ResetHint.no;
    return this.#hint === ResetHint.gauge && isSameLayout(last, histogram);
  }

  #write(t: number, histogram: NativeHistogram): void {
    if (isStaleHistogram(histogram)) this.#encoder.writeStale(this.#writer, histogram);
    else this.#encoder.write(this.#writer, histogram);
    this.#last = histogram;
    this.#t = t;
    this.#samples++;
  }
}

/** Decodes a chunk of type 2. Throws CHUNK_MALFORMED. */
export function decodeHistogramChunk(data: Uint8Array): SampleColumns {
  return decode(new BitReader(data, 'histogram'), ChunkType.histogram);
}

/** Decodes a chunk of type 3. Throws CHUNK_MALFORMED. */
export function decodeFloatHistogramChunk(data: Uint8Array): SampleColumns {
  return decode(new BitReader(data, 'float histogram'), ChunkType.floatHistogram);
}

/**
 * The first sample gets the chunk's hint, those after it `no`. Where chunks overlap, the caller must
 * make both `unknown`.
 */
function decode(reader: BitReader, type: ChunkType): SampleColumns {
  const samples = reader.read(16);
  const hint = HINTS[reader.read(8) >>> 6]!;
  // A sample takes three bits at least: a count that lies must not allocate.
  if (samples > reader.bitsLeft / 3) reader.fail(`${samples} samples do not fit`);
  const t = new Float64Array(samples);
  const histograms: NativeHistogram[] = [];
  if (samples > 0) {
    const decoder = readHead(reader, type);
    let delta = 0;
    for (let i = 0; i < samples; i++) {
      if (i === 0) t[0] = readVarbitInt(reader);
      else {
        delta += readVarbitInt(reader);
        t[i] = t[i - 1]! + delta;
      }
      if (!Number.isSafeInteger(delta) || !Number.isSafeInteger(t[i])) {
        reader.fail('a timestamp passes 2^53');
      }
      const histogram = decoder.read(reader);
      const isFirst = i === 0 || hint === ResetHint.gauge;
      const resetHint = isFirst ? hint : ResetHint.no;
      histograms.push(isStaleHistogram(histogram) ? histogram : { ...histogram, resetHint });
    }
  }
  return { length: samples, t, v: new Float64Array(samples), startT: undefined, histograms };
}

function readHead(reader: BitReader, type: ChunkType): HistogramDecoder {
  if (type === ChunkType.histogram) return new IntegerDecoder(readLayout(reader, 1));
  return new FloatDecoder(readLayout(reader, 64));
}
