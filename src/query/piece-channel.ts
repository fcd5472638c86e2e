// The way of an answer's pieces from who makes them to who sends them, with back-pressure: the maker has
// so many credits, spends one per piece and gets it back when the piece has been taken.

/** Pieces between maker and reader: enough to keep both busy, little enough to hold for a slow reader. */
export const MAX_PIECES_IN_FLIGHT = 4;

/** The reader's end. */
export class PieceChannel {
  readonly #pieces: Uint8Array[] = [];
  readonly #onTaken: () => void;
  #isComplete = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  /** `onTaken` is called once per piece, when the reader asks for the next. */
  constructor(onTaken: () => void) {
    this.#onTaken = onTaken;
  }

  /** Pieces that nobody has taken yet. */
  get waiting(): number {
    return this.#pieces.length;
  }

  /** The only piece of an answer that is complete with it, which takes it; undefined otherwise. */
  takeOnly(): Uint8Array | undefined {
    if (!this.#isComplete || this.#pieces.length !== 1) return undefined;
    this.#onTaken();
    return this.#pieces.pop();
  }

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#wake?.();
  }

  /** No more pieces come. */
  complete(): void {
    this.#isComplete = true;
    this.#wake?.();
  }

  /** Readers get the error at once, in place of what has not been taken. The first error stays. */
  fail(error: unknown): void {
    if (this.#isComplete && this.#pieces.length === 0) return;
    this.#error ??= error;
    this.#pieces.length = 0;
    this.#wake?.();
  }

  /** The reader wants no more: what is left goes, and its waiting ends. */
  abandon(): void {
    this.#pieces.length = 0;
    this.complete();
  }

  /** Resolves when there is something to read; rejects with what {@link fail} was given. */
  async whenReadable(): Promise<void> {
    while (this.#pieces.length === 0 && !this.#isComplete && this.#error === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#error !== undefined) throw this.#error;
  }

  /** The next piece, undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    await this.whenReadable();
    const piece = this.#pieces.shift();
    if (piece !== undefined) this.#onTaken();
    return piece;
  }
}

/** The maker's end. */
export class Credits {
  #left = MAX_PIECES_IN_FLIGHT;
  #isStopped = false;
  #wake: (() => void) | undefined;

  /** One piece was taken. */
  add(): void {
    this.#left++;
    this.#wake?.();
  }

  /** Nobody wants more. */
  stop(): void {
    this.#isStopped = true;
    this.#wake?.();
  }

  /** Waits for a credit and spends it; false once stopped. */
  async spend(): Promise<boolean> {
    while (this.#left === 0 && !this.#isStopped) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#isStopped) return false;
    this.#left--;
    return true;
  }
}
