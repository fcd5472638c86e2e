// How long a run will still take: guesses for every cell, corrected by what the finished ones took.

/** Weighs so many seconds of measuring against the guesses: one short cell says little about this machine. */
const TRUST_SECONDS = 20;
/** Share of a cell that must be behind it before its own pace counts more than the guess. */
const PACE_SHARE = 0.2;

export class Schedule {
  readonly #guesses: readonly number[];
  #guessed = TRUST_SECONDS;
  #taken = TRUST_SECONDS;

  /** Seconds of every cell, in order. */
  constructor(guesses: readonly number[]) {
    this.#guesses = guesses;
  }

  /** A cell is through. */
  finish(cell: number, seconds: number): void {
    this.#guessed += this.#guesses[cell]!;
    this.#taken += seconds;
  }

  /** Seconds until the end, while a cell has run for `elapsed` seconds and a share of it, 0…1, is behind it. */
  remaining(cell: number, elapsed: number, share: number): number {
    const factor = this.#taken / this.#guessed;
    const later = this.#guesses.slice(cell + 1).reduce((sum, guess) => sum + guess, 0);
    const guess = this.#guesses[cell]! * factor;
    const whole = share > PACE_SHARE ? elapsed / share : Math.max(guess, elapsed);
    return Math.max(0, whole - elapsed) + later * factor;
  }
}
