// Extents by query, the one longest unused going first when memory is short. One cache per thread: rows stay
// where they were computed, and queries are sent where their rows are likely to be.

import { ChangeLog } from '../../storage/change-log.ts';
import { type Extent, extentBytes } from './extent.ts';

/** An extent and as of which change it holds. */
export interface CachedExtent {
  readonly extent: Extent;
  /** Seq of the change log of its database. */
  readonly seq: number;
}

interface Entry extends CachedExtent {
  readonly bytes: number;
}

/** One result may take at most this part of the cache. */
const MAX_SHARE = 1 / 4;
/** Logs of databases dropped meanwhile go when this many are known. */
const MAX_LOGS = 1000;

export class ResultCache {
  readonly #maxBytes: number;
  /** Longest unused first. */
  readonly #entries = new Map<string, Entry>();
  readonly #logs = new Map<number, ChangeLog>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): CachedExtent | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Replaces what was there; without room, there is nothing afterwards. */
  set(key: string, { extent, seq }: CachedExtent): void {
    this.delete(key);
    const bytes = extentBytes(extent) + key.length * 2;
    if (bytes > this.#maxBytes * MAX_SHARE) return;
    this.#entries.set(key, { extent, seq, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }

  /** The log with this buffer. */
  log(id: number, buffer: SharedArrayBuffer): ChangeLog {
    let log = this.#logs.get(id);
    if (log === undefined) {
      if (this.#logs.size >= MAX_LOGS) this.#logs.clear();
      log = new ChangeLog(buffer, id);
      this.#logs.set(id, log);
    }
    return log;
  }
}
