// Cuts a stream into runs of whole lines, in place: only a line that two pieces share is copied.

const LINE_FEED = 0x0a;

export interface LineTaker {
  /** [start, end) is whole lines with their line feeds; only the last of a stream may lack it. Valid during the call. */
  lines(bytes: Uint8Array, start: number, end: number): void;
  /** In the place of a line that is longer than allowed. */
  tooLong(): void;
}

export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #taker: LineTaker;
  /** The beginning of a line whose end has not come yet. */
  #rest = new Uint8Array(0);
  #restBytes = 0;
  /** True while the rest of a line that is too long is passed over. */
  #isSkipping = false;

  /** `maxLineBytes` without the line feed. */
  constructor(maxLineBytes: number, taker: LineTaker) {
    this.#maxLineBytes = maxLineBytes;
    this.#taker = taker;
  }

  push(bytes: Uint8Array): void {
    let start = 0;
    if (this.#restBytes > 0 || this.#isSkipping) {
      const feed = bytes.indexOf(LINE_FEED);
      if (feed < 0) {
        this.#keep(bytes, 0);
        return;
      }
      start = feed + 1;
      this.#keep(bytes.subarray(0, start), 1);
      this.#flush();
    }
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end > start) this.#pass(bytes, start, end);
    const from = Math.max(start, end);
    if (from < bytes.length) this.#keep(bytes.subarray(from), 0);
  }

  /** Passes on a last line without line feed. */
  end(): void {
    this.#flush();
  }

  /** Whole lines, of which those too long are left out. */
  #pass(bytes: Uint8Array, start: number, end: number): void {
    // As good as always: no line can be too long.
    if (end - start <= this.#maxLineBytes) {
      this.#taker.lines(bytes, start, end);
      return;
    }
    let run = start;
    for (let at = start; at < end; ) {
      const next = bytes.indexOf(LINE_FEED, at) + 1;
      if (next - 1 - at > this.#maxLineBytes) {
        if (at > run) this.#taker.lines(bytes, run, at);
        this.#taker.tooLong();
        run = next;
      }
      at = next;
    }
    if (end > run) this.#taker.lines(bytes, run, end);
  }

  /** Adds to the unfinished line; `feeds` of its bytes are not counted. */
  #keep(bytes: Uint8Array, feeds: number): void {
    if (this.#isSkipping) return;
    const length = this.#restBytes + bytes.length;
    if (length - feeds > this.#maxLineBytes) {
      this.#isSkipping = true;
      this.#restBytes = 0;
      this.#rest = new Uint8Array(0);
      return;
    }
    if (length > this.#rest.length) {
      // Doubled, so that a long line in many pieces is not copied again and again.
      const larger = new Uint8Array(
        Math.min(Math.max(length, this.#rest.length * 2), this.#maxLineBytes + 1),
      );
      larger.set(this.#rest.subarray(0, this.#restBytes));
      this.#rest = larger;
    }
    this.#rest.set(bytes, this.#restBytes);
    this.#restBytes = length;
  }

  #flush(): void {
    const length = this.#restBytes;
    this.#restBytes = 0;
    if (this.#isSkipping) {
      this.#isSkipping = false;
      this.#taker.tooLong();
    } else if (length > 0) {
      this.#taker.lines(this.#rest.subarray(0, length), 0, length);
    }
  }
}
