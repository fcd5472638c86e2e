// How many series of a database have had samples lately: since the last flip or between the two before it.

import type { Generation } from './generation.ts';
import type { SeriesRegistry } from './index/series-registry.ts';

export class ActiveSeries {
  readonly #dbId: number;
  /**
   * Those of the generation before the active one, which may be flushed by now: 1 by place in the list of the
   * database's refs, which only grows at its end.
   */
  #before: { readonly registry: SeriesRegistry; readonly active: Uint8Array } | undefined;
  #counted = 0;
  #countedAt = Number.NEGATIVE_INFINITY;
  /** Of the registry that was counted, and how many series of the database it held then. */
  #registry: SeriesRegistry | undefined;
  #known = 0;

  constructor(dbId: number) {
    this.#dbId = dbId;
  }

  /** A generation has been frozen: what is active in it stays so until the next is. */
  flipped(frozen: Generation): void {
    const { registry, head } = frozen;
    if (!frozen.touched.has(this.#dbId)) {
      this.#before = undefined;
      return;
    }
    const ids = registry.index(this.#dbId).allIds();
    const active = new Uint8Array(ids.length);
    for (let i = 0; i < ids.length; i++) if (head.has(ids[i]!)) active[i] = 1;
    this.#before = { registry, active };
  }

  /**
   * How many there are. Counting all takes a few milliseconds for 100,000 series; a count not older than `maxAgeMs` is
   * only added to, so that it may be too high for as long.
   */
  count(generations: readonly Generation[], now: number, maxAgeMs: number): number {
    const { registry } = generations.at(-1)!;
    const index = registry.index(this.#dbId);
    const isFresh = registry === this.#registry && now - this.#countedAt < maxAgeMs;
    if (!isFresh) {
      this.#counted = this.#countAll(generations, index.allIds(), registry);
      this.#countedAt = now;
      this.#registry = registry;
      this.#known = index.seriesCount;
    }
    // New ones are active from the moment they are known, even before their first sample is applied.
    return this.#counted + index.seriesCount - this.#known;
  }

  #countAll(
    generations: readonly Generation[],
    ids: Uint32Array,
    registry: SeriesRegistry,
  ): number {
    const heads = generations
      .filter((generation) => generation.registry === registry)
      .map(({ head }) => head);
    const before = this.#before?.registry === registry ? this.#before.active : undefined;
    let count = 0;
    for (let i = 0; i < ids.length; i++) {
      if (before?.[i] === 1 || heads.some((head) => head.has(ids[i]!))) count++;
    }
    return count;
  }
}
