// Generations: which one takes writes, when it is frozen, and how frozen ones become parts.

import { errorMessage } from '../runtime/error.ts';
import type { FileSystem } from '../runtime/file-system.ts';
import { unavailable } from '../storage/errors.ts';
import type { TsdbDatabase } from './database.ts';
import { Generation } from './generation.ts';
import type { HeadMemory } from './head/head-memory.ts';
import { SeriesRegistry } from './index/series-registry.ts';
import type { WriteColumns } from './ingest/write-columns.ts';
import type { FlushTarget } from './maintenance/flush.ts';
import type { JobRunner } from './maintenance/runner.ts';
import type { TsdbOptions } from './options.ts';
import type { ManifestChange } from './part-set.ts';
import type { PartInfo } from './partition/part-writer.ts';

/** A registry is renewed when it holds this many times the series that are alive. */
const STALE_REGISTRY_RATIO = 2;
const STALE_REGISTRY_MIN_SERIES = 10_000;
/** Frozen generations that may wait for the disk before writers are asked to come again. */
const MAX_FROZEN = 2;
/** Wait after a flush that failed (a full disk), in ms. */
const RETRY_MS = 2000;

export interface FlusherHooks {
  /** A database that is still there, by its id. */
  databaseById(id: number): TsdbDatabase | undefined;
  /** The active generation names its series by another registry from now on. */
  registryRenewed(registry: SeriesRegistry): void;
  /** A generation was frozen: what is written from now on belongs to the next. */
  flipped(): void;
  /** All data up to this commitSeq is in parts. */
  flushed(maxSeq: number): void;
}

interface FlushWaiter {
  readonly generation: Generation;
  readonly whenPublished: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Flusher {
  readonly #options: TsdbOptions;
  readonly #fs: FileSystem;
  readonly #runner: JobRunner;
  readonly #hooks: FlusherHooks;
  #active: Generation;
  /** Oldest first. */
  #frozen: Generation[] = [];
  #spare: HeadMemory | undefined;
  #running: Promise<void> | undefined;
  #waiting: FlushWaiter[] = [];
  /** Ends the wait before the next attempt. */
  #retryNow: () => void = () => {};
  #isClosed = false;
  flushes = 0;
  /** Writes out of order that replaced or repeated another, found when flushing. */
  overwritten = 0;
  duplicates = 0;
  failures = 0;

  constructor(options: TsdbOptions, runner: JobRunner, hooks: FlusherHooks) {
    this.#options = options;
    this.#fs = options.fileSystem;
    this.#runner = runner;
    this.#hooks = hooks;
    this.#active = new Generation(this.#newRegistry());
  }

  get active(): Generation {
    return this.#active;
  }

  /** All generations with unflushed data, oldest first, and the active one last. */
  generations(): readonly Generation[] {
    return this.#frozen.length === 0 ? [this.#active] : [...this.#frozen, this.#active];
  }

  /** The active generation, after a flip if the present one has no room for the write. */
  activeFor(columns: WriteColumns): Generation {
    if (this.#hasRoomFor(columns)) return this.#active;
    this.flip();
    if (this.#hasRoomFor(columns)) return this.#active;
    throw unavailable(
      'TSDB_HEAD_TOO_SMALL',
      `a write of ${columns.rows} samples does not fit into memory: send smaller requests`,
    );
  }

  /** Throws 503 while flushes are so far behind that memory would not bound. */
  assertKeepsUp(): void {
    if (
      this.#frozen.length >= MAX_FROZEN &&
      this.#active.head.usedBytes() > this.#options.headMaxBytes
    ) {
      throw unavailable(
        'TSDB_FLUSH_BEHIND',
        `${this.#frozen.length} generations wait to be written to disk; is the disk full or slow?`,
      );
    }
  }

  /** Starts a flush if the head is big enough or old enough. */
  flushIfDue(logBytesSinceFlip: number): void {
    if (this.#frozen.length > 0) this.#start();
    if (this.#active.isEmpty() || this.#frozen.length >= MAX_FROZEN) return;
    const age = this.#options.clock.now() - this.#active.firstAppliedAt;
    const isDue =
      logBytesSinceFlip > this.#options.walMaxBytes ||
      this.#active.head.usedBytes() > this.#options.headMaxBytes ||
      age > this.#options.flushIntervalMs;
    if (!isDue) return;
    this.flip();
    this.#start();
  }

  /** Freezes the active generation and begins the next; nothing happens to an empty one. */
  flip(): void {
    if (this.#active.isEmpty()) return;
    const old = this.#active;
    const alive = old.head.seriesCount();
    const isStale =
      old.registry.seriesCount > STALE_REGISTRY_MIN_SERIES &&
      old.registry.seriesCount > alive * STALE_REGISTRY_RATIO;
    const registry = isStale ? this.#newRegistry() : old.registry;
    // May throw where address space is short: then nothing has changed yet.
    const next = new Generation(registry, this.#spare);
    this.#spare = undefined;
    old.head.freeze();
    this.#frozen.push(old);
    this.#active = next;
    if (isStale) this.#hooks.registryRenewed(registry);
    this.#hooks.flipped();
  }

  /**
   * Writes everything that is in memory now to parts. `whenPublished` runs in the same step in which
   * the last of it is published: no merge has seen it yet. Rejects after one failed attempt; the data
   * stays in memory and in the log, and background work goes on trying.
   */
  async flushAll(whenPublished: () => void = () => {}): Promise<void> {
    this.flip();
    const last = this.#frozen.at(-1);
    if (last === undefined) {
      whenPublished();
      return;
    }
    const published = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ generation: last, whenPublished, resolve, reject });
    });
    this.#start();
    this.#retryNow();
    await published;
  }

  /** A querier has let a generation go. */
  unpinned(generation: Generation): void {
    if (generation.pins > 0 || this.generations().includes(generation)) return;
    this.#recycle(generation);
  }

  /** Stops retrying. */
  close(): void {
    this.#isClosed = true;
    this.#failWaiting(unavailable('TSDB_CLOSING', 'the store is shutting down'));
  }

  #newRegistry(): SeriesRegistry {
    return new SeriesRegistry(this.#options.testing?.constantHash ? 0 : undefined);
  }

  #hasRoomFor({ rows, extras, payloadBytes }: WriteColumns): boolean {
    const { head, registry } = this.#active;
    return head.canTake(rows + extras.length, payloadBytes, registry.seriesCount);
  }

  #start(): void {
    this.#running ??= this.#flushUntilDone().finally(() => {
      this.#running = undefined;
    });
  }

  async #flushUntilDone(): Promise<void> {
    while (this.#frozen.length > 0 && !this.#isClosed) {
      try {
        await this.#flushFrozen();
      } catch (error) {
        if (this.#isClosed) return;
        this.failures++;
        const why = errorMessage(error);
        this.#options.logger('error', 'flush failed; the data is safe in the log, will try again', {
          error: why,
        });
        this.#failWaiting(unavailable('TSDB_FLUSH_FAILED', `flush failed: ${why}`, error));
        await new Promise<void>((resolve) => {
          this.#retryNow = resolve;
          setTimeout(resolve, RETRY_MS).unref();
        });
      }
    }
  }

  async #flushFrozen(): Promise<void> {
    for (let generation = this.#frozen[0]; generation !== undefined; generation = this.#frozen[0]) {
      await this.#flushGeneration(generation);
      this.#frozen.shift();
      this.flushes++;
      this.#wake(generation);
      this.#hooks.flushed(generation.maxSeq);
      if (generation.pins === 0) this.#recycle(generation);
    }
  }

  #wake(published: Generation): void {
    const done = this.#waiting.filter(({ generation }) => generation === published);
    this.#waiting = this.#waiting.filter(({ generation }) => generation !== published);
    for (const { whenPublished, resolve, reject } of done) {
      try {
        whenPublished();
        resolve();
      } catch (error) {
        reject(error);
      }
    }
  }

  #failWaiting(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  async #flushGeneration(generation: Generation): Promise<void> {
    const { maxSeq } = generation;
    const names = new Map<number, string>();
    const targets: FlushTarget[] = [];
    for (const dbId of generation.touched) {
      const database = this.#hooks.databaseById(dbId);
      // Published already: an earlier attempt failed at another database.
      if (database === undefined || database.parts.flushedSeq >= maxSeq) continue;
      // After a crash amid the databases of a flush, replay leaves out what some of them have already.
      const minSeq = Math.max(generation.minSeq, database.parts.flushedSeq + 1);
      const name = database.parts.newPartName(minSeq, maxSeq);
      names.set(dbId, name);
      targets.push({
        dbId,
        name: database.name,
        incarnation: database.incarnation,
        minSeq,
        maxSeq,
        path: database.parts.pathOf(name),
      });
    }
    const written = await this.#runner.run({
      kind: 'flush',
      memory: generation.head.memory,
      registry: generation.registry.freeze(),
      databases: targets,
    });
    this.overwritten += written.met.overwritten;
    this.duplicates += written.met.duplicates;
    const infoOf = new Map(written.parts.map(({ dbId, part }) => [dbId, part]));
    try {
      for (const { dbId } of targets) {
        this.#publish(generation, dbId, names.get(dbId)!, infoOf.get(dbId));
        // Each is some syncs on this thread: with many databases, writes must get their turn.
        if (targets.length > 1) await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      // The next attempt writes them anew.
      for (const { dbId } of targets) {
        const parts = this.#hooks.databaseById(dbId)?.parts;
        if (parts !== undefined && parts.flushedSeq < maxSeq) parts.discard(names.get(dbId)!);
      }
      throw error;
    }
  }

  #publish(
    { maxSeq, receivedUntil }: Generation,
    dbId: number,
    name: string,
    info: PartInfo | undefined,
  ): void {
    const database = this.#hooks.databaseById(dbId);
    if (database === undefined) return;
    database.metadataStore.save(this.#fs, database.metadataFile);
    const change: ManifestChange = { flushedSeq: maxSeq, receivedUntil };
    database.parts.publish(info === undefined ? change : { ...change, add: [{ name, info }] });
  }

  /** Keeps one head's memory for the next generation; its pages are warm. */
  #recycle(generation: Generation): void {
    if (this.#spare !== undefined) return;
    generation.head.clear();
    this.#spare = generation.head;
  }
}
