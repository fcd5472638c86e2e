// Copies an answer while it is being read, so that it can be kept.

/**
 * The pieces of another generator, unchanged. Once all have been read `take` gets a copy of them as one, which is its
 * own; not if they are more than `maxBytes`, if reading failed or if the reader ended early.
 */
export class CopiedPieces implements AsyncGenerator<Uint8Array, void> {
  readonly #pieces: AsyncGenerator<Uint8Array, void>;
  readonly #take: (whole: Uint8Array) => void;
  #bytesLeft: number;
  /** Undefined once nothing will be taken. */
  #copies: Uint8Array[] | undefined = [];

  constructor(
    pieces: AsyncGenerator<Uint8Array, void>,
    maxBytes: number,
    take: (whole: Uint8Array) => void,
  ) {
    this.#pieces = pieces;
    this.#bytesLeft = maxBytes;
    this.#take = take;
  }

  async next(): Promise<IteratorResult<Uint8Array, void>> {
    try {
      const result = await this.#pieces.next();
      if (result.done) this.#finish();
      else this.#copy(result.value);
      return result;
    } catch (error) {
      this.#copies = undefined;
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, void>> {
    this.#copies = undefined;
    return this.#pieces.return();
  }

  async throw(error: unknown): Promise<IteratorResult<Uint8Array, void>> {
    this.#copies = undefined;
    return this.#pieces.throw(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #copy(piece: Uint8Array): void {
    this.#bytesLeft -= piece.length;
    if (this.#bytesLeft < 0) this.#copies = undefined;
    this.#copies?.push(piece.slice());
  }

  #finish(): void {
    if (this.#copies !== undefined) this.#take(Buffer.concat(this.#copies));
    this.#copies = undefined;
  }
}
