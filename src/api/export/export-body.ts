// What a thread is given of an export, and how it gives back what it has written: pieces of the output, each with one
// more byte that says what it is, and at the end a summary.

import type { Matcher } from '../../model/matcher.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { CsvField } from '../../protocol/csv/export-fields.ts';
import type { JsonLinesOptions } from '../../protocol/json-lines/encode.ts';
import type { EncodedCounts } from '../../protocol/series-encoder.ts';

/** The name of exports among the threads' evaluators, and among the queries at work. */
export const EXPORT = 'export';

export type ExportFormat =
  | { readonly kind: 'json-lines'; readonly options: JsonLinesOptions }
  | { readonly kind: 'csv'; readonly fields: readonly CsvField[] }
  | { readonly kind: 'parquet' };

/** Plain data. */
export interface ExportBody {
  /** Series that match any of them. */
  readonly selectors: readonly (readonly Matcher[])[];
  readonly format: ExportFormat;
  /** Of all metrics; the thread takes those that it exports. */
  readonly metadata: readonly MetricMetadata[];
}

/** What an export had to write, and what of it its format could hold. */
export interface ExportSummary {
  readonly series: number;
  readonly found: EncodedCounts;
  readonly written: EncodedCounts;
}

const PieceKind = { data: 0, summary: 1 } as const;

/** Where pieces go: a part of the query service's StatementHost. */
export interface PieceSink {
  newPiece(): Uint8Array;
  send(piece: Uint8Array, isLast: boolean): Promise<void>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Cuts output into pieces. */
export class PieceOutput {
  readonly #sink: PieceSink;
  #bytes: Uint8Array;
  #at = 0;

  constructor(sink: PieceSink) {
    this.#sink = sink;
    this.#bytes = sink.newPiece();
  }

  async add(part: string | Uint8Array): Promise<void> {
    if (typeof part === 'string') await this.#addText(part);
    else await this.#addBytes(part);
  }

  /** Sends the rest of the output, and the summary as the last piece. */
  async end(summary: ExportSummary): Promise<void> {
    if (this.#at > 0) await this.#flush();
    this.#at = encoder.encodeInto(JSON.stringify(summary), this.#room).written;
    await this.#send(PieceKind.summary);
  }

  /** The last byte is for the kind. */
  get #room(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#bytes.length - 1);
  }

  async #addText(text: string): Promise<void> {
    for (let rest = text; ; ) {
      const { read, written } = encoder.encodeInto(rest, this.#room);
      this.#at += written;
      if (read === rest.length) return;
      rest = rest.slice(read);
      await this.#flush();
    }
  }

  async #addBytes(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      const room = this.#room;
      if (room.length === 0) {
        await this.#flush();
        continue;
      }
      const some = bytes.subarray(from, from + room.length);
      room.set(some);
      this.#at += some.length;
      from += some.length;
    }
  }

  async #flush(): Promise<void> {
    await this.#send(PieceKind.data);
    this.#bytes = this.#sink.newPiece();
    this.#at = 0;
  }

  #send(kind: number): Promise<void> {
    this.#bytes[this.#at] = kind;
    return this.#sink.send(this.#bytes.subarray(0, this.#at + 1), kind === PieceKind.summary);
  }
}

/** A piece of a {@link PieceOutput}: some of the output, or the summary. */
export function openPiece(piece: Uint8Array): Uint8Array | ExportSummary {
  const end = piece.length - 1;
  if (piece[end] === PieceKind.data) return piece.subarray(0, end);
  // A decoder takes no bytes of shared memory.
  return JSON.parse(decoder.decode(piece.slice(0, end))) as ExportSummary;
}
