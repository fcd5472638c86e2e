// The one order of everything: gives each write its commitSeq, has the log make it durable, and applies
// it to the active generation. Log answers arrive in commitSeq order, so writes are applied in it.

import { AppError } from '../runtime/error.ts';
import { databaseNotFound, unavailable } from '../storage/errors.ts';
import type { WriteResult } from '../storage/interface.ts';
import type { TsdbDatabase } from './database.ts';
import type { Generation } from './generation.ts';
import type { SeriesRegistry } from './index/series-registry.ts';
import type { ApplyCounts, WriteColumns } from './ingest/write-columns.ts';
import { PARSER_VERSION, type PreparedWrite, type WritePath } from './ingest/write-path.ts';
import type { Log } from './wal/log.ts';

/** What the committer needs of the engine around it. */
export interface CommitTarget {
  /** The generation to apply to, with room for the write. */
  activeFor(columns: WriteColumns): Generation;
  /** Called after each applied write. */
  applied(): void;
  now(): number;
}

/** Bytes of records on their way to the disk; past this, senders are asked to come again. */
const MAX_PENDING_BYTES = 128 * 1024 * 1024;

export class Committer {
  readonly counts: ApplyCounts = { stored: 0, duplicates: 0, outOfOrder: 0 };
  readonly #log: Log;
  readonly #paths: WritePath;
  readonly #target: CommitTarget;
  #nextSeq: number;
  #appliedSeq: number;
  #pendingBytes = 0;
  #pendingWrites = 0;
  #whenIdle: (() => void)[] = [];

  constructor(log: Log, paths: WritePath, target: CommitTarget, nextSeq: number) {
    this.#log = log;
    this.#paths = paths;
    this.#target = target;
    this.#nextSeq = nextSeq;
    this.#appliedSeq = nextSeq - 1;
  }

  /** The last commitSeq that is visible. */
  get appliedSeq(): number {
    return this.#appliedSeq;
  }

  get pendingWrites(): number {
    return this.#pendingWrites;
  }

  /** Resolves when the write is durable and visible. Takes the prepared buffers over. */
  commit(database: TsdbDatabase, write: PreparedWrite): Promise<WriteResult> {
    const { columns, recordBody, result } = write;
    if (columns.rows === 0 && columns.extras.length === 0 && columns.metadata.length === 0) {
      this.#paths.recycle(columns);
      return Promise.resolve(result);
    }
    if (this.#pendingBytes > MAX_PENDING_BYTES) {
      this.#paths.recycle(columns);
      throw unavailable(
        'TSDB_OVERLOADED',
        `${this.#pendingBytes} bytes wait for the disk, the most is ${MAX_PENDING_BYTES}`,
      );
    }
    const commitSeq = this.#nextSeq++;
    const size = recordBody.length;
    this.#pendingBytes += size;
    this.#pendingWrites++;
    return this.#log
      .append({
        kind: write.recordKind,
        parserVersion: PARSER_VERSION,
        incarnation: database.incarnation,
        commitSeq,
        receiveTime: this.#target.now(),
        rejected: NONE_REJECTED,
        body: recordBody,
      })
      .then(() => {
        this.#apply(database, write, commitSeq);
        return result;
      })
      .finally(() => {
        this.#pendingBytes -= size;
        this.#pendingWrites--;
        this.#paths.recycle(columns);
        if (this.#pendingWrites === 0) for (const wake of this.#whenIdle.splice(0)) wake();
      });
  }

  /** Uses up a commitSeq without a record. No write may be pending. */
  skip(): void {
    this.#appliedSeq = this.#nextSeq++;
  }

  /** Resolves once no write is between its log record and its visibility. */
  idle(): Promise<void> {
    if (this.#pendingWrites === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #apply(database: TsdbDatabase, write: PreparedWrite, commitSeq: number): void {
    if (commitSeq <= this.#appliedSeq) {
      throw new AppError(
        'internal',
        'TSDB_COMMIT_ORDER',
        `commit ${commitSeq} came after ${this.#appliedSeq}`,
      );
    }
    this.#appliedSeq = commitSeq;
    if (database.isDropped) throw databaseNotFound(database.name);
    const { columns } = write;
    const generation = this.#target.activeFor(columns);
    if (generation.registry !== write.registry) {
      renameRefs(columns, database.id, write.registry, generation.registry);
    }
    columns.applyTo(generation.head, this.counts);
    columns.logTo(database.changeLog, generation.registry.metricClasses);
    database.metadataStore.put(columns.metadata);
    const now = this.#target.now();
    generation.applied(database.id, commitSeq, now, now);
    this.#target.applied();
  }
}

const NONE_REJECTED = new Uint32Array(0);

/** The registry was renewed between preparing and applying: name the series in the new one. */
export function renameRefs(
  columns: WriteColumns,
  dbId: number,
  from: SeriesRegistry,
  to: SeriesRegistry,
): void {
  const renamed = (ref: number): number => to.register(dbId, from.labels(ref));
  for (let i = 0; i < columns.rows; i++) columns.refs[i] = renamed(columns.refs[i]!);
  columns.extras.forEach((op, i) => {
    columns.extras[i] = { ...op, ref: renamed(op.ref) };
  });
}
