// Memory for answers that are small, used again and again: what is allocated anew for each has V8 collect everything,
// which takes a tenth of the time of such an answer.

/** Enough for most small answers. */
const SMALL_PIECE_BYTES = 2 ** 15;
/** Memory of more answers at a time is left to the collector. */
const MOST_KEPT = 16;

export class SmallPieces {
  readonly #free: Uint8Array[] = [];

  /** 32 KiB with anything in them. */
  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(SMALL_PIECE_BYTES);
  }

  /** Nobody looks at it any more. */
  giveBack(memory: Uint8Array): void {
    if (this.#free.length < MOST_KEPT) this.#free.push(memory);
  }
}
