// The canonical byte form of a native histogram, in which the engine keeps it in memory, in the log
// and in parts. Equal histograms have equal bytes. Layout: docs/formats/histogram-payload.md.

import { AppError } from '../runtime/error.ts';
import type { BucketSpan, NativeHistogram, RawFloat64, ResetHint } from './native-histogram.ts';

const VERSION = 1;

const FLAG_FLOAT = 0x01;
const RESET_HINT_SHIFT = 1;
const KNOWN_FLAGS = 0x07;

/** A NaN in a count has no meaning in its payload; all become Prometheus' ordinary NaN. */
const NAN_HIGH = 0x7ff8_0000;
const NAN_LOW = 0x0000_0001;

/** Longest form of a 64-bit varint. */
const MAX_VARINT_BYTES = 10;

/** Encodes a histogram as it is: spans are kept as they came, nothing is validated. The result is a fresh array. */
export function encodeHistogramPayload(histogram: NativeHistogram): Uint8Array {
  const writer = new PayloadWriter(maxPayloadBytes(histogram));
  const isFloat = histogram.kind === 'float';
  writer.byte(VERSION);
  writer.byte((isFloat ? FLAG_FLOAT : 0) | (histogram.resetHint << RESET_HINT_SHIFT));
  writer.signed(histogram.schema);
  writer.double(histogram.zeroThreshold);
  writer.raw(histogram.sum);
  writer.spans(histogram.positiveSpans);
  writer.spans(histogram.negativeSpans);
  writer.doubles(histogram.customValues);
  if (histogram.kind === 'float') {
    writer.double(histogram.count);
    writer.double(histogram.zeroCount);
    writer.doubles(histogram.positiveCounts);
    writer.doubles(histogram.negativeCounts);
  } else {
    writer.unsigned64(histogram.count);
    writer.unsigned64(histogram.zeroCount);
    writer.deltas(histogram.positiveCounts);
    writer.deltas(histogram.negativeCounts);
  }
  return writer.finish();
}

/** Decodes a payload. Throws HISTOGRAM_PAYLOAD_CORRUPT unless all of it makes sense. */
export function decodeHistogramPayload(bytes: Uint8Array): NativeHistogram {
  const reader = new PayloadReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) reader.fail(`version ${version}, known is ${VERSION}`);
  const flags = reader.byte();
  if ((flags & ~KNOWN_FLAGS) !== 0) reader.fail(`unknown flags ${flags}`);
  const layout = {
    resetHint: (flags >> RESET_HINT_SHIFT) as ResetHint,
    schema: reader.signed(),
    zeroThreshold: reader.double(),
    sum: reader.raw(),
    positiveSpans: reader.spans(),
    negativeSpans: reader.spans(),
    customValues: reader.doubles(),
  };
  const histogram: NativeHistogram =
    (flags & FLAG_FLOAT) !== 0
      ? {
          ...layout,
          kind: 'float',
          count: reader.double(),
          zeroCount: reader.double(),
          positiveCounts: reader.doubles(),
          negativeCounts: reader.doubles(),
        }
      : {
          ...layout,
          kind: 'integer',
          count: reader.unsigned64(),
          zeroCount: reader.unsigned64(),
          positiveCounts: reader.deltas(),
          negativeCounts: reader.deltas(),
        };
  reader.expectEnd();
  return histogram;
}

/** No payload of the histogram can be longer. */
function maxPayloadBytes(histogram: NativeHistogram): number {
  const spans = histogram.positiveSpans.length + histogram.negativeSpans.length;
  const numbers =
    histogram.positiveCounts.length +
    histogram.negativeCounts.length +
    histogram.customValues.length;
  // Two 32-bit varints of 5 bytes a span; besides lists, at most 2 + 5 + 8 + 8 + 2·10 + 5·10 bytes.
  return 128 + spans * 10 + numbers * MAX_VARINT_BYTES;
}

class PayloadWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  byte(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  raw({ low, high }: RawFloat64): void {
    this.#view.setUint32(this.#at, low, true);
    this.#view.setUint32(this.#at + 4, high, true);
    this.#at += 8;
  }

  double(value: number): void {
    if (Number.isNaN(value)) this.raw({ low: NAN_LOW, high: NAN_HIGH });
    else {
      this.#view.setFloat64(this.#at, value, true);
      this.#at += 8;
    }
  }

  doubles(values: readonly number[]): void {
    this.unsigned(values.length);
    for (const value of values) this.double(value);
  }

  spans(spans: readonly BucketSpan[]): void {
    this.unsigned(spans.length);
    for (const { offset, length } of spans) {
      this.signed(offset);
      this.unsigned(length);
    }
  }

  /** A varint of an unsigned 32-bit number. */
  unsigned(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest);
  }

  /** A zigzag varint of a signed 32-bit number. */
  signed(value: number): void {
    this.unsigned(((value << 1) ^ (value >> 31)) >>> 0);
  }

  unsigned64(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0xffff_ffffn; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80);
    this.unsigned(Number(rest));
  }

  /** Counts as zigzag varints of their differences, which for most histograms take one byte. */
  deltas(counts: readonly bigint[]): void {
    this.unsigned(counts.length);
    let previous = 0n;
    let previousNumber = 0;
    for (const count of counts) {
      // Arithmetic on bigint allocates; nearly all differences fit 32 bits.
      const number = Number(count);
      const difference = number - previousNumber;
      const isExact = Number.isSafeInteger(number) && Number.isSafeInteger(previousNumber);
      if (isExact && difference === (difference | 0)) {
        this.signed(difference);
      } else {
        const delta = BigInt.asIntN(64, count - previous);
        this.unsigned64(delta < 0n ? -delta * 2n - 1n : delta * 2n);
      }
      previous = count;
      previousNumber = number;
    }
  }
}

class PayloadReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  fail(what: string): never {
    throw new AppError(
      'corrupt',
      'HISTOGRAM_PAYLOAD_CORRUPT',
      `native histogram of ${this.#bytes.length} bytes is corrupt at byte ${this.#at}: ${what}`,
    );
  }

  expectEnd(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) this.fail(`${rest} bytes too many`);
  }

  byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  raw(): RawFloat64 {
    const at = this.#take(8);
    return { low: this.#view.getUint32(at, true), high: this.#view.getUint32(at + 4, true) };
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  doubles(): number[] {
    const count = this.#count(8);
    const values: number[] = [];
    for (let i = 0; i < count; i++) values.push(this.double());
    return values;
  }

  spans(): BucketSpan[] {
    const count = this.#count(2);
    const spans: BucketSpan[] = [];
    for (let i = 0; i < count; i++) spans.push({ offset: this.signed(), length: this.unsigned() });
    return spans;
  }

  unsigned(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 28; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > 0xffff_ffff) this.fail('a number has more than 32 bits');
        return value;
      }
    }
    this.fail('a number has more than 32 bits');
  }

  signed(): number {
    const value = this.unsigned();
    return (value >>> 1) ^ -(value & 1);
  }

  unsigned64(): bigint {
    const first = this.#bytes[this.#at] ?? 0x80;
    if (first < 0x80) {
      this.#at++;
      return BigInt(first);
    }
    let value = 0n;
    for (let shift = 0n; shift <= 63n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value >> 64n !== 0n) this.fail('a number has more than 64 bits');
        return value;
      }
    }
    this.fail('a number has more than 64 bits');
  }

  deltas(): bigint[] {
    const items = this.#count(1);
    const counts: bigint[] = [];
    let count = 0n;
    for (let i = 0; i < items; i++) {
      const zigzag = this.unsigned64();
      const delta = (zigzag & 1n) === 0n ? zigzag >> 1n : -(zigzag >> 1n) - 1n;
      count = BigInt.asUintN(64, count + delta);
      counts.push(count);
    }
    return counts;
  }

  /** A number of items of at least `minBytes` each: a lie is found before anything is allocated. */
  #count(minBytes: number): number {
    const count = this.unsigned();
    if (count * minBytes > this.#bytes.length - this.#at) this.fail(`${count} items do not fit`);
    return count;
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) this.fail('it ends early');
    this.#at = at + count;
    return at;
  }
}
