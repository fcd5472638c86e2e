// The embedded engine: opens a data folder, joins log, head, parts and background work, closes again.

import type { Matcher } from '../model/matcher.ts';
import type { TimeRange } from '../model/time-range.ts';
import { errorMessage } from '../runtime/error.ts';
import { makeDurableDirectory } from '../runtime/file-system.ts';
import type { AdmissionLimits } from '../storage/admission.ts';
import {
  type DatabaseSettings,
  printDatabaseSettings,
  SETTINGS_DOCUMENT,
} from '../storage/database-settings.ts';
import { databaseNotFound, invalidDatabaseName, unavailable } from '../storage/errors.ts';
import {
  DEFAULT_DATABASE,
  type EncodedWrite,
  isDatabaseName,
  type Storage,
  type StorageStats,
  type WriteBatch,
  type WriteResult,
} from '../storage/interface.ts';
import { Committer } from './committer.ts';
import { acquireDataLock, type DataLock } from './data-lock.ts';
import { type Engine, SETTLING_MS, type TsdbDatabase } from './database.ts';
import { Databases } from './databases.ts';
import { readDocument, writeDocument } from './documents.ts';
import { withDiskFullNamed } from './errors.ts';
import { walDir } from './filenames.ts';
import { Flusher } from './flusher.ts';
import type { Generation } from './generation.ts';
import { TimeJudge } from './ingest/time-judge.ts';
import { type PreparedWrite, WritePath } from './ingest/write-path.ts';
import { InlineRunner, type JobRunner, WorkerRunner } from './maintenance/runner.ts';
import { Merger } from './merger.ts';
import { type TsdbOptions, withDefaults } from './options.ts';
import type { LiveParts } from './query/shared-view.ts';
import { recover } from './recovery.ts';
import { makeSnapshot, removeUnfinishedSnapshots } from './snapshot.ts';
import { Log } from './wal/log.ts';

/** Memory for log records on their way to the disk; untouched pages cost nothing. */
const LOG_RING_BYTES = 256 * 1024 * 1024;
/** How often background work is looked at, in ms. */
const TICK_MS = 1000;
/** A clean close gives the last flush this long; what it does not write stays in the log. */
const CLOSE_FLUSH_MS = 4500;

/**
 * Opens (or makes) a data folder and replays its log. Throws `conflict` TSDB_DATA_LOCKED if another
 * process uses it. Damage never refuses a start: it is set aside, logged and counted.
 */
export async function openTsdb(
  given: Partial<TsdbOptions> & Pick<TsdbOptions, 'dataDir'>,
): Promise<Tsdb> {
  const options = withDefaults(given);
  const { fileSystem, dataDir } = options;
  makeDurableDirectory(fileSystem, dataDir);
  const lock = options.threads === 'worker' ? await acquireDataLock(dataDir) : undefined;
  try {
    return await Tsdb.open(options, lock);
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

export class Tsdb implements Storage, Engine {
  readonly #options: TsdbOptions;
  readonly #lock: DataLock | undefined;
  readonly #judge: TimeJudge;
  readonly #paths: WritePath;
  readonly #flushRunner: JobRunner;
  readonly #mergeRunner: JobRunner;
  readonly #databases: Databases;
  readonly #flusher: Flusher;
  readonly #merger: Merger;
  /** Undefined during recovery. */
  #log!: Log;
  #committer!: Committer;
  #timer: NodeJS.Timeout | undefined;
  /** The log's size when the active generation began. */
  #logBytesAtFlip = 0;
  #isClosing = false;
  #closed: Promise<void> | undefined;
  #isDiskLow = false;
  /** Deletes and snapshots, one at a time. */
  #exclusive: Promise<unknown> = Promise.resolve();
  #replayedRecords = 0;
  #replayMs = 0;

  private constructor(options: TsdbOptions, lock: DataLock | undefined) {
    this.#options = options;
    this.#lock = lock;
    this.#judge = new TimeJudge(options.clock);
    const newRunner = (): JobRunner =>
      options.threads === 'worker' ? new WorkerRunner() : new InlineRunner(options.fileSystem);
    this.#flushRunner = newRunner();
    this.#mergeRunner = newRunner();
    this.#databases = new Databases(options, this);
    this.#flusher = new Flusher(options, this.#flushRunner, {
      databaseById: (id) => this.#databases.byId(id),
      registryRenewed: (registry) => {
        this.#paths.useRegistry(registry);
        for (const { gate } of this.#databases.all()) gate.settle(SETTLING_MS);
      },
      flipped: () => this.#flipped(),
      flushed: (maxSeq) => this.#flushed(maxSeq),
    });
    this.#paths = new WritePath(
      {
        maxCompressedBytes: options.maxCompressedBytes,
        maxDecodedBytes: options.maxDecodedBytes,
      },
      this.#judge,
      this.#flusher.active.registry,
      options.testing?.constantHash ? { hashMask: 0n } : undefined,
    );
    this.#merger = new Merger(options, this.#mergeRunner, () => this.#databases.all());
  }

  /** See {@link openTsdb}. */
  static async open(options: TsdbOptions, lock: DataLock | undefined): Promise<Tsdb> {
    const db = new Tsdb(options, lock);
    await db.#start();
    return db;
  }

  async #start(): Promise<void> {
    const options = this.#options;
    const startedAt = performance.now();
    this.#databases.openAll();
    removeUnfinishedSnapshots(options);
    const recovered = await recover(
      options,
      this.#databases,
      this.#paths,
      this.#flusher,
      this.#judge,
    );
    this.#replayedRecords = recovered.records;
    this.#log = await Log.open({
      dir: walDir(options.dataDir),
      sync: options.walSync,
      intervalMs: options.walSyncIntervalMs,
      segmentBytes: options.walSegmentBytes,
      firstSeq: recovered.nextSeq,
      threads: options.threads,
      fileSystem: options.fileSystem,
      segments: recovered.segments,
      // A record may have half of it: more than the canonical form of the largest body.
      ...(options.threads === 'worker' && { ringBytes: LOG_RING_BYTES }),
      onFatal: (error) => options.onFatal(error),
      pump: options.testing?.holdLog === undefined ? 'auto' : 'manual',
    });
    options.testing?.holdLog?.(() => this.#log.pump());
    this.#committer = new Committer(
      this.#log,
      this.#paths,
      {
        activeFor: (columns) => this.#flusher.activeFor(columns),
        applied: () => this.#flushIfDue(),
        now: () => options.clock.now(),
      },
      recovered.nextSeq,
    );
    this.#databases.ensureDefault();
    this.#replayMs = performance.now() - startedAt;
    if (recovered.records > 0) {
      options.logger('info', 'log replayed', {
        records: recovered.records,
        ms: Math.round(this.#replayMs),
      });
    }
    if (options.threads === 'worker') {
      this.#timer = setInterval(() => this.tick(), TICK_MS);
      this.#timer.unref();
    }
  }

  // ——— Storage ———

  databaseNames(): string[] {
    return this.#databases.names();
  }

  database(name: string): TsdbDatabase | undefined {
    return this.#databases.get(name);
  }

  async createDatabase(name: string): Promise<boolean> {
    if (!isDatabaseName(name)) throw invalidDatabaseName(name);
    this.#assertOpen();
    try {
      return this.#databases.create(name);
    } catch (error) {
      throw withDiskFullNamed(error);
    }
  }

  async dropDatabase(name: string): Promise<boolean> {
    this.#assertOpen();
    const database = this.#databases.get(name);
    if (database === undefined) return false;
    this.#databases.drop(database);
    for (const { registry } of this.#flusher.generations()) registry.dropDatabase(database.id);
    if (name === DEFAULT_DATABASE) this.#databases.create(name);
    return true;
  }

  snapshot(): Promise<string> {
    return this.#exclusively(async () => {
      await this.#flusher.flushAll();
      return makeSnapshot(this.#options, this.#databases.all());
    });
  }

  cleanTombstones(): Promise<void> {
    return this.#exclusively(() => this.#merger.cleanTombstones());
  }

  flush(): Promise<void> {
    this.#assertOpen();
    return this.#flusher.flushAll();
  }

  merge(): Promise<void> {
    this.#assertOpen();
    return this.#merger.runNow();
  }

  stats(): StorageStats {
    const { counts } = this.#committer;
    const generations = this.#flusher.generations();
    const sum = (of: (generation: Generation) => number): number =>
      generations.reduce((total, generation) => total + of(generation), 0);
    let sections = 0;
    let partBytes = 0;
    let partSamples = 0;
    let tombstones = 0;
    let quarantined = 0;
    for (const { parts } of this.#databases.all()) {
      sections += parts.sections.length;
      tombstones += parts.tombstones.length;
      quarantined += parts.quarantined;
      for (const { entry } of parts.sections) {
        partBytes += entry.bytes;
        partSamples += entry.samples;
      }
    }
    return {
      counters: {
        samplesStored: counts.stored,
        samplesDuplicate: counts.duplicates + this.#flusher.duplicates,
        samplesOverwritten: this.#flusher.overwritten,
        samplesOutOfOrder: counts.outOfOrder,
        flushes: this.#flusher.flushes,
        flushFailures: this.#flusher.failures,
        merges: this.#merger.merges,
        mergeFailures: this.#merger.failures,
        partsQuarantined: quarantined,
        logRecordsReplayed: this.#replayedRecords,
      },
      gauges: {
        headSamples: sum(({ head }) => head.sampleCount()),
        headSeries: this.#flusher.active.head.seriesCount(),
        headBytes: sum(({ head }) => head.usedBytes()),
        registrySeries: this.#flusher.active.registry.seriesCount,
        registryBytes: this.#flusher.active.registry.bytes(),
        logBytes: this.#log.sizeBytes(),
        logSyncAlways: this.#options.walSync === 'always' ? 1 : 0,
        logReplaySeconds: this.#replayMs / 1000,
        pendingWrites: this.#committer.pendingWrites,
        databases: this.#databases.names().length,
        sections,
        partBytes,
        partSamples,
        tombstones,
        diskLow: this.#isDiskLow ? 1 : 0,
      },
    };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  // ——— Engine ———

  generations(): readonly Generation[] {
    return this.#flusher.generations();
  }

  unpinned(generation: Generation): void {
    this.#flusher.unpinned(generation);
  }

  get limits(): AdmissionLimits {
    return this.#options.limits;
  }

  monotonic(): number {
    return this.#options.clock.monotonic();
  }

  retentionStart(retentionMs: number): number {
    return retentionMs > 0 ? this.#judge.earliest() - retentionMs : Number.NEGATIVE_INFINITY;
  }

  liveParts(): LiveParts {
    return this.#databases.liveParts();
  }

  async writeEncoded(database: TsdbDatabase, body: EncodedWrite): Promise<WriteResult> {
    this.#assertTakesWrites(database);
    return this.#commit(database, this.#paths.prepareEncoded(database.id, body, database.rules));
  }

  async writeBatch(database: TsdbDatabase, batch: WriteBatch): Promise<WriteResult> {
    this.#assertTakesWrites(database);
    return this.#commit(database, this.#paths.prepareBatch(database.id, batch, database.rules));
  }

  #commit(database: TsdbDatabase, write: PreparedWrite): Promise<WriteResult> {
    const { columns, result } = write;
    try {
      database.gate.admitSamples(result.samplesWritten + result.histogramsWritten);
    } catch (error) {
      this.#paths.recycle(columns);
      throw error;
    }
    return this.#committer.commit(database, write);
  }

  writeSettings(database: TsdbDatabase, settings: DatabaseSettings): Promise<void> {
    this.#assertOpen();
    return this.#exclusively(async () => {
      if (database.isDropped) throw databaseNotFound(database.name);
      const { fileSystem } = this.#options;
      const text = printDatabaseSettings(settings);
      writeDocument(fileSystem, database.parts.dir, SETTINGS_DOCUMENT, text);
      database.adopt(settings);
    });
  }

  readDocument(database: TsdbDatabase, name: string): string | undefined {
    const { fileSystem, logger } = this.#options;
    const found = readDocument(fileSystem, database.parts.dir, name);
    if (found.text !== undefined) return found.text;
    if (found.problem !== undefined) {
      const { problem } = found;
      logger('error', 'document is damaged', { database: database.name, name, problem });
    }
    return undefined;
  }

  writeDocument(database: TsdbDatabase, name: string, text: string): Promise<void> {
    this.#assertOpen();
    return this.#exclusively(async () => {
      if (database.isDropped) throw databaseNotFound(database.name);
      writeDocument(this.#options.fileSystem, database.parts.dir, name, text);
    });
  }

  /**
   * Everything applied so far goes to parts, then a tombstone just above its last commitSeq hides the
   * samples. One manifest write makes it durable: a crash before leaves them, after hides them.
   */
  deleteSamples(
    database: TsdbDatabase,
    selectors: readonly (readonly Matcher[])[],
    range: TimeRange,
  ): Promise<void> {
    this.#assertOpen();
    return this.#exclusively(async () => {
      // A seq of its own, so that "cleaned up to seq" tells two deletes apart.
      const isTaken = (): boolean => database.parts.highestDeleteSeq > this.#committer.appliedSeq;
      while (isTaken() && this.#committer.pendingWrites > 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (isTaken()) this.#committer.skip();
      const seq = this.#committer.appliedSeq + 1;
      const addTombstones = selectors.map((matchers) => ({ ...range, seq, matchers }));
      // In the step that publishes the last older samples: a merge must not join them with newer ones
      // before the tombstone is there.
      await this.#flusher.flushAll(() => {
        database.parts.publish({ addTombstones });
        database.changeLog?.markAll();
      });
    });
  }

  // ——— Background ———

  /** One look at what is due; a timer calls it, with `inline` the test. */
  tick(): void {
    this.#checkDisk();
    this.#flushIfDue();
    this.#expire();
    this.#merger.run().catch((error: unknown) => this.#warn('merging stopped', error));
  }

  #expire(): void {
    try {
      this.#merger.expire(this.#judge.isTrustworthy());
    } catch (error) {
      this.#options.logger('error', 'retention failed, will try again', {
        error: errorMessage(error),
      });
    }
  }

  #flushIfDue(): void {
    this.#flusher.flushIfDue(this.#log.sizeBytes() - this.#logBytesAtFlip);
  }

  #flipped(): void {
    const [frozen] = this.#flusher.generations().slice(-2);
    for (const database of this.#databases.all()) database.activeSeries.flipped(frozen!);
    // During recovery there is no log yet: its old segments go with the next flush.
    if (this.#log === undefined) return;
    this.#logBytesAtFlip = this.#log.sizeBytes();
    // A segment of its own for the next generation, so that this one's can go with its flush.
    this.#log.roll().catch((error: unknown) => this.#warn('log segment was not closed', error));
  }

  #flushed(maxSeq: number): void {
    if (this.#log === undefined) return;
    const before = this.#log.sizeBytes();
    this.#log
      .truncate(maxSeq)
      .then(() => {
        this.#logBytesAtFlip -= before - this.#log.sizeBytes();
      })
      .catch((error: unknown) => this.#warn('old log segments could not be removed', error));
  }

  #warn(message: string, error: unknown): void {
    this.#options.logger('warn', message, { error: errorMessage(error) });
  }

  #checkDisk(): void {
    const { minFreeBytes, fileSystem, dataDir, logger } = this.#options;
    if (minFreeBytes === 0) return;
    let isLow: boolean;
    try {
      isLow = fileSystem.freeBytes(dataDir) < minFreeBytes;
    } catch (error) {
      this.#warn('free space could not be read', error);
      return;
    }
    if (isLow && !this.#isDiskLow) {
      logger('error', 'disk is nearly full: writes are answered 503', { path: dataDir });
    } else if (!isLow && this.#isDiskLow) {
      logger('info', 'disk has room again: writes are taken', { path: dataDir });
    }
    this.#isDiskLow = isLow;
  }

  #assertTakesWrites(database: TsdbDatabase): void {
    this.#assertOpen();
    if (database.isDropped) throw databaseNotFound(database.name);
    if (this.#isDiskLow) {
      throw unavailable(
        'TSDB_DISK_LOW',
        `less than ${this.#options.minFreeBytes} bytes are free in ${this.#options.dataDir}: free some space or shorten the retention`,
      );
    }
    database.admitToDisk();
    this.#flusher.assertKeepsUp();
  }

  #assertOpen(): void {
    if (this.#isClosing) throw unavailable('TSDB_CLOSING', 'the store is shutting down');
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#exclusive.then(work).catch((error: unknown) => {
      throw withDiskFullNamed(error);
    });
    this.#exclusive = done.catch(() => {});
    return done;
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#timer);
    this.#merger.close();
    await this.#committer.idle();
    const timeout = new Promise<'timeout'>((resolve) => {
      setTimeout(() => resolve('timeout'), CLOSE_FLUSH_MS).unref();
    });
    const flushed = this.#flusher.flushAll().catch((error: unknown) => {
      this.#options.logger('warn', 'last flush failed; the data stays in the log', {
        error: errorMessage(error),
      });
    });
    if ((await Promise.race([flushed, timeout])) === 'timeout') {
      this.#options.logger('warn', 'last flush takes too long; the data stays in the log');
    }
    this.#flusher.close();
    await this.#mergeRunner.close();
    await this.#flushRunner.close();
    await this.#log.close();
    this.#databases.close();
    await this.#lock?.release();
  }
}
