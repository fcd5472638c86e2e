// What a thread is given of an export, and how it gives back what it has written: how much there is to do, pieces of
// the output, and a summary, each with one more byte that says what it is.

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

/** Known before anything is written. */
export interface ExportPlan {
  /** Found; some may have nothing in the range. */
  readonly series: number;
}

/** What an export had to write, and what of it its format could hold. */
export interface ExportSummary {
  readonly series: number;
  readonly found: EncodedCounts;
  readonly written: EncodedCounts;
}

const PieceKind = { plan: 0, data: 1, summary: 2 } as const;
type PieceKind = (typeof PieceKind)[keyof typeof PieceKind];

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

  /** Comes first, and leaves at once. */
  async begin(plan: ExportPlan): Promise<void> {
    this.#addJson(plan);
    await this.#flush(PieceKind.plan);
  }

  async add(part: string | Uint8Array): Promise<void> {
    if (typeof part === 'string') await this.#addText(part);
    else await this.#addBytes(part);
  }

  /** Sends the rest of the output, and the summary as the last piece. */
  async end(summary: ExportSummary): Promise<void> {
    if (this.#at > 0) await this.#flush(PieceKind.data);
    this.#addJson(summary);
    await this.#send(PieceKind.summary);
  }

  #addJson(small: ExportPlan | ExportSummary): void {
    this.#at = encoder.encodeInto(JSON.stringify(small), this.#room).written;
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
      await this.#flush(PieceKind.data);
    }
  }

  async #addBytes(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      const room = this.#room;
      if (room.length === 0) {
        await this.#flush(PieceKind.data);
        continue;
      }
      const some = bytes.subarray(from, from + room.length);
      room.set(some);
      this.#at += some.length;
      from += some.length;
    }
  }

  async #flush(kind: PieceKind): Promise<void> {
    await this.#send(kind);
    this.#bytes = this.#sink.newPiece();
    this.#at = 0;
  }

  #send(kind: PieceKind): Promise<void> {
    this.#bytes[this.#at] = kind;
    return this.#sink.send(this.#bytes.subarray(0, this.#at + 1), kind === PieceKind.summary);
  }
}

/** A piece of a {@link PieceOutput} taken apart. */
export type OpenedPiece =
  | { readonly kind: 'plan'; readonly plan: ExportPlan }
  /** A part of the piece's memory. */
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'summary'; readonly summary: ExportSummary };

export function openPiece(piece: Uint8Array): OpenedPiece {
  const end = piece.length - 1;
  const kind = piece[end];
  if (kind === PieceKind.data) return { kind: 'data', bytes: piece.subarray(0, end) };
  // A decoder takes no bytes of shared memory.
  const json: unknown = JSON.parse(decoder.decode(piece.slice(0, end)));
  if (kind === PieceKind.plan) return { kind: 'plan', plan: json as ExportPlan };
  return { kind: 'summary', summary: json as ExportSummary };
}
