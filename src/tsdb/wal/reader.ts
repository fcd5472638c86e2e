// Reads the log back after a start. Damage never throws: it is reported, a link to the damaged file
// is kept in quarantine, and reading goes on behind it. What counts as damage is decided by the
// records themselves (docs/formats/log.md): each says up to where its segment was durable when it was
// written, so a bad place below such a mark is bit rot, and one above all marks is only the tail of
// writes that a crash cut short, none of which had been acknowledged.

import { join } from 'node:path';
import { errorMessage, systemErrorCode } from '../../runtime/error.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { makeDurableDirectory } from '../../runtime/file-system.ts';
import { parseSegmentName, segmentName, walQuarantineDir } from '../filenames.ts';
import { newerLogFormat } from './errors.ts';
import type { LogSegment } from './log-writer.ts';
import {
  decodeSegmentHeader,
  FORMAT_VERSION,
  type LogRecord,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
} from './record.ts';
import { readSegmentFile, type SegmentFile } from './segment-file.ts';
import { scanSegment } from './segment-scan.ts';

/** A place in the log that could not be read. */
export interface LogDamage {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /**
   * True for what a crash leaves behind: bytes that were never acknowledged. False if records that
   * had been durable are lost.
   */
  readonly isTornTail: boolean;
  /** One sentence for the log of the program. */
  readonly message: string;
}

export interface LogContents {
  /** Higher than every commitSeq that may ever have been used in this log; 1 for an empty one. */
  readonly nextSeq: number;
  /** How many records were delivered. */
  readonly records: number;
  /** Damage that lost durable records. */
  readonly damaged: readonly LogDamage[];
  /** All segments there are, to be passed to `Log.open`. */
  readonly segments: readonly LogSegment[];
}

/**
 * Delivers all records with commitSeq ≥ `fromSeq` in order. A record's `body` is a view of a buffer
 * that is used again: valid only during the call. Errors of `onRecord` pass through. Throws
 * LOG_NEWER_FORMAT before anything is delivered if a segment is from a newer program.
 */
export function readLog(
  files: FileSystem,
  dir: string,
  fromSeq: number,
  onRecord: (record: LogRecord) => void,
  report: (damage: LogDamage) => void = () => {},
): LogContents {
  const steps = readLogInSteps(files, dir, fromSeq, onRecord, report);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** For a caller that wants to look at a segment as a whole. */
export interface SegmentHooks {
  /** Makes the memory that segments are read into, one after the other. */
  newBuffer(sizeBytes: number): Uint8Array;
  /** Called with each, a view from the beginning of that memory, before its records are delivered. */
  read(bytes: Uint8Array): void;
}

/** The same segment by segment: yields after each, so that the caller can do other things in between. */
export function* readLogInSteps(
  files: FileSystem,
  dir: string,
  fromSeq: number,
  onRecord: (record: LogRecord) => void,
  report: (damage: LogDamage) => void = () => {},
  hooks?: SegmentHooks,
): Generator<void, LogContents> {
  const found = listSegments(files, dir);
  for (const { path } of found) refuseNewerFormat(files, path);

  const damaged: LogDamage[] = [];
  const note = (damage: LogDamage): void => {
    report(damage);
    if (damage.isTornTail) return;
    damaged.push(damage);
    quarantine(files, dir, damage.path, report);
  };
  const segments: LogSegment[] = [];
  let buffer: Uint8Array = new Uint8Array(0);
  let nextSeq = 1;
  let records = 0;
  for (const [i, segment] of found.entries()) {
    const { shard, firstSeq, bytes } = segment;
    const endSeq = endOf(segment, found[i + 1]);
    let lastSeq: number;
    if (endSeq <= fromSeq) {
      lastSeq = endSeq - 1; // nothing wanted in here: its successor starts no later than that
    } else {
      const file = readSegmentFile(files, segment.path, buffer, hooks?.newBuffer);
      buffer = file.buffer;
      hooks?.read(file.bytes);
      const wanted = { fromSeq, endSeq };
      const result = readSegment(file, segment, wanted, onRecord, note);
      records += result.records;
      lastSeq = result.lastSeq;
    }
    nextSeq = Math.max(nextSeq, lastSeq + 1);
    segments.push({ shard, firstSeq, lastSeq, bytes });
    yield;
  }
  return { nextSeq, records, damaged, segments };
}

/** What one segment holds. */
export interface SegmentCheck {
  readonly path: string;
  readonly records: number;
  readonly damage: readonly LogDamage[];
}

/** Reads every record of every segment and changes nothing. Throws LOG_NEWER_FORMAT. */
export function* checkLog(files: FileSystem, dir: string): Generator<SegmentCheck> {
  const found = listSegments(files, dir);
  for (const { path } of found) refuseNewerFormat(files, path);
  let buffer: Uint8Array = new Uint8Array(0);
  for (const [i, segment] of found.entries()) {
    const file = readSegmentFile(files, segment.path, buffer);
    buffer = file.buffer;
    const damage: LogDamage[] = [];
    const wanted = { fromSeq: 0, endSeq: endOf(segment, found[i + 1]) };
    const { records } = readSegment(
      file,
      segment,
      wanted,
      () => {},
      (one) => damage.push(one),
    );
    yield { path: segment.path, records, damage };
  }
}

// The first commitSeq that is certainly not in a segment.
function endOf(segment: SegmentName, next: SegmentName | undefined): number {
  return next?.shard === segment.shard ? next.firstSeq : Number.POSITIVE_INFINITY;
}

function readSegment(
  file: SegmentFile,
  { path, firstSeq, bytes }: SegmentName,
  { fromSeq, endSeq }: { fromSeq: number; endSeq: number },
  onRecord: (record: LogRecord) => void,
  note: (damage: LogDamage) => void,
): { records: number; lastSeq: number } {
  const damage = (offset: number, length: number, isTornTail: boolean, what: string): void => {
    const message = `${path}: ${what} (${length} bytes at ${offset})`;
    note({ path, offset, length, isTornTail, message });
  };
  if (file.error !== undefined) {
    damage(0, bytes, false, file.error);
    // It may hold as many records as fit; their numbers must not be given again.
    const most = firstSeq + Math.ceil(bytes / RECORD_HEADER_BYTES);
    return { records: 0, lastSeq: Math.min(endSeq - 1, most) };
  }
  let records = 0;
  let previous = 0;
  let outOfOrder = 0;
  const record = (record: LogRecord): void => {
    if (record.commitSeq <= previous || record.commitSeq >= endSeq) {
      outOfOrder++;
      return;
    }
    previous = record.commitSeq;
    if (record.commitSeq < fromSeq) return;
    records++;
    onRecord(record);
  };
  const highest = scanSegment(file.bytes, firstSeq, { record, damage });
  if (outOfOrder > 0) damage(0, bytes, false, `${outOfOrder} records out of order were left out`);
  return { records, lastSeq: Math.max(firstSeq, highest) };
}

interface SegmentName {
  readonly path: string;
  readonly shard: number;
  readonly firstSeq: number;
  readonly bytes: number;
}

function listSegments(files: FileSystem, dir: string): SegmentName[] {
  if (!files.exists(dir)) return [];
  const segments: SegmentName[] = [];
  for (const name of files.readdir(dir)) {
    const parsed = parseSegmentName(name);
    const path = join(dir, name);
    const stat = parsed === undefined ? undefined : files.stat(path);
    if (parsed === undefined || stat === undefined || stat.isDirectory) continue;
    segments.push({ ...parsed, path, bytes: stat.size });
  }
  return segments.sort((a, b) => a.shard - b.shard || a.firstSeq - b.firstSeq);
}

// Looks at headers only; what cannot be read is the business of the pass that follows.
function refuseNewerFormat(files: FileSystem, path: string): void {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  let fd: number | undefined;
  try {
    fd = files.open(path, 'read');
    files.read(fd, bytes, 0);
  } catch {
    return;
  } finally {
    if (fd !== undefined) files.close(fd);
  }
  const header = decodeSegmentHeader(bytes);
  if (header !== undefined && header.minReaderVersion > FORMAT_VERSION) {
    throw newerLogFormat(path, header.minReaderVersion, FORMAT_VERSION);
  }
}

// A second name keeps the file when the log is truncated, and needs no space. Segments found on disk
// are never written to again, so it stays what it is.
function quarantine(
  files: FileSystem,
  dir: string,
  path: string,
  report: (damage: LogDamage) => void,
): void {
  const target = walQuarantineDir(dir);
  try {
    makeDurableDirectory(files, target);
    const parsed = parseSegmentName(path.slice(dir.length).replace(/^\/+/, ''));
    if (parsed === undefined) return;
    files.link(path, join(target, segmentName(parsed.shard, parsed.firstSeq)));
    files.syncDirectory(target);
  } catch (error) {
    // Damaged in several places, or at an earlier start already.
    if (systemErrorCode(error) === 'EEXIST') return;
    const message = `${path}: cannot keep a copy in ${target}: ${errorMessage(error)}`;
    report({ path, offset: 0, length: 0, isTornTail: false, message });
  }
}
