// Replays the log after a start: every record that the manifests do not cover yet goes to the head, with
// the verdicts it was written with.

import { errorMessage } from '../runtime/error.ts';
import type { Databases } from './databases.ts';
import { walDir } from './filenames.ts';
import type { Flusher } from './flusher.ts';
import type { TimeJudge } from './ingest/time-judge.ts';
import type { ApplyCounts } from './ingest/write-columns.ts';
import type { WritePath } from './ingest/write-path.ts';
import type { TsdbOptions } from './options.ts';
import type { LogSegment } from './wal/log-writer.ts';
import { readLog } from './wal/reader.ts';
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
    for (const section of parts.manifest.sections) {
      highestFlushed = Math.max(highestFlushed, section.maxSeq);
    }
    // A tombstone hides what is older than its seq, so nothing may be written below it again.
    for (const { seq } of parts.tombstones) highestFlushed = Math.max(highestFlushed, seq - 1);
  }
  const byIncarnation = new Map([...databases.all()].map((db) => [db.incarnation, db]));

  const apply = (record: LogRecord): void => {
    judge.sawReceived(record.receiveTime);
    const database = byIncarnation.get(record.incarnation);
    if (database === undefined || record.commitSeq <= database.parts.flushedSeq) return;
    try {
      const columns = paths.replay(database.id, record.kind, record.body);
      columns.applyTo(flusher.activeFor(columns).head, counts);
      database.metadataStore.put(columns.metadata);
      flusher.active.applied(database.id, record.commitSeq, options.clock.now());
      paths.recycle(columns);
      records++;
    } catch (error) {
      // Its CRC is right, so it is what was acknowledged; keep the segment for a person to look at.
      options.logger('error', 'a log record could not be replayed', {
        commitSeq: record.commitSeq,
        error: errorMessage(error),
      });
    }
  };
  const read = readLog(options.fileSystem, walDir(options.dataDir), 0, apply, (damage) =>
    options.logger('error', 'the log is damaged', { ...damage }),
  );
  return {
    nextSeq: Math.max(highestFlushed + 1, read.nextSeq),
    records,
    segments: read.segments,
  };
}
