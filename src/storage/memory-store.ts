// A store that keeps everything in plain maps and nothing on disk. For tests, and as the simplest
// statement of what a store does.

import { AppError } from '../runtime/error.ts';
import type { AdmissionLimits } from './admission.ts';
import { DEFAULT_LIMITS } from './admission.ts';
import { databaseNotFound, invalidDatabaseName, unavailable } from './errors.ts';
import type { Database, Storage, StorageStats } from './interface.ts';
import { DEFAULT_DATABASE, isDatabaseName } from './interface.ts';
import { MemoryDatabase } from './memory-database.ts';

export interface MemoryStorageOptions {
  /** {@link DEFAULT_LIMITS} unless given. */
  readonly limits?: AdmissionLimits;
  /** Present time in ms; the system's unless given. */
  readonly now?: () => number;
}

export class MemoryStorage implements Storage {
  readonly #limits: AdmissionLimits;
  readonly #now: () => number;
  readonly #databases = new Map<string, MemoryDatabase>();
  #isClosed = false;

  constructor(options: MemoryStorageOptions = {}) {
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#now = options.now ?? Date.now;
    this.#addDatabase(DEFAULT_DATABASE);
  }

  databaseNames(): string[] {
    return [...this.#databases.keys()].sort();
  }

  database(name: string): Database | undefined {
    return this.#databases.get(name);
  }

  async createDatabase(name: string): Promise<boolean> {
    if (!isDatabaseName(name)) throw invalidDatabaseName(name);
    this.#checkOpen();
    if (this.#databases.has(name)) return false;
    this.#addDatabase(name);
    return true;
  }

  async dropDatabase(name: string): Promise<boolean> {
    this.#checkOpen();
    const database = this.#databases.get(name);
    if (database === undefined) return false;
    database.clear();
    if (name !== DEFAULT_DATABASE) this.#databases.delete(name);
    return true;
  }

  async snapshot(): Promise<string> {
    throw new AppError(
      'unsupported',
      'STORAGE_NO_SNAPSHOT',
      'the in-memory store has no files to make a snapshot of',
    );
  }

  async cleanTombstones(): Promise<void> {}

  async flush(): Promise<void> {}

  async merge(): Promise<void> {}

  stats(): StorageStats {
    let series = 0;
    for (const database of this.#databases.values()) series += database.seriesCount;
    return { counters: {}, gauges: { databases: this.#databases.size, series } };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #addDatabase(name: string): void {
    const database = new MemoryDatabase(name, {
      limits: this.#limits,
      now: this.#now,
      checkWritable: () => {
        this.#checkOpen();
        if (this.#databases.get(name) !== database) throw databaseNotFound(name);
      },
    });
    this.#databases.set(name, database);
  }

  #checkOpen(): void {
    if (this.#isClosed) throw unavailable('STORAGE_CLOSED', 'the store is closed');
  }
}
