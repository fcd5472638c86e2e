// Replays the log after a start: every record that the manifests do not cover yet goes to the head, with
// the verdicts it was written with.

import { join } from 'node:path';
import { replaceFile } from '../runtime/atomic-file.ts';
import { errorMessage } from '../runtime/error.ts';
import { makeDurableDirectory } from '../runtime/file-system.ts';
import { renameRefs } from './committer.ts';
import type { TsdbDatabase } from './database.ts';
import type { Databases } from './databases.ts';
import { walDir, walQuarantineDir } from './filenames.ts';
import type { Flusher } from './flusher.ts';
import type { TimeJudge } from './ingest/time-judge.ts';
import type { ApplyCounts } from './ingest/write-columns.ts';
import type { WritePath } from './ingest/write-path.ts';
import type { TsdbOptions } from './options.ts';
import { SegmentScans } from './replay/segment-scans.ts';
import type { LogSegment } from './wal/log-writer.ts';
import { type LogDamage, readLogInSteps } from './wal/reader.ts';
import type { LogRecord } from './wal/record.ts';

export interface Recovered {
  /** The first commitSeq that was never used. */
  readonly nextSeq: number;
  readonly records: number;
  readonly segments: readonly LogSegment[];
}

export async function recover(
  options: TsdbOptions,
  databases: Databases,
  paths: WritePath,
  flusher: Flusher,
  judge: TimeJudge,
): Promise<Recovered> {
  const counts: ApplyCounts = { stored: 0, duplicates: 0, outOfOrder: 0 };
  let records = 0;
  let highestFlushed = 0;
  for (const { parts } of databases.all()) {
    highestFlushed = Math.max(highestFlushed, parts.flushedSeq);
    judge.sawReceived(parts.manifest.receivedUntil);
    for (const section of parts.manifest.sections) {
      highestFlushed = Math.max(highestFlushed, section.maxSeq);
    }
    // A tombstone hides what is older than its seq, so nothing may be written below it again.
    for (const { seq } of parts.tombstones) highestFlushed = Math.max(highestFlushed, seq - 1);
  }
  const byIncarnation = new Map([...databases.all()].map((db) => [db.incarnation, db]));

  /** The database that a record is still missing from. */
  const targetOf = (record: {
    incarnation: number;
    commitSeq: number;
  }): TsdbDatabase | undefined => {
    const database = byIncarnation.get(record.incarnation);
    const isMissing = database !== undefined && record.commitSeq > database.parts.flushedSeq;
    return isMissing ? database : undefined;
  };
  const scans = options.threads === 'worker' ? new SegmentScans(options, targetOf) : undefined;
  const apply = (record: LogRecord): void => {
    judge.sawReceived(record.receiveTime);
    const database = targetOf(record);
    if (database === undefined) return;
    try {
      const { registry } = paths;
      const columns = paths.replay(database.id, record.kind, record.body, scans?.ahead);
      const generation = flusher.activeFor(columns);
      if (generation.registry !== registry) {
        renameRefs(columns, database.id, registry, generation.registry);
      }
      columns.applyTo(generation.head, counts);
      database.metadataStore.put(columns.metadata);
      const { commitSeq, receiveTime } = record;
      generation.applied(database.id, commitSeq, receiveTime, options.clock.now());
      paths.recycle(columns);
      records++;
    } catch (error) {
      // Its checksum is right, so it was acknowledged: keep it for a person before the log is truncated.
      options.logger('error', 'a log record could not be replayed and was set aside', {
        path: keepRecord(options, record),
        error: errorMessage(error),
      });
    }
  };
  const report = (damage: LogDamage): void => {
    options.logger(damage.isTornTail ? 'info' : 'error', damage.message);
  };
  const wal = walDir(options.dataDir);
  const steps = readLogInSteps(options.fileSystem, wal, 0, apply, report, scans);
  try {
    let step = steps.next();
    while (step.done !== true) {
      scans?.ahead?.end();
      // Health checks and signals are answered between segments.
      await new Promise((resolve) => setImmediate(resolve));
      step = steps.next();
    }
    const { nextSeq, segments } = step.value;
    return { nextSeq: Math.max(highestFlushed + 1, nextSeq), records, segments };
  } finally {
    await scans?.ahead?.close();
  }
}

/** Writes a record's body beside the quarantined segments; its path. */
function keepRecord({ fileSystem, dataDir }: TsdbOptions, record: LogRecord): string {
  const folder = walQuarantineDir(walDir(dataDir));
  makeDurableDirectory(fileSystem, folder);
  const path = join(folder, `record-${record.commitSeq}-kind-${record.kind}.bin`);
  replaceFile(fileSystem, path, record.body);
  return path;
}
