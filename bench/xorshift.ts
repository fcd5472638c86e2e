// Deterministic pseudo-random numbers (Marsaglia's xorshift128): the same data on every machine.

export class Xorshift {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Different seeds give unrelated streams; any 32-bit integer will do. */
  constructor(seed: number) {
    // Spreads near seeds apart; the odd constants keep the state from being all zero.
    this.#a = mix(seed + 0x9e3779b9);
    this.#b = mix(seed + 0x3c6ef372);
    this.#c = mix(seed + 0xdaa66d2b);
    this.#d = mix(seed + 0x78dde6e4) | 1;
  }

  /** Uniform over 0…2^32-1. */
  uint32(): number {
    let t = this.#a;
    const d = this.#d;
    this.#a = this.#b;
    this.#b = this.#c;
    this.#c = d;
    t ^= t << 11;
    t ^= t >>> 8;
    this.#d = t ^ d ^ (d >>> 19);
    return this.#d >>> 0;
  }

  /** Uniform integer in 0…bound-1; `bound` is at most 2^32. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * bound);
  }

  /** Uniform in [0, 1) with all 53 bits of mantissa. */
  fraction(): number {
    return ((this.uint32() >>> 5) * 2 ** 26 + (this.uint32() >>> 6)) / 2 ** 53;
  }
}

/** The finalizer of MurmurHash3. */
function mix(seed: number): number {
  let h = seed | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
