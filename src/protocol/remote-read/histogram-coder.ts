// How the samples of a histogram chunk follow one another. Integer counts and bucket differences go as
// differences of differences, floats in XOR code with a window for each value. A stale marker has no
// buckets, and its counts do not change the codes.

import {
  type FloatHistogram,
  floatOfRaw,
  type IntegerHistogram,
  type NativeHistogram,
  ResetHint,
  rawFloat64,
} from '../../model/native-histogram.ts';
import { staleHistogram } from '../../model/native-histogram-stale.ts';
import { isStaleBits } from '../../model/stale.ts';
import { deltas } from '../remote-write/histogram.ts';
import type { BitReader, BitWriter } from './bit-stream.ts';
import { countBuckets, type HistogramLayout } from './histogram-layout.ts';
import {
  readVarbitInt64,
  readVarbitUint64,
  writeVarbitInt64,
  writeVarbitUint64,
} from './varbit.ts';
import { XorDecoder, XorEncoder } from './xor-code.ts';

/** Writes all of a sample but its time. The caller keeps to one kind and one layout. */
export interface HistogramEncoder {
  /** Writes a sample with its buckets; the first of a chunk in full. */
  write(writer: BitWriter, histogram: NativeHistogram): void;
  /** Writes a stale marker, after which only further ones may follow. */
  writeStale(writer: BitWriter, histogram: NativeHistogram): void;
}

/** Reads all of a sample but its time. */
export interface HistogramDecoder {
  read(reader: BitReader): NativeHistogram;
}

export class IntegerEncoder implements HistogramEncoder {
  readonly #count = new Int64Encoder();
  readonly #zeroCount = new Int64Encoder();
  readonly #sum = new XorEncoder();
  #buckets: Int64Encoder[] | undefined;

  write(writer: BitWriter, histogram: IntegerHistogram): void {
    const { count, zeroCount, sum } = histogram;
    // Buckets are compared over time as differences to their neighbours.
    const differences = [...deltas(histogram.positiveCounts), ...deltas(histogram.negativeCounts)];
    const buckets = this.#buckets;
    if (buckets === undefined) {
      this.#writeHead(writer, count, zeroCount, sum);
      this.#buckets = differences.map((difference) => {
        const bucket = new Int64Encoder();
        bucket.first(difference);
        writeVarbitInt64(writer, BigInt.asIntN(64, difference));
        return bucket;
      });
      return;
    }
    this.#count.next(writer, count);
    this.#zeroCount.next(writer, zeroCount);
    this.#sum.next(writer, sum.low, sum.high);
    differences.forEach((difference, i) => {
      buckets[i]!.next(writer, difference);
    });
  }

  writeStale(writer: BitWriter, { sum }: IntegerHistogram): void {
    if (this.#buckets === undefined) {
      this.#buckets = [];
      this.#writeHead(writer, 0n, 0n, sum);
      return;
    }
    writeVarbitInt64(writer, 0n);
    writeVarbitInt64(writer, 0n);
    this.#sum.next(writer, sum.low, sum.high);
  }

  #writeHead(
    writer: BitWriter,
    count: bigint,
    zeroCount: bigint,
    sum: NativeHistogram['sum'],
  ): void {
    this.#count.first(count);
    this.#zeroCount.first(zeroCount);
    writeVarbitUint64(writer, count);
    writeVarbitUint64(writer, zeroCount);
    this.#sum.first(writer, sum.low, sum.high);
  }
}

export class FloatEncoder implements HistogramEncoder {
  readonly #count = new XorEncoder();
  readonly #zeroCount = new XorEncoder();
  readonly #sum = new XorEncoder();
  #buckets: XorEncoder[] | undefined;

  write(writer: BitWriter, histogram: FloatHistogram): void {
    const counts = [...histogram.positiveCounts, ...histogram.negativeCounts];
    const isFirst = this.#buckets === undefined;
    this.#buckets ??= counts.map(() => new XorEncoder());
    this.#writeHead(writer, histogram.count, histogram.zeroCount, histogram.sum, isFirst);
    for (let i = 0; i < counts.length; i++) {
      writeXor(writer, this.#buckets[i]!, rawFloat64(counts[i]!), isFirst);
    }
  }

  writeStale(writer: BitWriter, { sum }: FloatHistogram): void {
    const isFirst = this.#buckets === undefined;
    this.#buckets ??= [];
    this.#writeHead(writer, 0, 0, sum, isFirst);
  }

  #writeHead(
    writer: BitWriter,
    count: number,
    zeroCount: number,
    sum: NativeHistogram['sum'],
    isFirst: boolean,
  ): void {
    writeXor(writer, this.#count, rawFloat64(count), isFirst);
    writeXor(writer, this.#zeroCount, rawFloat64(zeroCount), isFirst);
    writeXor(writer, this.#sum, sum, isFirst);
  }
}

function writeXor(
  writer: BitWriter,
  encoder: XorEncoder,
  { low, high }: NativeHistogram['sum'],
  isFirst: boolean,
): void {
  if (isFirst) encoder.first(writer, low, high);
  else encoder.next(writer, low, high);
}

/** An int64 (or uint64, modulo 2^64) as difference of differences. */
class Int64Encoder {
  #value = 0n;
  #delta = 0n;

  first(value: bigint): void {
    this.#value = value;
  }

  next(writer: BitWriter, value: bigint): void {
    const delta = value - this.#value;
    writeVarbitInt64(writer, BigInt.asIntN(64, delta - this.#delta));
    this.#value = value;
    this.#delta = delta;
  }
}

class Int64Decoder {
  value: bigint;
  #delta = 0n;

  constructor(first: bigint) {
    this.value = first;
  }

  next(reader: BitReader): void {
    this.#delta = BigInt.asIntN(64, this.#delta + readVarbitInt64(reader));
    this.value = BigInt.asIntN(64, this.value + this.#delta);
  }
}

export class IntegerDecoder implements HistogramDecoder {
  readonly #layout: HistogramLayout;
  readonly #positive: number;
  readonly #negative: number;
  readonly #sum = new XorDecoder();
  #count: Int64Decoder | undefined;
  #zeroCount: Int64Decoder | undefined;
  #buckets: Int64Decoder[] = [];

  constructor(layout: HistogramLayout) {
    this.#layout = layout;
    this.#positive = countBuckets(layout.positiveSpans);
    this.#negative = countBuckets(layout.negativeSpans);
  }

  read(reader: BitReader): IntegerHistogram {
    const isFirst = this.#count === undefined;
    this.#count = nextInt64(reader, this.#count);
    this.#zeroCount = nextInt64(reader, this.#zeroCount);
    if (isFirst) this.#sum.first(reader);
    else this.#sum.next(reader);
    const { low, high } = this.#sum;
    const isStale = isStaleBits(high, low);
    // Only the first sample of a chunk has its buckets in any case.
    for (let i = 0; i < this.#positive + this.#negative && (isFirst || !isStale); i++) {
      if (isFirst) this.#buckets.push(new Int64Decoder(readVarbitInt64(reader)));
      else this.#buckets[i]!.next(reader);
    }
    if (isStale) return staleHistogram('integer') as IntegerHistogram;
    return {
      ...this.#layout,
      kind: 'integer',
      resetHint: ResetHint.unknown,
      count: BigInt.asUintN(64, this.#count.value),
      zeroCount: BigInt.asUintN(64, this.#zeroCount.value),
      sum: { low, high },
      positiveCounts: this.#counts(0, this.#positive),
      negativeCounts: this.#counts(this.#positive, this.#positive + this.#negative),
    };
  }

  #counts(from: number, to: number): bigint[] {
    const counts: bigint[] = [];
    let count = 0n;
    for (let i = from; i < to; i++) {
      count = BigInt.asIntN(64, count + this.#buckets[i]!.value);
      counts.push(count);
    }
    return counts;
  }
}

function nextInt64(reader: BitReader, decoder: Int64Decoder | undefined): Int64Decoder {
  if (decoder === undefined) return new Int64Decoder(readVarbitUint64(reader));
  decoder.next(reader);
  return decoder;
}

export class FloatDecoder implements HistogramDecoder {
  readonly #layout: HistogramLayout;
  readonly #positive: number;
  readonly #values: XorDecoder[];
  #isFirst = true;

  constructor(layout: HistogramLayout) {
    this.#layout = layout;
    this.#positive = countBuckets(layout.positiveSpans);
    const buckets = this.#positive + countBuckets(layout.negativeSpans);
    this.#values = Array.from({ length: 3 + buckets }, () => new XorDecoder());
  }

  read(reader: BitReader): FloatHistogram {
    const [count, zeroCount, sum, ...buckets] = this.#values as [
      XorDecoder,
      XorDecoder,
      XorDecoder,
      ...XorDecoder[],
    ];
    this.#read(reader, count);
    this.#read(reader, zeroCount);
    this.#read(reader, sum);
    const isStale = isStaleBits(sum.high, sum.low);
    // Only the first sample of a chunk has its buckets in any case.
    if (this.#isFirst || !isStale) for (const bucket of buckets) this.#read(reader, bucket);
    this.#isFirst = false;
    if (isStale) return staleHistogram('float') as FloatHistogram;
    const counts = buckets.map(floatOfRaw);
    return {
      ...this.#layout,
      kind: 'float',
      resetHint: ResetHint.unknown,
      count: floatOfRaw(count),
      zeroCount: floatOfRaw(zeroCount),
      sum: { low: sum.low, high: sum.high },
      positiveCounts: counts.slice(0, this.#positive),
      negativeCounts: counts.slice(this.#positive),
    };
  }

  #read(reader: BitReader, value: XorDecoder): void {
    if (this.#isFirst) value.first(reader);
    else value.next(reader);
  }
}
