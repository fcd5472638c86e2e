// How results are written down.

import type { ResultPiece } from '../../influxql/index.ts';
import type { Epoch } from './cells.ts';
import { CsvWriter } from './csv-results.ts';
import { ChunkedJsonWriter, JsonWriter } from './json-results.ts';

/** Texts in the order of calls make the answer: for each statement `begin`, pieces, `end`; then `finish`. */
export interface ResultWriter {
  readonly contentType: string;
  begin(statementId: number): string;
  piece(piece: ResultPiece): string;
  end(messages: readonly string[], error: string | undefined): string;
  finish(): string;
  /** The whole answer to a request that is refused. */
  failure(message: string): string;
}

export function resultWriter(
  accept: string | undefined,
  isChunked: boolean,
  epoch: Epoch,
): ResultWriter {
  if (accept === 'application/csv' || accept === 'text/csv') return new CsvWriter(epoch);
  return isChunked ? new ChunkedJsonWriter(epoch) : new JsonWriter(epoch);
}
