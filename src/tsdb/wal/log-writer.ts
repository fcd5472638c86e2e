// The log's writer: takes entries from the ring, writes whatever has gathered in one go, syncs once
// (group commit), and says how many entries that settled. Synchronous and alone on its thread; the
// tests run the same code without one.

import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../../runtime/clock.ts';
import { errorMessage, systemErrorCode } from '../../runtime/error.ts';
import { type FileSystem, makeDurableDirectory } from '../../runtime/file-system.ts';
import { segmentName } from '../filenames.ts';
import { commitSeqOf, SEGMENT_HEADER_BYTES } from './record.ts';
import { EntryType, type RingConsumer, type RingEntry } from './ring.ts';
import { DiskFull, SegmentWriter } from './segment-writer.ts';

/** A segment that nobody writes to any more. */
export interface LogSegment {
  readonly shard: number;
  readonly firstSeq: number;
  /** No record in it has a higher commitSeq. */
  readonly lastSeq: number;
  readonly bytes: number;
}

/** Why entries were not carried out. Plain, because it crosses threads. */
export interface LogFailure {
  /** `diskFull`: not in the log, later ones may succeed. `fatal`: the log is at its end. `refused`: a command failed, the log goes on. */
  readonly kind: 'diskFull' | 'fatal' | 'refused';
  readonly message: string;
  /** The system error's code, '' if there is none. */
  readonly code: string;
}

/** What became of the oldest entries not yet settled, and the log's figures after it. */
export interface Completion {
  /** How many entries it settles, all in the same way; 0 for a failure outside of any. */
  readonly entries: number;
  readonly failure: LogFailure | undefined;
  /** True once the close command has been carried out. */
  readonly closed: boolean;
  readonly sizeBytes: number;
  /** First commitSeq of the oldest segment, 0 if there is none. */
  readonly oldestSeq: number;
  /** How many syncs there have been, and how long they took in all. */
  readonly syncs: number;
  readonly syncMs: number;
}

export interface LogWriterOptions {
  readonly dir: string;
  readonly shard: number;
  readonly sync: 'always' | 'interval';
  /** With `interval`: the longest time between a write and its sync, in ms. */
  readonly intervalMs: number;
  /** A segment that would pass this is closed and a new one begun. */
  readonly segmentBytes: number;
  /** What the reader found. */
  readonly segments: readonly LogSegment[];
}

/** The first message of a writer on a thread of its own: the folder is there. */
export const LOG_WRITER_READY = 'ready';

/** Longest stretch written at once, unless a single record is longer: answers should keep flowing. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

/** 48 random bits: what the operating system's generator gives in one number. */
function randomSegmentId(): number {
  return randomInt(1, 2 ** 48 - 1);
}

export class LogWriter {
  readonly #options: LogWriterOptions;
  readonly #ring: RingConsumer;
  readonly #files: FileSystem;
  readonly #clock: Clock;
  readonly #newSegmentId: () => number;
  /** Closed segments, oldest first. */
  #segments: LogSegment[];
  #segment: SegmentWriter | undefined;
  #failure: LogFailure | undefined;
  #closed = false;
  /** When the oldest unsynced write happened (monotonic ms); only in interval mode. */
  #dirtySince: number | undefined;
  #syncs = 0;
  #syncMs = 0;

  /** Makes the folder if need be; throws the file system's error. */
  constructor(
    options: LogWriterOptions,
    ring: RingConsumer,
    files: FileSystem,
    clock: Clock,
    newSegmentId: () => number = randomSegmentId,
  ) {
    this.#options = options;
    this.#ring = ring;
    this.#files = files;
    this.#clock = clock;
    this.#newSegmentId = newSegmentId;
    this.#segments = options.segments.toSorted((a, b) => a.firstSeq - b.firstSeq);
    makeDurableDirectory(files, options.dir);
  }

  /** Carries out what is next in the ring; undefined if there is nothing to do. Never throws. */
  step(): Completion | undefined {
    const entry = this.#ring.peek();
    if (entry === undefined) return this.#syncIfDue();
    if (entry.type === EntryType.record) return this.#writeBatch(entry);
    const argument = this.#ring.argument(entry);
    this.#ring.advance(entry);
    this.#ring.release();
    // Closing happens even if it fails: there is nothing else left to do.
    if (entry.type === EntryType.close) this.#closed = true;
    return this.#attempt(1, () => this.#command(entry.type, argument));
  }

  /** How long `step` may be left uncalled while the ring is empty. */
  msUntilSync(): number {
    if (this.#dirtySince === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#dirtySince + this.#options.intervalMs - this.#clock.monotonic());
  }

  #writeBatch(first: RingEntry): Completion {
    const { entries, bytes } = this.#gather(first);
    const completion = this.#attempt(entries.length, () => {
      const firstSeq = commitSeqOf(entries[0]!);
      const lastSeq = commitSeqOf(entries.at(-1)!);
      this.#segment ??= this.#newSegment(firstSeq);
      this.#segment.write(bytes, entries, lastSeq);
      this.#dirtySince ??= this.#clock.monotonic();
      if (this.#options.sync === 'always' || this.msUntilSync() === 0) this.#sync();
    });
    this.#ring.release();
    return completion;
  }

  // As many records as lie back to back in the ring and fit into the segment; at least one.
  #gather(first: RingEntry): { entries: Uint8Array[]; bytes: Uint8Array } {
    const size = this.#segment?.sizeBytes ?? SEGMENT_HEADER_BYTES;
    const fits = size + first.bytes.length <= this.#options.segmentBytes;
    if (!fits && size > SEGMENT_HEADER_BYTES) this.#attempt(0, () => this.#roll());
    const used = this.#segment?.sizeBytes ?? SEGMENT_HEADER_BYTES;
    const limit = Math.min(MAX_BATCH_BYTES, this.#options.segmentBytes - used);

    const { buffer, byteOffset: start } = first.bytes;
    const entries: Uint8Array[] = [];
    let length = 0;
    let next: RingEntry | undefined = first;
    do {
      entries.push(next.bytes);
      length += next.bytes.length;
      this.#ring.advance(next);
      next = this.#ring.peek();
    } while (
      next !== undefined &&
      next.type === EntryType.record &&
      next.bytes.byteOffset === start + length &&
      length + next.bytes.length <= limit
    );
    return { entries, bytes: new Uint8Array(buffer, start, length) };
  }

  #command(type: EntryType, argument: number): void {
    if (type === EntryType.truncate) this.#truncate(argument);
    else if (type === EntryType.roll || type === EntryType.close) this.#roll();
  }

  #syncIfDue(): Completion | undefined {
    if (this.#closed || this.#failure !== undefined || this.msUntilSync() > 0) return undefined;
    return this.#attempt(0, () => this.#sync());
  }

  // Does some work for `entries` entries, unless the log has failed, and reports how it went.
  #attempt(entries: number, work: () => void): Completion {
    let failure = this.#failure;
    if (failure === undefined) {
      try {
        work();
      } catch (error) {
        failure = this.#judge(error);
      }
    }
    return {
      entries,
      failure,
      closed: this.#closed,
      sizeBytes: this.#sizeBytes(),
      oldestSeq: (this.#segments[0] ?? this.#segment)?.firstSeq ?? 0,
      syncs: this.#syncs,
      syncMs: this.#syncMs,
    };
  }

  // A full disk and a refused command are passing; after any other error the state of the file is
  // unknown (a failed sync may have dropped the data, and would succeed the next time).
  #judge(error: unknown): LogFailure {
    const code = systemErrorCode(error) ?? '';
    const message = errorMessage(error);
    if (error instanceof CommandRefused) return { kind: 'refused', message, code };
    if (error instanceof DiskFull) return { kind: 'diskFull', message, code };
    this.#failure = { kind: 'fatal', message, code };
    this.#segment?.abandon();
    return this.#failure;
  }

  #newSegment(firstSeq: number): SegmentWriter {
    const identity = { firstSeq, segmentId: this.#newSegmentId() };
    return SegmentWriter.create(this.#files, this.#options.dir, this.#options.shard, identity);
  }

  #sync(): void {
    if (this.#segment?.isDirty) {
      const started = this.#clock.monotonic();
      this.#segment.sync();
      this.#syncs++;
      this.#syncMs += this.#clock.monotonic() - started;
    }
    this.#dirtySince = undefined;
  }

  #roll(): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#sync();
    segment.finish(this.#clock.now());
    this.#segment = undefined;
    this.#segments.push({
      shard: this.#options.shard,
      firstSeq: segment.firstSeq,
      lastSeq: segment.lastSeq,
      bytes: segment.sizeBytes,
    });
  }

  // A removal that a power cut undoes does no harm: replay skips what has been flushed.
  #truncate(seq: number): void {
    const kept: LogSegment[] = [];
    let refusal: CommandRefused | undefined;
    for (const segment of this.#segments) {
      if (segment.lastSeq > seq) {
        kept.push(segment);
        continue;
      }
      const path = join(this.#options.dir, segmentName(segment.shard, segment.firstSeq));
      try {
        this.#files.unlink(path);
      } catch (error) {
        if (systemErrorCode(error) === 'ENOENT') continue;
        kept.push(segment);
        refusal = new CommandRefused(`cannot remove ${path}: ${errorMessage(error)}`);
      }
    }
    this.#segments = kept;
    if (refusal !== undefined) throw refusal;
  }

  #sizeBytes(): number {
    let sum = this.#segment?.sizeBytes ?? 0;
    for (const segment of this.#segments) sum += segment.bytes;
    return sum;
  }
}

/** A command that could not be carried out although the log is sound. */
class CommandRefused extends Error {}
