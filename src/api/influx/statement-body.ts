// What a thread is given of a statement, and how it gives back what it has written: bytes of the answer, each piece
// with how far the writer has got by its end, so that the answer can be ended wherever it is broken off.

import type { ReadJob } from '../../influxql/index.ts';
import type { AnswerPart, ResultFormat, ResultWriter, WriterState } from './results.ts';

/** The name of the language among the threads' evaluators. */
export const INFLUXQL = 'influxql';

/** Plain data. */
export interface StatementBody {
  readonly job: ReadJob;
  readonly statementId: number;
  readonly format: ResultFormat;
  /** Of the writer before the statement. */
  readonly state: WriterState;
}

/** Where pieces go: a part of the query service's StatementHost. */
export interface PieceSink {
  newPiece(): Uint8Array;
  send(piece: Uint8Array, isLast: boolean): Promise<void>;
}

/** A state is some hundred bytes of JSON, after which one byte tells how many. */
const MAX_STATE_BYTES = 255;
const MAX_TRAILER_BYTES = MAX_STATE_BYTES + 1;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Gathers parts of a writer into pieces. */
export class PieceGatherer {
  readonly #sink: PieceSink;
  readonly #writer: ResultWriter;
  #bytes: Uint8Array;
  #at = 0;
  /** Of the writer at `#at`; undefined in the middle of a part. */
  #state: WriterState | undefined;

  constructor(sink: PieceSink, writer: ResultWriter) {
    this.#sink = sink;
    this.#writer = writer;
    this.#bytes = sink.newPiece();
  }

  /** What the writer has just written. */
  async add(part: AnswerPart): Promise<void> {
    if (!this.#put(part)) {
      if (this.#at > 0) await this.flush();
      if (!this.#put(part)) await this.#addCut(part);
    }
    this.#state = this.#writer.state;
  }

  /** Sends what is there. */
  async flush(): Promise<void> {
    if (this.#at === 0) return;
    await this.#send(false);
    this.#bytes = this.#sink.newPiece();
    this.#at = 0;
  }

  async end(): Promise<void> {
    await this.#send(true);
  }

  get #room(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#bytes.length - MAX_TRAILER_BYTES);
  }

  /** False if there is no room for all of it. */
  #put(part: AnswerPart): boolean {
    const room = this.#room;
    if (typeof part !== 'string') {
      if (part.length > room.length) return false;
      room.set(part);
      this.#at += part.length;
      return true;
    }
    if (part.length > room.length) return false;
    const { read, written } = encoder.encodeInto(part, room);
    if (read < part.length) return false;
    this.#at += written;
    return true;
  }

  /** One that no piece has room for. */
  async #addCut(part: AnswerPart): Promise<void> {
    const bytes = typeof part === 'string' ? encoder.encode(part) : part.slice();
    for (let from = 0; from < bytes.length; ) {
      const some = bytes.subarray(from, from + this.#room.length);
      this.#put(some);
      from += some.length;
      this.#state = undefined;
      if (from < bytes.length) await this.flush();
    }
  }

  #send(isLast: boolean): Promise<void> {
    const state = encoder.encode(JSON.stringify(this.#state ?? null));
    if (state.length > MAX_STATE_BYTES) throw new RangeError('the state of a writer is too long');
    this.#bytes.set(state, this.#at);
    this.#bytes[this.#at + state.length] = state.length;
    return this.#sink.send(this.#bytes.subarray(0, this.#at + state.length + 1), isLast);
  }
}

/** A piece of a gatherer taken apart; the state is undefined in the middle of a part. */
export function openPiece(piece: Uint8Array): {
  readonly bytes: Uint8Array;
  readonly state: WriterState | undefined;
} {
  const end = piece.length - 1;
  const start = end - piece[end]!;
  // A decoder takes no bytes of shared memory.
  const state = JSON.parse(decoder.decode(piece.slice(start, end))) as WriterState | null;
  return { bytes: piece.subarray(0, start), state: state ?? undefined };
}
