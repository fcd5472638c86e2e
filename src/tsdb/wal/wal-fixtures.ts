// Records whose content follows from their number, so that tests can tell a right one from a wrong
// one without keeping them. For tests only.

import type { FaultyFileSystem } from '../../runtime/faulty-file-system.ts';
import { randomOf } from '../../runtime/file-image.ts';
import { Log, type LogOptions } from './log.ts';
import { type LogContents, type LogDamage, readLog } from './reader.ts';
import type { LogRecord } from './record.ts';

export const WAL = '/data/wal';

/** The record with this commitSeq; `maxBody` bounds its length. */
export function recordOf(commitSeq: number, maxBody: number = 2000): LogRecord {
  const random = randomOf(commitSeq * 7919 + 17);
  const length = Math.floor(random() ** 3 * maxBody);
  const body = new Uint8Array(length);
  // One in four is all zeros, which must not be mistaken for space that was never written.
  if (random() < 0.75) for (let i = 0; i < length; i++) body[i] = Math.floor(random() * 256);
  const rejected = new Uint32Array(random() < 0.3 ? Math.floor(random() * 5) : 0);
  for (let i = 0; i < rejected.length; i++) rejected[i] = Math.floor(random() * 2 ** 32);
  return {
    kind: 1 + (commitSeq % 3),
    parserVersion: commitSeq % 65_536,
    incarnation: 2 ** 52 + commitSeq,
    commitSeq,
    receiveTime: 1_700_000_000_000 + commitSeq,
    rejected,
    body,
  };
}

/** True if the record is the one that `recordOf` gives for its commitSeq. */
export function isIntact(record: LogRecord, maxBody: number = 2000): boolean {
  const expected = recordOf(record.commitSeq, maxBody);
  return (
    record.kind === expected.kind &&
    record.parserVersion === expected.parserVersion &&
    record.incarnation === expected.incarnation &&
    record.receiveTime === expected.receiveTime &&
    Buffer.from(record.rejected.buffer).equals(Buffer.from(expected.rejected.buffer)) &&
    Buffer.from(record.body).equals(expected.body)
  );
}

/** An inline log on a file system in memory, with ids that repeat from run to run. */
export function openInline(files: FaultyFileSystem, options: Partial<LogOptions>): Promise<Log> {
  let id = 1000 * (files.calls.get('any') ?? 0);
  return Log.open({
    dir: WAL,
    sync: 'always',
    intervalMs: 1000,
    segmentBytes: 8192,
    firstSeq: 1,
    threads: 'inline',
    ringBytes: 65_536,
    fileSystem: files,
    newSegmentId: () => ++id,
    onFatal: () => {},
    ...options,
  });
}

export interface ReadBack extends LogContents {
  readonly seqs: number[];
  readonly reports: LogDamage[];
}

/** Reads everything and throws if any record is not as it was written, or out of order. */
export function readBack(files: FaultyFileSystem, fromSeq: number = 1): ReadBack {
  const seqs: number[] = [];
  const reports: LogDamage[] = [];
  const onRecord = (record: LogRecord): void => {
    if (!isIntact(record)) throw new Error(`record ${record.commitSeq} is not as it was written`);
    if (record.commitSeq <= (seqs.at(-1) ?? 0)) throw new Error('records out of order');
    seqs.push(record.commitSeq);
  };
  const contents = readLog(files, WAL, fromSeq, onRecord, (damage) => reports.push(damage));
  return { ...contents, seqs, reports };
}
