// Choices of a test run from one seed, so that a run that found something can be had again.

import { Xorshift } from '../../bench/xorshift.ts';

export class Random {
  readonly #source: Xorshift;

  constructor(seed: number) {
    this.#source = new Xorshift(seed);
  }

  /** Uniform integer in 0…bound-1. */
  below(bound: number): number {
    return this.#source.below(bound);
  }

  /** Uniform integer, both ends included. */
  between(least: number, most: number): number {
    return least + this.#source.below(most - least + 1);
  }

  /** True once in `n` on average. */
  oneIn(n: number): boolean {
    return this.#source.below(n) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.#source.below(items.length)]!;
  }

  /** Uniform in [0, 1). */
  fraction(): number {
    return this.#source.fraction();
  }

  uint32(): number {
    return this.#source.uint32();
  }
}
