// A cache of decoded index data shared by the readers of many parts: bounded bytes, least recently
// used goes first. Values are immutable and may be in use after they left the cache.

interface Entry {
  readonly value: unknown;
  readonly bytes: number;
}

export class PageCache {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  #nextOwner = 0;
  hits = 0;
  misses = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** A number that no other user of the cache gets; the first part of its keys. */
  newOwner(): number {
    return this.#nextOwner++;
  }

  /**
   * The value under (owner, key), loaded and kept if it is not there. `load` returns it with its
   * size in memory; one that throws leaves nothing behind.
   */
  get<T>(owner: number, key: string, load: () => { value: T; bytes: number }): T {
    const name = `${owner}:${key}`;
    const found = this.#entries.get(name);
    if (found !== undefined) {
      this.hits++;
      // A map keeps the order of insertion: putting it back makes it the youngest.
      this.#entries.delete(name);
      this.#entries.set(name, found);
      return found.value as T;
    }
    this.misses++;
    const entry = load();
    // A value above the whole budget is used once and not kept.
    if (entry.bytes > this.#maxBytes) return entry.value;
    this.#entries.set(name, entry);
    this.#bytes += entry.bytes;
    this.#evict();
    return entry.value;
  }

  /** The value under (owner, key) if it is there. */
  peek(owner: number, key: string): unknown {
    return this.#entries.get(`${owner}:${key}`)?.value;
  }

  /** Drops everything of one owner. */
  forget(owner: number): void {
    const prefix = `${owner}:`;
    for (const [name, entry] of this.#entries) {
      if (name.startsWith(prefix)) this.#remove(name, entry);
    }
  }

  #evict(): void {
    for (const [name, entry] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#remove(name, entry);
    }
  }

  #remove(name: string, entry: Entry): void {
    this.#entries.delete(name);
    this.#bytes -= entry.bytes;
  }
}
