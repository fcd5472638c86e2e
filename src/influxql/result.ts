// What statements answer: series of rows, in pieces.

import type { Scalar } from './select/point.ts';
import type { Time } from './select/time.ts';

export type CellType = 'time' | 'float' | 'integer' | 'string' | 'boolean';

/** Undefined is null. A number that is none is shown as null, too. */
export type Cell = Time | Scalar | undefined;

export interface ResultSeries {
  /** '' for none. */
  readonly name: string;
  readonly tags: readonly (readonly [key: string, value: string])[];
  readonly columns: readonly string[];
  readonly types: readonly CellType[];
  readonly rows: readonly (readonly Cell[])[];
  /** Of times that are printed as text; undefined is UTC. */
  readonly timeZone?: string | undefined;
  /** More rows of the same series follow. */
  readonly isPartial: boolean;
}

/** One piece of a statement's answer. */
export interface ResultPiece {
  readonly series: readonly ResultSeries[];
  /** More pieces follow. */
  readonly isPartial: boolean;
}

/** Pieces in order; at least one, which may be empty. */
export type ResultPieces = AsyncGenerator<ResultPiece, void>;

export const EMPTY_PIECE: ResultPiece = { series: [], isPartial: false };

/** A series of texts and whole numbers, as SHOW has them. */
export function table(
  name: string,
  columns: readonly string[],
  types: readonly CellType[],
  rows: readonly (readonly Cell[])[],
): ResultSeries {
  return { name, tags: [], columns, types, rows, isPartial: false };
}

/** Series as pieces of one answer of at most `chunkSize` rows, each marked as followed by others. */
export async function* piecesOf(
  series: AsyncIterable<ResultSeries>,
  chunkSize: number,
): ResultPieces {
  let last: ResultSeries | undefined;
  for await (const whole of series) {
    for (const one of split(whole, chunkSize)) {
      if (last !== undefined) yield { series: [last], isPartial: true };
      last = one;
    }
  }
  yield last === undefined ? EMPTY_PIECE : { series: [last], isPartial: false };
}

function* split(series: ResultSeries, chunkSize: number): Generator<ResultSeries, void> {
  const { rows } = series;
  for (let at = 0; at === 0 || at < rows.length; at += chunkSize) {
    const isPartial = at + chunkSize < rows.length;
    yield { ...series, rows: rows.slice(at, at + chunkSize), isPartial };
  }
}

/** Series as pieces without such marks. */
export async function* separatePieces(series: AsyncIterable<ResultSeries>): ResultPieces {
  let isEmpty = true;
  for await (const one of series) {
    isEmpty = false;
    yield { series: [one], isPartial: false };
  }
  if (isEmpty) yield EMPTY_PIECE;
}
