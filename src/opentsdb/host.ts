// What evaluation needs of the thread it is on; the query service has it.

export interface EvaluationHost {
  /** Throws once the query is to stop. */
  checkpoint(): void;
  /** Holds so many bytes more, or fewer; throws if there are not so many. */
  reserve(bytes: number): void;
  /** Lets others work: no columns that were read may be in use. */
  breathe(): Promise<void>;
  newPiece(): Uint8Array;
  /** Sends the beginning of such memory. */
  send(piece: Uint8Array, isLast: boolean): Promise<void>;
}

const encoder = new TextEncoder();

/** Texts gathered into pieces. */
export class TextPieces {
  readonly #host: EvaluationHost;
  #piece: Uint8Array;
  #at = 0;

  constructor(host: EvaluationHost) {
    this.#host = host;
    this.#piece = host.newPiece();
  }

  async add(text: string): Promise<void> {
    let rest = text;
    while (rest !== '') {
      const { read, written } = encoder.encodeInto(rest, this.#piece.subarray(this.#at));
      this.#at += written;
      rest = rest.slice(read);
      if (rest !== '') await this.#flush(false);
    }
  }

  end(): Promise<void> {
    return this.#flush(true);
  }

  async #flush(isLast: boolean): Promise<void> {
    await this.#host.send(this.#piece.subarray(0, this.#at), isLast);
    this.#at = 0;
    if (!isLast) this.#piece = this.#host.newPiece();
  }
}
