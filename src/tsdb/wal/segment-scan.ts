// Walks through the bytes of one segment and tells records from damage. Pure.

import {
  claimedSegmentId,
  decodeRecord,
  decodeRecordHeader,
  decodeSegmentHeader,
  FIRST_INTERNAL_KIND,
  findRecordMagic,
  type LogRecord,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  SEAL_KIND,
  SEGMENT_HEADER_BYTES,
  type SegmentIdentity,
} from './record.ts';

export interface SegmentVisitor {
  /** A whole, undamaged record; its body is a view of the segment's bytes. */
  record(record: LogRecord): void;
  /** Bytes that hold no record but should. `isTornTail`: nothing there had been durable. */
  damage(offset: number, length: number, isTornTail: boolean, what: string): void;
}

/**
 * Visits a segment in order. `firstSeq` is what its name says. Answers the highest commitSeq of any
 * record header in it, delivered or not, 0 if there is none.
 */
export function scanSegment(file: Uint8Array, firstSeq: number, visitor: SegmentVisitor): number {
  const header = decodeSegmentHeader(file);
  if (header === undefined || header.firstSeq !== firstSeq) {
    return scanWithoutHeader(file, firstSeq, visitor);
  }
  return new Scan(file, header, visitor).run(SEGMENT_HEADER_BYTES);
}

// The header is damaged, but the file's name and any whole record give the identity back.
function scanWithoutHeader(file: Uint8Array, firstSeq: number, visitor: SegmentVisitor): number {
  for (
    let at = findRecordMagic(file, SEGMENT_HEADER_BYTES);
    at >= 0;
    at = findRecordMagic(file, at + 8)
  ) {
    const identity = { firstSeq, segmentId: claimedSegmentId(file, at) };
    if (decodeRecordHeader(file, at, identity) === undefined) continue;
    return new Scan(file, identity, visitor).run(0);
  }
  visitor.damage(0, file.length, true, 'a segment without any record');
  return 0;
}

class Scan {
  readonly #file: Uint8Array;
  readonly #segment: SegmentIdentity;
  readonly #visitor: SegmentVisitor;
  #highestSeq = 0;
  /** Where sound record headers are behind the first damage; made when needed. */
  #behind: Landmarks | undefined;
  /** How many landmarks lie before the place we are at. */
  #passed = 0;

  constructor(file: Uint8Array, segment: SegmentIdentity, visitor: SegmentVisitor) {
    this.#file = file;
    this.#segment = segment;
    this.#visitor = visitor;
  }

  run(start: number): number {
    let at = start;
    while (at >= 0 && at < this.#file.length) {
      const header = decodeRecordHeader(this.#file, at, this.#segment);
      if (header?.kind === SEAL_KIND) break;
      const record = header && decodeRecord(this.#file, at, header);
      if (header === undefined || record === undefined) {
        at = this.#passDamage(at, header);
        continue;
      }
      this.#saw(header);
      if (record.kind < FIRST_INTERNAL_KIND) this.#visitor.record(record);
      at += header.bytes;
    }
    return this.#highestSeq;
  }

  #saw(header: RecordHeader): void {
    if (header.commitSeq > this.#highestSeq) this.#highestSeq = header.commitSeq;
  }

  // Reports the bad place at `at` and answers where to go on, -1 for nowhere.
  #passDamage(at: number, header: RecordHeader | undefined): number {
    this.#behind ??= this.#findLandmarks(at);
    const { offsets, durableTo } = this.#behind;
    while (offsets[this.#passed] !== undefined && offsets[this.#passed]! <= at) this.#passed++;
    if (at >= durableTo) {
      const what = 'the end of the segment was not written whole before a crash';
      this.#visitor.damage(at, this.#file.length - at, true, what);
      return -1;
    }
    const next = offsets[this.#passed] ?? this.#file.length;
    const what = header
      ? `damaged: the record with commitSeq ${header.commitSeq} is lost`
      : 'damaged: the records here are lost';
    this.#visitor.damage(at, next - at, false, what);
    return next;
  }

  #findLandmarks(from: number): Landmarks {
    const offsets: number[] = [];
    let durableTo = 0;
    for (let at = findRecordMagic(this.#file, from); at >= 0; ) {
      const header = decodeRecordHeader(this.#file, at, this.#segment);
      if (header === undefined) {
        at = findRecordMagic(this.#file, at + 8);
        continue;
      }
      this.#saw(header);
      offsets.push(at);
      durableTo = Math.max(durableTo, header.syncedOffset);
      at = findRecordMagic(this.#file, at + RECORD_HEADER_BYTES);
    }
    return { offsets, durableTo };
  }
}

interface Landmarks {
  /** Offsets of sound record headers, ascending. */
  readonly offsets: readonly number[];
  /** Up to here the file was durable once, as those headers testify. */
  readonly durableTo: number;
}
