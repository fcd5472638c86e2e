// Bytes of the log: segment header, record header, checksums. docs/formats/log.md draws them.
// All numbers are little-endian; u64 fields hold integers below 2^53.

import { crc32 } from 'node:zlib';

/** What a record holds. 4 to 199 are free for later kinds; from 200 on the log uses them itself. */
export const RecordKind = {
  /** A remote-write 1.0 body, the snappy block as it came. */
  remoteWrite1: 1,
  /** A remote-write 2.0 body, the snappy block as it came. */
  remoteWrite2: 2,
  /** A write of any protocol in the engine's own form. */
  canonical: 3,
} as const;

/** Kinds from here on never come from or go to the log's user. */
export const FIRST_INTERNAL_KIND = 200;
/** The last record of a segment that was closed in order. */
export const SEAL_KIND = 255;

/** One record as the log's user writes and reads it. */
export interface LogRecord {
  /** A {@link RecordKind}, or a later kind below {@link FIRST_INTERNAL_KIND}. */
  readonly kind: number;
  /** Version of the rules by which the body was parsed; replay uses the same. Below 2^16. */
  readonly parserVersion: number;
  /** Identity of the database, never given twice. */
  readonly incarnation: number;
  /** Its place in the one order of everything; grows from record to record. */
  readonly commitSeq: number;
  /** When the body came, wall clock in ms since 1970, ≥ 0. */
  readonly receiveTime: number;
  /** Rows of the body that were refused: replay applies verdicts, it takes none. */
  readonly rejected: Uint32Array;
  readonly body: Uint8Array;
}

export const SEGMENT_HEADER_BYTES = 64;
export const RECORD_HEADER_BYTES = 64;
export const FORMAT_VERSION = 1;
/** Oldest reader that understands what we write. */
export const MIN_READER_VERSION = 1;

const SEGMENT_MAGIC = 0x4c57_4d54; // 'TMWL'
const RECORD_MAGIC = 0x5257_4d54; // 'TMWR'
const TWO_32 = 4_294_967_296;

/** What makes a segment this one: part of every checksum in it. */
export interface SegmentIdentity {
  readonly firstSeq: number;
  /** A random number below 2^53. */
  readonly segmentId: number;
}

export interface SegmentHeader extends SegmentIdentity {
  readonly shard: number;
  readonly formatVersion: number;
  readonly minReaderVersion: number;
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, SEGMENT_MAGIC, true);
  view.setUint16(4, header.formatVersion, true);
  view.setUint16(6, header.minReaderVersion, true);
  view.setUint32(8, header.shard, true);
  setUint53(view, 16, header.firstSeq);
  setUint53(view, 24, header.segmentId);
  view.setUint32(60, crc32(bytes.subarray(0, 60)), true);
  return bytes;
}

/** Undefined if the bytes are not a whole, undamaged segment header of any version. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== SEGMENT_MAGIC) return undefined;
  if (view.getUint32(60, true) !== crc32(bytes.subarray(0, 60))) return undefined;
  return {
    formatVersion: view.getUint16(4, true),
    minReaderVersion: view.getUint16(6, true),
    shard: view.getUint32(8, true),
    firstSeq: getUint53(view, 16),
    segmentId: getUint53(view, 24),
  };
}

/** Bytes of a record in the file: header, rejected rows, body, zeros up to a multiple of 8. */
export function recordBytes(rejectedCount: number, bodyLength: number): number {
  return RECORD_HEADER_BYTES + alignUp(4 * rejectedCount + bodyLength);
}

// Not by bit operations: a lying header may name more than 2^31 bytes.
function alignUp(n: number): number {
  return Math.ceil(n / 8) * 8;
}

// Offsets of the record header's fields.
const HEADER_CRC = 0;
const MAGIC = 4;
const PAYLOAD_CRC = 8;
const BODY_LENGTH = 12;
const REJECTED_COUNT = 16;
const KIND = 20;
const PARSER_VERSION = 22;
const COMMIT_SEQ = 24;
const INCARNATION = 32;
const RECEIVE_TIME = 40;
const SEGMENT_ID = 48;
const SYNCED_OFFSET = 56;

/**
 * Lays a record out in `buffer` at `at` (a multiple of 8), where `recordBytes` are free, all but
 * what only the writer of the file knows: see {@link stampRecord}.
 */
export function layOutRecord(record: LogRecord, buffer: Uint8Array, at: number): void {
  const { rejected, body } = record;
  const view = new DataView(buffer.buffer, buffer.byteOffset + at, RECORD_HEADER_BYTES);
  view.setUint32(MAGIC, RECORD_MAGIC, true);
  view.setUint32(BODY_LENGTH, body.length, true);
  view.setUint32(REJECTED_COUNT, rejected.length, true);
  view.setUint16(KIND, record.kind, true);
  view.setUint16(PARSER_VERSION, record.parserVersion, true);
  setUint53(view, COMMIT_SEQ, record.commitSeq);
  setUint53(view, INCARNATION, record.incarnation);
  setUint53(view, RECEIVE_TIME, record.receiveTime);
  let p = at + RECORD_HEADER_BYTES;
  if (rejected.length > 0) {
    buffer.set(new Uint8Array(rejected.buffer, rejected.byteOffset, 4 * rejected.length), p);
    p += 4 * rejected.length;
  }
  buffer.set(body, p);
  buffer.fill(0, p + body.length, at + recordBytes(rejected.length, body.length));
}

/**
 * Completes a laid-out record for its place in a file: `offset` in the segment, and `syncedOffset`,
 * up to which the segment was durable when this record was written.
 */
export function stampRecord(
  bytes: Uint8Array,
  segment: SegmentIdentity,
  offset: number,
  syncedOffset: number,
): void {
  const view = viewOf(bytes);
  view.setUint32(PAYLOAD_CRC, crc32(bytes.subarray(RECORD_HEADER_BYTES)), true);
  setUint53(view, SEGMENT_ID, segment.segmentId);
  setUint53(view, SYNCED_OFFSET, syncedOffset);
  view.setUint32(HEADER_CRC, headerChecksum(bytes, segment, offset), true);
}

/** The commitSeq of a laid-out record. */
export function commitSeqOf(bytes: Uint8Array): number {
  return getUint53(viewOf(bytes), COMMIT_SEQ);
}

/** The record that closes a segment in order. All before it is durable. */
export function sealRecord(
  segment: SegmentIdentity,
  offset: number,
  lastSeq: number,
  now: number,
): Uint8Array {
  const bytes = new Uint8Array(RECORD_HEADER_BYTES);
  layOutRecord(
    {
      kind: SEAL_KIND,
      parserVersion: 0,
      incarnation: 0,
      commitSeq: lastSeq,
      receiveTime: now,
      rejected: new Uint32Array(0),
      body: new Uint8Array(0),
    },
    bytes,
    0,
  );
  stampRecord(bytes, segment, offset, offset);
  return bytes;
}

/** What a record's header says, once its checksum has been found right. */
export interface RecordHeader {
  readonly kind: number;
  readonly commitSeq: number;
  /** Bytes of the whole record. */
  readonly bytes: number;
  readonly syncedOffset: number;
}

/**
 * Checks and reads the record header at `offset` of a segment; undefined if there is none. The
 * payload may still be damaged or missing: see {@link decodeRecord}.
 */
export function decodeRecordHeader(
  file: Uint8Array,
  offset: number,
  segment: SegmentIdentity,
): RecordHeader | undefined {
  if (RECORD_HEADER_BYTES > file.length - offset) return undefined;
  const bytes = file.subarray(offset, offset + RECORD_HEADER_BYTES);
  const view = viewOf(bytes);
  if (view.getUint32(MAGIC, true) !== RECORD_MAGIC) return undefined;
  if (getUint53(view, SEGMENT_ID) !== segment.segmentId) return undefined;
  if (view.getUint32(HEADER_CRC, true) !== headerChecksum(bytes, segment, offset)) return undefined;
  return {
    kind: view.getUint16(KIND, true),
    commitSeq: getUint53(view, COMMIT_SEQ),
    bytes: recordBytes(view.getUint32(REJECTED_COUNT, true), view.getUint32(BODY_LENGTH, true)),
    syncedOffset: getUint53(view, SYNCED_OFFSET),
  };
}

/**
 * Reads the whole record at `offset`, whose header {@link decodeRecordHeader} has accepted.
 * Undefined if the payload is cut off or damaged. `body` is a view of `file`.
 */
export function decodeRecord(
  file: Uint8Array,
  offset: number,
  header: RecordHeader,
): LogRecord | undefined {
  if (header.bytes > file.length - offset) return undefined;
  const view = new DataView(file.buffer, file.byteOffset + offset, RECORD_HEADER_BYTES);
  const rejectedCount = view.getUint32(REJECTED_COUNT, true);
  const bodyLength = view.getUint32(BODY_LENGTH, true);
  const start = offset + RECORD_HEADER_BYTES;
  const payload = file.subarray(start, offset + header.bytes);
  if (crc32(payload) !== view.getUint32(PAYLOAD_CRC, true)) return undefined;
  const rejectedBytes = 4 * rejectedCount;
  // A copy, because a view of 32-bit numbers would depend on how the buffer is aligned.
  const rejected = new Uint32Array(rejectedCount);
  new Uint8Array(rejected.buffer).set(payload.subarray(0, rejectedBytes));
  return {
    kind: header.kind,
    parserVersion: view.getUint16(PARSER_VERSION, true),
    incarnation: getUint53(view, INCARNATION),
    commitSeq: header.commitSeq,
    receiveTime: getUint53(view, RECEIVE_TIME),
    rejected,
    body: payload.subarray(rejectedBytes, rejectedBytes + bodyLength),
  };
}

/** What a record says of itself; nothing has been checked. */
export interface RecordOutline {
  readonly kind: number;
  readonly incarnation: number;
  readonly commitSeq: number;
  /** Place of its body in the segment. */
  readonly offset: number;
  readonly length: number;
}

/** The records of a segment up to the first that cannot be one, unchecked: for work that a check may undo. */
export function* outlineRecords(file: Uint8Array): Generator<RecordOutline> {
  const view = viewOf(file);
  for (let at = SEGMENT_HEADER_BYTES; at + RECORD_HEADER_BYTES <= file.length; ) {
    if (view.getUint32(at + MAGIC, true) !== RECORD_MAGIC) return;
    const rejectedCount = view.getUint32(at + REJECTED_COUNT, true);
    const length = view.getUint32(at + BODY_LENGTH, true);
    const offset = at + RECORD_HEADER_BYTES + 4 * rejectedCount;
    const end = at + recordBytes(rejectedCount, length);
    if (end > file.length) return;
    yield {
      kind: view.getUint16(at + KIND, true),
      incarnation: getUint53(view, at + INCARNATION),
      commitSeq: getUint53(view, at + COMMIT_SEQ),
      offset,
      length,
    };
    at = end;
  }
}

/**
 * Offset of the next place at or after `from` (a multiple of 8) that looks like the start of a record
 * header, or -1. Records start at multiples of 8.
 */
export function findRecordMagic(file: Uint8Array, from: number): number {
  const view = viewOf(file);
  for (let at = from; at + RECORD_HEADER_BYTES <= file.length; at += 8) {
    if (view.getUint32(at + MAGIC, true) === RECORD_MAGIC) return at;
  }
  return -1;
}

/** The segment id that the would-be record header at `offset` claims. */
export function claimedSegmentId(file: Uint8Array, offset: number): number {
  return getUint53(viewOf(file), offset + SEGMENT_ID);
}

const identity = new Uint8Array(24);
const identityView = viewOf(identity);

// Segment and offset are part of the checksum but not of the bytes, so a record is valid only where
// it was written: not in a recycled or copied block, nor inside the body of another record.
function headerChecksum(header: Uint8Array, segment: SegmentIdentity, offset: number): number {
  setUint53(identityView, 0, segment.firstSeq);
  setUint53(identityView, 8, segment.segmentId);
  setUint53(identityView, 16, offset);
  return crc32(header.subarray(MAGIC, RECORD_HEADER_BYTES), crc32(identity));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function setUint53(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % TWO_32, true);
  view.setUint32(at + 4, Math.floor(value / TWO_32), true);
}

function getUint53(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * TWO_32;
}
