// The way of an answer's pieces from who makes them to who sends them, with back-pressure: the maker has
// so many credits, spends one per piece and gets it back when the reader is done with the piece.

/** Pieces between maker and reader: enough to keep both busy, little enough to hold for a slow reader. */
export const MAX_PIECES_IN_FLIGHT = 4;

/** The reader's end. */
export class PieceChannel {
  readonly #pieces: Uint8Array[] = [];
  readonly #onTaken: () => void;
  #isComplete = false;
  #isAbandoned = false;
  #error: unknown;
  /** The reader has a piece. */
  #isLent = false;
  #wake: (() => void) | undefined;

  /** `onTaken` is called once per piece, in their order, when its memory is not needed any more. */
  constructor(onTaken: () => void) {
    this.#onTaken = onTaken;
  }

  /** The maker has to wait for the reader. */
  get isFull(): boolean {
    return this.#pieces.length + (this.#isLent ? 1 : 0) >= MAX_PIECES_IN_FLIGHT;
  }

  /** A copy of the only piece of an answer that is complete with it; undefined otherwise. */
  takeOnly(): Uint8Array | undefined {
    if (!this.#isComplete || this.#pieces.length !== 1) return undefined;
    const copy = this.#pieces[0]!.slice();
    this.#drop();
    return copy;
  }

  push(piece: Uint8Array): void {
    if (this.#isAbandoned) {
      this.#onTaken();
      return;
    }
    this.#pieces.push(piece);
    this.#wake?.();
  }

  /** No more pieces come. */
  complete(): void {
    this.#isComplete = true;
    this.#wake?.();
  }

  /** Readers get the error in place of what they do not have yet. The first error stays. */
  fail(error: unknown): void {
    if (this.#isComplete && this.#pieces.length === 0) return;
    this.#error ??= error;
    // Pieces are taken in order: one that is lent comes first.
    if (!this.#isLent) this.#drop();
    this.#wake?.();
  }

  /** The reader wants no more: all goes, and its waiting ends. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#giveBack();
    this.#drop();
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

  /** The next piece, valid until this or {@link abandon} is called again; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    this.#giveBack();
    if (this.#error !== undefined) this.#drop();
    await this.whenReadable();
    const piece = this.#pieces.shift();
    this.#isLent = piece !== undefined;
    return piece;
  }

  #giveBack(): void {
    if (this.#isLent) this.#onTaken();
    this.#isLent = false;
  }

  /** What has not been read. */
  #drop(): void {
    for (const _ of this.#pieces.splice(0)) this.#onTaken();
  }
}

/** The maker's end. */
export class Credits {
  /** Called when nobody wants more. */
  onStop: (() => void) | undefined;
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
    this.onStop?.();
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Spends a credit if there is one. */
  spendNow(): boolean {
    if (this.#left === 0 || this.#isStopped) return false;
    this.#left--;
    return true;
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
