// The remote-read answer of type STREAMED_XOR_CHUNKS: frames with the chunks of one series each.
// Layout: docs/formats/remote-read-frames.md.

import { crc32c } from '../../codec/crc32c.ts';
import { uvarintBytes, writeUvarint } from '../../codec/varint.ts';
import type { Label, Labels } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { frameMalformed } from '../errors.ts';
import { ProtobufReader } from '../protobuf-reader.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import { writeLabels } from '../remote-write/v1.ts';
import { encodeChunks } from './chunks.ts';

/** Prometheus' own frames are as large; a frame passes it by one chunk at most. */
export const TARGET_FRAME_BYTES: number = 1 << 20;

/** What Prometheus accepts as a frame by default. */
export const MAX_FRAME_BYTES: number = 50 << 20;

const CHECKSUM_BYTES = 4;
const MAX_LENGTH_BYTES = 5;

/** Turns series into frames. Keeps no state between series but its buffer. */
export class ChunkedFrameWriter {
  readonly #writer = new ProtobufWriter(64 * 1024);
  readonly #targetBytes: number;

  constructor(targetBytes: number = TARGET_FRAME_BYTES) {
    this.#targetBytes = targetBytes;
  }

  /**
   * Frames of one series, one after the other; each is a fresh array. A series without samples makes
   * one frame without chunks. Labels must be well-formed, samples ascending; series of a query must
   * come sorted by labels. The generator must be read to its end before the next one is begun.
   */
  *frames(labels: Labels, samples: SampleColumns, queryIndex: number): Generator<Uint8Array, void> {
    let series = this.#begin(labels);
    let hasChunks = false;
    for (const { type, minT, maxT, data } of encodeChunks(samples)) {
      if (hasChunks && this.#writer.length >= this.#targetBytes) {
        yield this.#end(series, queryIndex);
        series = this.#begin(labels);
        hasChunks = false;
      }
      const chunk = this.#writer.beginMessage(2);
      if (minT !== 0) this.#writer.int64(1, minT);
      if (maxT !== 0) this.#writer.int64(2, maxT);
      this.#writer.uint(3, type);
      this.#writer.bytes(4, data);
      this.#writer.endMessage(chunk);
      hasChunks = true;
    }
    yield this.#end(series, queryIndex);
  }

  #begin(labels: Labels): number {
    this.#writer.reset();
    const series = this.#writer.beginMessage(1);
    writeLabels(this.#writer, labels);
    return series;
  }

  #end(series: number, queryIndex: number): Uint8Array {
    this.#writer.endMessage(series);
    if (queryIndex !== 0) this.#writer.uint(2, queryIndex);
    return frameOf(this.#writer.view());
  }
}

/** Puts length and checksum before a message. */
function frameOf(message: Uint8Array): Uint8Array {
  const lengthBytes = uvarintBytes(message.length);
  const frame = new Uint8Array(lengthBytes + CHECKSUM_BYTES + message.length);
  writeUvarint(frame, 0, message.length);
  new DataView(frame.buffer).setUint32(lengthBytes, crc32c(message));
  frame.set(message, lengthBytes + CHECKSUM_BYTES);
  return frame;
}

/** One frame as it was read. */
export interface ChunkedFrame {
  readonly queryIndex: number;
  readonly series: readonly ChunkedSeries[];
}

export interface ChunkedSeries {
  readonly labels: Labels;
  /** Not decoded; `type` may be one that we do not know. */
  readonly chunks: readonly ReceivedChunk[];
}

export interface ReceivedChunk {
  readonly type: number;
  readonly minT: number;
  readonly maxT: number;
  readonly data: Uint8Array;
}

/** Reads frames off a stream of bytes that arrives in pieces. */
export class ChunkedFrameReader {
  readonly #maxFrameBytes: number;
  /** Bytes that no whole frame has been made of yet. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  /** So many bytes are worth looking at; joining less often keeps large frames linear. */
  #wanted = 1;
  /** Bytes of all frames before `#pieces`, for errors. */
  #offset = 0;

  constructor(maxFrameBytes: number = MAX_FRAME_BYTES) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /**
   * Frames that are whole now; `bytes` may be reused afterwards. Throws REMOTE_READ_FRAME_MALFORMED and
   * PROTOBUF_MALFORMED.
   */
  push(bytes: Uint8Array): ChunkedFrame[] {
    this.#pieces.push(new Uint8Array(bytes));
    this.#pieceBytes += bytes.length;
    if (this.#pieceBytes < this.#wanted) return [];
    const joined = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    const frames: ChunkedFrame[] = [];
    let at = 0;
    for (;;) {
      const head = this.#readLength(joined, at);
      const frameEnd = head ? head.end + CHECKSUM_BYTES + head.length : at;
      if (!head || frameEnd > joined.length) {
        this.#wanted = Math.max(frameEnd - at, 1);
        break;
      }
      const message = joined.subarray(head.end + CHECKSUM_BYTES, frameEnd);
      const want = new DataView(joined.buffer, joined.byteOffset + head.end).getUint32(0);
      const have = crc32c(message) >>> 0;
      if (have !== want) {
        throw frameMalformed(this.#offset + at, `checksum ${hex(have)}, want ${hex(want)}`);
      }
      frames.push(decodeFrame(message));
      at = frameEnd;
    }
    this.#offset += at;
    this.#pieceBytes = joined.length - at;
    this.#pieces = this.#pieceBytes === 0 ? [] : [joined.subarray(at)];
    return frames;
  }

  /** To be called at the end of the stream. Throws REMOTE_READ_FRAME_MALFORMED if a frame is cut off. */
  end(): void {
    if (this.#pieceBytes === 0) return;
    throw frameMalformed(this.#offset, `the stream ends after ${this.#pieceBytes} bytes of it`);
  }

  /** Length of the frame at `at` and where it ends; undefined if more bytes are needed. */
  #readLength(bytes: Uint8Array, at: number): { length: number; end: number } | undefined {
    let length = 0;
    for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
      const byte = bytes[at + i];
      if (byte === undefined) return undefined;
      length += (byte & 0x7f) * 2 ** (7 * i);
      if (byte >= 0x80) continue;
      if (length <= this.#maxFrameBytes) return { length, end: at + i + 1 };
      break;
    }
    throw frameMalformed(this.#offset + at, `it is longer than ${this.#maxFrameBytes} bytes`);
  }
}

function decodeFrame(message: Uint8Array): ChunkedFrame {
  const reader = new ProtobufReader(message, 'ChunkedReadResponse');
  const series: ChunkedSeries[] = [];
  let queryIndex = 0;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) {
      const outer = reader.beginMessage('ChunkedSeries');
      series.push(readSeries(reader));
      reader.endMessage(outer, 'ChunkedReadResponse');
    } else if (field === 2) queryIndex = reader.int64();
    else reader.skip();
  }
  return { queryIndex, series };
}

function readSeries(reader: ProtobufReader): ChunkedSeries {
  const labels: Label[] = [];
  const chunks: ReceivedChunk[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) {
      const outer = reader.beginMessage('Label');
      labels.push(readLabel(reader));
      reader.endMessage(outer, 'ChunkedSeries');
    } else if (field === 2) {
      const outer = reader.beginMessage('Chunk');
      chunks.push(readChunk(reader));
      reader.endMessage(outer, 'ChunkedSeries');
    } else reader.skip();
  }
  return { labels, chunks };
}

function readLabel(reader: ProtobufReader): Label {
  let name: string | undefined = '';
  let value: string | undefined = '';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) name = reader.string();
    else if (field === 2) value = reader.string();
    else reader.skip();
  }
  if (name === undefined || value === undefined) reader.fail('a label is not valid UTF-8');
  return { name, value };
}

function readChunk(reader: ProtobufReader): ReceivedChunk {
  let minT = 0;
  let maxT = 0;
  let type = 0;
  let data = new Uint8Array(0);
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) minT = reader.int64();
    else if (field === 2) maxT = reader.int64();
    else if (field === 3) type = reader.uint32();
    else if (field === 4) {
      const start = reader.bytesField();
      data = reader.bytes.slice(start, reader.position);
    } else reader.skip();
  }
  return { type, minT, maxT, data };
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
