// How results are written down.

import type { ResultPiece } from '../../influxql/index.ts';
import { type Epoch, parseEpoch } from './cells.ts';
import { CsvWriter } from './csv-results.ts';
import { ChunkedJsonWriter, JsonWriter } from './json-results.ts';
import { MsgpackResults } from './msgpack-results.ts';
import { PrettyWriter } from './pretty-results.ts';

/** A text, or bytes that are valid until the writer is called again. */
export type AnswerPart = string | Uint8Array;

/** Parts in the order of calls make the answer: `start`; for each statement `begin`, pieces, `end`; then `finish`. */
export interface ResultWriter<Part extends AnswerPart = AnswerPart> {
  readonly contentType: string;
  /**
   * How far it has got, as small plain data; a writer that is given it goes on from there. So one thread can write a
   * statement's pieces, and another its end.
   */
  state: WriterState;
  /** Says how many statements there will be. */
  start(statements: number): Part;
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
  readonly kind: 'json' | 'csv' | 'msgpack';
  readonly epoch: Epoch;
  /** A document for each piece; CSV is the same either way. */
  readonly isChunked: boolean;
  /** With line breaks and blanks; of JSON alone. */
  readonly isPretty: boolean;
}

export function resultFormat(
  accept: string | undefined,
  epoch: string,
  isChunked: boolean,
  isPretty: boolean,
): ResultFormat {
  const kind = KINDS.get(accept ?? '') ?? 'json';
  return {
    kind,
    epoch: parseEpoch(epoch),
    isChunked: isChunked && kind !== 'csv',
    isPretty: isPretty && kind === 'json',
  };
}

/** By what the client accepts, which is one of these literally or anything. */
const KINDS: ReadonlyMap<string, ResultFormat['kind']> = new Map([
  ['application/csv', 'csv'],
  ['text/csv', 'csv'],
  ['application/x-msgpack', 'msgpack'],
]);

export function newResultWriter(format: ResultFormat): ResultWriter {
  const { kind, epoch, isChunked, isPretty } = format;
  if (kind === 'csv') return new CsvWriter(epoch);
  if (kind === 'msgpack') return new MsgpackResults(epoch, isChunked);
  const writer = isChunked ? new ChunkedJsonWriter(epoch) : new JsonWriter(epoch);
  return isPretty ? new PrettyWriter(writer) : writer;
}
