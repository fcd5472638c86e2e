// How results are written down.

import type { ResultPiece } from '../../influxql/index.ts';
import { type Epoch, parseEpoch } from './cells.ts';
import { CsvWriter } from './csv-results.ts';
import { ChunkedJsonWriter, JsonWriter } from './json-results.ts';
import { PrettyWriter } from './pretty-results.ts';

/** A text, or bytes that are valid until the writer is called again. */
export type AnswerPart = string | Uint8Array;

/** Parts in the order of calls make the answer: for each statement `begin`, pieces, `end`; then `finish`. */
export interface ResultWriter<Part extends AnswerPart = AnswerPart> {
  readonly contentType: string;
  /**
   * How far it has got, as small plain data; a writer that is given it goes on from there. So one thread can write a
   * statement's pieces, and another its end.
   */
  state: WriterState;
  begin(statementId: number): Part;
  /** In parts of at most some hundred rows, after each of which the statement can be ended with an error. */
  piece(piece: ResultPiece): Iterable<Part>;
  end(messages: readonly string[], error: string | undefined): Part;
  finish(): Part;
  /** The whole answer to a request that is refused. */
  failure(message: string): Part;
}

/** Only writers of one format understand it. */
export type WriterState = Readonly<Record<string, unknown>>;

/** Plain data. */
export interface ResultFormat {
  readonly kind: 'json' | 'chunked' | 'csv';
  readonly epoch: Epoch;
  /** With line breaks and blanks; of JSON alone. */
  readonly isPretty: boolean;
}

export function resultFormat(
  accept: string | undefined,
  epoch: string,
  isChunked: boolean,
  isPretty: boolean,
): ResultFormat {
  const isCsv = accept === 'application/csv' || accept === 'text/csv';
  const kind = isCsv ? 'csv' : isChunked ? 'chunked' : 'json';
  return { kind, epoch: parseEpoch(epoch), isPretty: isPretty && !isCsv };
}

export function newResultWriter({ kind, epoch, isPretty }: ResultFormat): ResultWriter {
  if (kind === 'csv') return new CsvWriter(epoch);
  const writer = kind === 'chunked' ? new ChunkedJsonWriter(epoch) : new JsonWriter(epoch);
  return isPretty ? new PrettyWriter(writer) : writer;
}
