// Writes for senders that cannot be told to come back later: what the store cannot take now is tried again until
// it can, while the sender is held back.

import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, errorMessage } from '../../runtime/error.ts';
import {
  type Database,
  DEFAULT_DATABASE,
  type Storage,
  type WriteBatch,
  type WriteResult,
} from '../../storage/interface.ts';
import type { ApiContext } from '../context.ts';
import type { SocketReports } from './reports.ts';

/** Between tries: the first, doubled up to the last. */
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 2000;

/** One database as listeners write to it. */
export class PatientWriter implements Pick<Database, 'name' | 'write'> {
  readonly name: string;
  readonly #context: ApiContext;
  readonly #protocol: string;
  readonly #reports: SocketReports;
  /** Ends waiting. */
  readonly #hurry = new AbortController();
  /** The one used last: it takes what has arrived after the store is given out no more. */
  #database: Database | undefined;

  constructor(
    context: ApiContext,
    protocol: string,
    database: string | undefined,
    reports: SocketReports,
  ) {
    this.#context = context;
    this.#protocol = protocol;
    this.name = database ?? DEFAULT_DATABASE;
    this.#reports = reports;
  }

  /** Rejects if the store can never take it, or cannot take it now and there is no time to wait. */
  async write(batch: WriteBatch): Promise<WriteResult> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS)) {
      try {
        const database = await this.#current();
        return await database.write(batch);
      } catch (error) {
        const canWait = error instanceof AppError && error.kind === 'unavailable';
        if (!canWait || this.#hurry.signal.aborted) throw error;
        const why = errorMessage(error);
        this.#reports.log('senders are held back', this.#protocol, { database: this.name, why });
        await sleep(pauseMs, undefined, { signal: this.#hurry.signal }).catch(() => {});
      }
    }
  }

  /** From now on a write is tried once more at most. */
  hurry(): void {
    this.#hurry.abort();
  }

  async #current(): Promise<Database> {
    const { lifecycle } = this.#context;
    if (lifecycle.phase === 'stopping' && this.#database !== undefined) return this.#database;
    const storage = lifecycle.currentOrThrow();
    // Whoever starts the server named it.
    if (storage.database(this.name) === undefined && (await storage.createDatabase(this.name))) {
      const { logger } = this.#context;
      logger.log('info', 'database created by its first write', { database: this.name });
    }
    this.#database = this.#policyDatabase(storage) ?? storage.database(this.name);
    if (this.#database !== undefined) return this.#database;
    // Dropped in this very moment.
    throw new AppError('unavailable', 'SOCKET_DATABASE_GONE', `no database ${this.name}`);
  }

  /** As InfluxDB has it: the default retention policy's part. */
  #policyDatabase(storage: Storage): Database | undefined {
    const catalog = this.#context.influx.catalog(storage);
    return catalog.has(this.name) ? catalog.defaultScope(this.name)?.database : undefined;
  }
}
