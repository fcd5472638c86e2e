// Background merges, retention and the removal of deleted samples, for all databases.

import { DAY_MS, dayOf } from '../model/time-range.ts';
import { errorMessage } from '../runtime/error.ts';
import type { TsdbDatabase } from './database.ts';
import type { JobRunner } from './maintenance/runner.ts';
import type { TsdbOptions } from './options.ts';
import type { ManifestChange, PartSet } from './part-set.ts';
import { chooseMerge, chooseMove } from './partition/choose-merge.ts';
import { PartCorruptError } from './partition/errors.ts';
import type { ManifestSection } from './partition/manifest.ts';
import { concerns } from './tombstones.ts';

/** Wait after a merge that failed, in ms. */
const REST_MS = 60_000;

/** A day's late data usually arrives within this time; afterwards its sections become one. */
const COLD_AFTER_MS = 3_600_000;

export class Merger {
  readonly #options: TsdbOptions;
  readonly #runner: JobRunner;
  readonly #databases: () => Iterable<TsdbDatabase>;
  #running: Promise<void> | undefined;
  #restUntil = new WeakMap<TsdbDatabase, number>();
  #isClosed = false;
  #lastExpired = Number.NEGATIVE_INFINITY;
  merges = 0;
  failures = 0;

  constructor(options: TsdbOptions, runner: JobRunner, databases: () => Iterable<TsdbDatabase>) {
    this.#options = options;
    this.#runner = runner;
    this.#databases = databases;
  }

  /** Merges whatever the policy finds, until there is nothing left. Concurrent calls join. */
  run(): Promise<void> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** The same, also where a merge has just failed. */
  runNow(): Promise<void> {
    this.#restUntil = new WeakMap();
    return this.run();
  }

  /** Merges every section that a tombstone concerns, so that deleted samples leave the disk. */
  async cleanTombstones(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    this.#running = this.#cleanAll().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /**
   * Drops sections that lie wholly before what a database keeps. After a clock jump at most one day an hour goes, so
   * that a wrong clock cannot empty the store before somebody notices.
   */
  expire(isClockTrustworthy: boolean): void {
    const now = this.#options.clock.monotonic();
    if (!isClockTrustworthy && now - this.#lastExpired < 3_600_000) return;
    for (const database of this.#databases()) {
      const start = database.retentionStart();
      const old = database.parts.manifest.sections.filter((section) => section.maxT < start);
      if (old.length === 0) continue;
      const oldestDay = Math.min(...old.map((section) => section.day));
      const remove = isClockTrustworthy ? old : old.filter((section) => section.day === oldestDay);
      database.parts.publish({ remove });
      this.#lastExpired = now;
      this.#options.logger('info', 'retention removed sections', {
        database: database.name,
        sections: remove.length,
      });
    }
  }

  /** Starts no further merge; a running one is abandoned by closing the runner. */
  close(): void {
    this.#isClosed = true;
  }

  async #cleanAll(): Promise<void> {
    for (const database of this.#databases()) {
      const { tombstones, sections } = database.parts.manifest;
      for (const section of sections) {
        if (this.#isClosed || database.isDropped) break;
        const isConcerned = tombstones.some((tombstone) => concerns(tombstone, section));
        if (isConcerned) await this.#tryMerge(database, [section]);
      }
    }
  }

  async #runAll(): Promise<void> {
    for (const database of this.#databases()) {
      while (!this.#isClosed && !database.isDropped && !this.#isResting(database)) {
        const choice = this.#choose(database.parts);
        if (choice === undefined) break;
        await this.#tryMerge(database, choice);
      }
    }
  }

  #choose(parts: PartSet): readonly ManifestSection[] | undefined {
    const { sections } = parts.manifest;
    const merge = chooseMerge(sections, { isCold: (day) => this.#isCold(day) });
    if (merge !== undefined) return merge;
    const move = chooseMove(sections, (file) => parts.bytesOf(file));
    return move === undefined ? undefined : [move];
  }

  /** A merge that fails costs nothing but time: its inputs stay, and the database rests for a while. */
  async #tryMerge(database: TsdbDatabase, inputs: readonly ManifestSection[]): Promise<void> {
    try {
      await this.#merge(database, inputs, this.#isCold(inputs[0]!.day));
    } catch (error) {
      if (this.#isClosed || database.isDropped) return;
      this.failures++;
      this.#restUntil.set(database, this.#options.clock.monotonic() + REST_MS);
      if (error instanceof PartCorruptError) database.parts.quarantine(error);
      this.#options.logger('error', 'merge failed; its inputs stay, will try again', {
        database: database.name,
        error: errorMessage(error),
      });
    }
  }

  #isResting(database: TsdbDatabase): boolean {
    return this.#options.clock.monotonic() < (this.#restUntil.get(database) ?? 0);
  }

  async #merge(
    database: TsdbDatabase,
    inputs: readonly ManifestSection[],
    compress: boolean,
  ): Promise<void> {
    const { parts } = database;
    const minSeq = Math.min(...inputs.map((section) => section.minSeq));
    const maxSeq = Math.max(...inputs.map((section) => section.maxSeq));
    const { tombstones } = parts.manifest;
    const name = parts.newPartName(minSeq, maxSeq);
    const pinned = parts.pin({ minT: Number.NEGATIVE_INFINITY, maxT: Number.POSITIVE_INFINITY });
    try {
      const info = await this.#runner.run({
        kind: 'merge',
        database: database.name,
        incarnation: database.incarnation,
        minSeq,
        maxSeq,
        inputs: inputs.map(({ file, section }) => ({ path: parts.pathOf(file), section })),
        tombstones,
        compress,
        path: parts.pathOf(name),
      });
      if (this.#isClosed || database.isDropped) return;
      // Retention or quarantine may have taken an input meanwhile; then the result must not bring it back.
      const present = new Set(parts.manifest.sections);
      const isCurrent = inputs.every((section) => present.has(section));
      const change: ManifestChange = { remove: inputs };
      if (!isCurrent) {
        if (info !== undefined) this.#options.fileSystem.unlink(parts.pathOf(name));
        return;
      }
      const cleanedSeq = Math.max(0, ...tombstones.map(({ seq }) => seq));
      parts.publish(info === undefined ? change : { ...change, add: [{ name, info, cleanedSeq }] });
      this.merges++;
    } finally {
      pinned.release();
    }
  }

  #isCold(day: number): boolean {
    return (
      (day + 1) * DAY_MS + COLD_AFTER_MS < this.#options.clock.now() &&
      day < dayOf(this.#options.clock.now())
    );
  }
}
