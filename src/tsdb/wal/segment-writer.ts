// One segment file while it is being written. Only the process that creates a segment ever writes to
// it, so there is no appending to what a crash has left behind.

import { join } from 'node:path';
import { errorMessage, systemErrorCode } from '../../runtime/error.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { segmentName } from '../filenames.ts';
import {
  encodeSegmentHeader,
  FORMAT_VERSION,
  MIN_READER_VERSION,
  SEGMENT_HEADER_BYTES,
  type SegmentIdentity,
  sealRecord,
  stampRecord,
} from './record.ts';

/** The disk is full and nothing has been written; a later write may succeed. */
export class DiskFull extends Error {}

// Only creating and writing may run into a full disk and go on. After a failed sync the system may
// have dropped the data and forgotten about it, whatever the error is called.
function diskFullOr(error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new DiskFull(errorMessage(error), { cause: error });
}

export class SegmentWriter {
  readonly firstSeq: number;
  /** Highest commitSeq written, `firstSeq - 1` while there is none. */
  lastSeq: number;
  readonly #files: FileSystem;
  readonly #fd: number;
  readonly #identity: SegmentIdentity;
  /** End of the last record that was written whole. */
  #offset = SEGMENT_HEADER_BYTES;
  /** Up to here the file is durable; ≤ `#offset`. */
  #syncedOffset = 0;

  private constructor(files: FileSystem, fd: number, identity: SegmentIdentity) {
    this.#files = files;
    this.#fd = fd;
    this.#identity = identity;
    this.firstSeq = identity.firstSeq;
    this.lastSeq = identity.firstSeq - 1;
  }

  /**
   * Creates the file and makes its name durable, so that a synced record can be found again. Throws
   * {@link DiskFull} or the file system's error.
   */
  static create(
    files: FileSystem,
    dir: string,
    shard: number,
    identity: SegmentIdentity,
  ): SegmentWriter {
    const path = join(dir, segmentName(shard, identity.firstSeq));
    const header = encodeSegmentHeader({
      ...identity,
      shard,
      formatVersion: FORMAT_VERSION,
      minReaderVersion: MIN_READER_VERSION,
    });
    const fd = createFile(files, path, header);
    try {
      files.syncDirectory(dir);
    } catch (error) {
      files.close(fd);
      throw error;
    }
    return new SegmentWriter(files, fd, identity);
  }

  get sizeBytes(): number {
    return this.#offset;
  }

  get isDirty(): boolean {
    return this.#syncedOffset < this.#offset;
  }

  /**
   * Writes laid-out records, which lie back to back in `bytes`. If it throws {@link DiskFull}, the
   * file is as before, durably: none of the records can ever come back. After any other error
   * nothing is known.
   */
  write(bytes: Uint8Array, records: readonly Uint8Array[], lastSeq: number): void {
    let offset = this.#offset;
    for (const record of records) {
      stampRecord(record, this.#identity, offset, this.#syncedOffset);
      offset += record.length;
    }
    this.#writeOrUndo(bytes);
    this.#offset = offset;
    this.lastSeq = lastSeq;
  }

  #writeOrUndo(bytes: Uint8Array): void {
    try {
      this.#files.write(this.#fd, bytes, this.#offset);
    } catch (error) {
      const reason = diskFullOr(error);
      if (reason instanceof DiskFull) {
        this.#files.truncate(this.#fd, this.#offset);
        this.#files.fdatasync(this.#fd);
        this.#syncedOffset = this.#offset;
      }
      throw reason;
    }
  }

  /** Makes everything written durable. If it throws, nothing about the file is known any more. */
  sync(): void {
    if (!this.isDirty) return;
    this.#files.fdatasync(this.#fd);
    this.#syncedOffset = this.#offset;
  }

  /**
   * Makes everything durable, marks the segment as complete and closes it. On a full disk it stays
   * without the mark, which costs the reader only some certainty about bit rot at its end.
   */
  finish(now: number): void {
    this.sync();
    try {
      const seal = sealRecord(this.#identity, this.#offset, this.lastSeq, now);
      this.#writeOrUndo(seal);
      this.#offset += seal.length;
      this.sync();
    } catch (error) {
      if (!(error instanceof DiskFull)) throw error;
    }
    this.#files.close(this.#fd);
  }

  /** Closes the file as it is, after a failure. */
  abandon(): void {
    try {
      this.#files.close(this.#fd);
    } catch {
      // The failure that led here is the one to report.
    }
  }
}

function createFile(files: FileSystem, path: string, header: Uint8Array): number {
  let fd: number | undefined;
  try {
    fd = files.open(path, 'create');
    files.write(fd, header, 0);
    return fd;
  } catch (error) {
    const reason = diskFullOr(error);
    if (fd !== undefined) {
      files.close(fd);
      if (reason instanceof DiskFull) removeQuietly(files, path);
    }
    throw reason;
  }
}

// What is left has no whole header, so readers pass it over; the next segment has another name.
function removeQuietly(files: FileSystem, path: string): void {
  try {
    files.unlink(path);
  } catch {}
}
