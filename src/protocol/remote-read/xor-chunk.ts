// Chunks of float samples (type 1). Two bytes of sample count, then bits: the first sample in full,
// the second's time as a difference, later times as differences of differences; values in XOR code.

import { unzigzag, zigzag } from '../../codec/varint.ts';
import { floatColumns, type SampleColumns } from '../../model/sample.ts';
import { BitReader, BitWriter } from './bit-stream.ts';
import { ChunkType, type EncodedChunk, isChunkFull, isExactStep } from './chunk.ts';
import { fitsSigned, readSigned, writeSigned } from './varbit.ts';
import { XorDecoder, XorEncoder } from './xor-code.ts';

/** Widths of a difference of differences by number of leading ones; 0 means none. */
const DOD_WIDTHS: readonly number[] = [0, 14, 17, 20, 64];

const MAX_VARINT_BYTES = 10;

export class XorChunkWriter {
  readonly #writer = new BitWriter();
  readonly #value = new XorEncoder();
  #samples = 0;
  #minT = 0;
  #t = 0;
  #delta = 0;

  constructor() {
    this.#writer.write(0, 16);
  }

  /** Appends a sample later than the last; false if it belongs into the next chunk. */
  append(t: number, low: number, high: number): boolean {
    const writer = this.#writer;
    const samples = this.#samples;
    if (samples === 0) {
      this.#minT = t;
      writeVarint(writer, zigzag(BigInt(t)));
      this.#value.first(writer, low, high);
    } else {
      if (isChunkFull(samples, writer.sizeBytes)) return false;
      if (!isExactStep(t, this.#t, this.#delta)) return false;
      const delta = t - this.#t;
      if (samples === 1) writeVarint(writer, BigInt.asUintN(64, BigInt(delta)));
      else writeDod(writer, delta - this.#delta);
      this.#delta = delta;
      this.#value.next(writer, low, high);
    }
    this.#t = t;
    this.#samples = samples + 1;
    return true;
  }

  finish(): EncodedChunk {
    const data = this.#writer.finish();
    data[0] = this.#samples >>> 8;
    data[1] = this.#samples & 0xff;
    return { type: ChunkType.xor, minT: this.#minT, maxT: this.#t, data };
  }
}

function writeDod(writer: BitWriter, dod: number): void {
  let ones = 0;
  if (dod !== 0) for (ones = 1; ones < 4 && !fitsSigned(dod, DOD_WIDTHS[ones]!); ones++);
  if (ones < 4) writer.write(((1 << ones) - 1) << 1, ones + 1);
  else writer.write(0b1111, 4);
  if (ones > 0) writeSigned(writer, dod, DOD_WIDTHS[ones]!);
}

/** Decodes a chunk. Throws CHUNK_MALFORMED. */
export function decodeXorChunk(data: Uint8Array): SampleColumns {
  const reader = new BitReader(data, 'XOR');
  const samples = reader.read(16);
  // After the first, a sample takes two bits at least: a count that lies must not allocate.
  if (samples > reader.bitsLeft / 2 + 1) reader.fail(`${samples} samples do not fit`);
  const t = new Float64Array(samples);
  const v = new Float64Array(samples);
  const halves = new Uint32Array(v.buffer);
  const value = new XorDecoder();
  let delta = 0;
  for (let i = 0; i < samples; i++) {
    if (i === 0) {
      t[0] = readZigzag(reader);
      value.first(reader);
    } else {
      if (i === 1) delta = readUnsigned(reader);
      else delta += readDod(reader);
      t[i] = t[i - 1]! + delta;
      if (!Number.isSafeInteger(delta) || !Number.isSafeInteger(t[i])) {
        reader.fail('a timestamp passes 2^53');
      }
      value.next(reader);
    }
    halves[2 * i] = value.low;
    halves[2 * i + 1] = value.high;
  }
  return floatColumns(t, v);
}

function readDod(reader: BitReader): number {
  let ones = 0;
  while (ones < 4 && reader.read(1) === 1) ones++;
  return ones === 0 ? 0 : readSigned(reader, DOD_WIDTHS[ones]!);
}

function writeVarint(writer: BitWriter, value: bigint): void {
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) writer.write(Number(rest & 0x7fn) | 0x80, 8);
  writer.write(Number(rest), 8);
}

function readVarint(reader: BitReader): bigint {
  let value = 0n;
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    const byte = reader.read(8);
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return value;
  }
  reader.fail('a varint is longer than 10 bytes');
}

function readUnsigned(reader: BitReader): number {
  // Prometheus takes the difference as unsigned but adds it as int64.
  return exact(reader, BigInt.asIntN(64, readVarint(reader)));
}

function readZigzag(reader: BitReader): number {
  return exact(reader, unzigzag(readVarint(reader)));
}

function exact(reader: BitReader, value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) reader.fail('a number passes 2^53');
  return number;
}
