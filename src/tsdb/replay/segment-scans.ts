// Decides what is scanned ahead: remote-write 1.0 bodies that replay will want, of segments that are worth a thread.

import type { TsdbOptions } from '../options.ts';
import type { SegmentHooks } from '../wal/reader.ts';
import { outlineRecords, RecordKind, type RecordOutline } from '../wal/record.ts';
import { ScanAhead, startScanThread } from './scan-ahead.ts';
import type { BodyPlace } from './scan-job.ts';

/** From a segment of this size on, the thread saves more than its start costs. */
const SCAN_AHEAD_FROM_BYTES = 8 * 1024 * 1024;

/** A database, as far as scans are concerned. */
interface ScanTarget {
  readonly id: number;
}

/** Has the bodies of large segments scanned ahead by a thread. */
export class SegmentScans implements SegmentHooks {
  /** Undefined until there is a large segment. */
  ahead: ScanAhead | undefined;
  readonly #options: TsdbOptions;
  /** The database that a record is still missing from. */
  readonly #targetOf: (record: RecordOutline) => ScanTarget | undefined;

  constructor(options: TsdbOptions, targetOf: (record: RecordOutline) => ScanTarget | undefined) {
    this.#options = options;
    this.#targetOf = targetOf;
  }

  newBuffer(sizeBytes: number): Uint8Array {
    return new Uint8Array(new SharedArrayBuffer(sizeBytes));
  }

  read(bytes: Uint8Array): void {
    if (this.ahead === undefined && bytes.length < SCAN_AHEAD_FROM_BYTES) return;
    this.ahead ??= this.#start();
    const { maxCompressedBytes } = this.#options;
    const places: BodyPlace[] = [];
    for (const record of outlineRecords(bytes)) {
      const { kind, offset, length } = record;
      if (kind !== RecordKind.remoteWrite1 || length > maxCompressedBytes) continue;
      const database = this.#targetOf(record);
      if (database !== undefined) places.push({ dbId: database.id, offset, length });
    }
    this.ahead.begin(bytes, places);
  }

  #start(): ScanAhead {
    const { maxCompressedBytes, maxDecodedBytes, logger } = this.#options;
    const thread = startScanThread({ maxCompressedBytes, maxDecodedBytes }, (error) =>
      logger('warn', 'the thread that scans ahead of the replay has ended', { error }),
    );
    return new ScanAhead(thread);
  }
}
