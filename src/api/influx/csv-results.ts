// Results as CSV: a header for each statement and for each change of columns.

import type { Cell, CellType, ResultPiece, ResultSeries, Time } from '../../influxql/index.ts';
import { type Epoch, printEpoch, printPlainNumber } from './cells.ts';
import type { ResultWriter, WriterState } from './results.ts';

const ROWS_PER_PART = 256;

export class CsvWriter implements ResultWriter<string> {
  readonly contentType = 'text/csv';
  readonly #epoch: Exclude<Epoch, 'text'>;
  #isFirstStatement = true;
  /** Columns of the last series of this statement. */
  #columns: readonly string[] | undefined;

  constructor(epoch: Epoch) {
    this.#epoch = epoch === 'text' ? 'n' : epoch;
  }

  /** Which columns came last matters to the statement alone. */
  get state(): WriterState {
    return { first: this.#isFirstStatement };
  }

  set state(state: WriterState) {
    this.#isFirstStatement = state.first as boolean;
  }

  start(): string {
    return '';
  }

  begin(): string {
    this.#columns = undefined;
    return '';
  }

  *piece({ series }: ResultPiece): Generator<string, void> {
    for (const one of series) {
      yield this.#header(one);
      yield* this.#rows(one);
    }
  }

  end(): string {
    return '';
  }

  finish(): string {
    return '';
  }

  failure(message: string): string {
    return `error\n${quote(message)}\n`;
  }

  #header({ columns }: ResultSeries): string {
    const last = this.#columns;
    if (last !== undefined && isSame(last, columns)) return '';
    this.#columns = columns;
    const gap = last === undefined && this.#isFirstStatement ? '' : '\n';
    this.#isFirstStatement = false;
    return `${gap}${line(['name', 'tags', ...columns])}`;
  }

  *#rows({ name, tags, types, rows }: ResultSeries): Generator<string, void> {
    const key = tags
      .filter(([, value]) => value !== '')
      .map(([tag, value]) => `${escaped(tag)}=${escaped(value)}`)
      .join(',');
    const start = `${quote(name)},${quote(key)}`;
    for (let from = 0; from < rows.length; from += ROWS_PER_PART) {
      let text = '';
      for (const row of rows.slice(from, from + ROWS_PER_PART)) {
        text += start;
        for (let i = 0; i < row.length; i++) text += `,${this.#cell(row[i], types[i]!)}`;
        text += '\n';
      }
      yield text;
    }
  }

  #cell(cell: Cell, type: CellType): string {
    if (cell === undefined) return '';
    if (type === 'time') return printEpoch(cell as Time, this.#epoch);
    if (typeof cell === 'number') return printPlainNumber(cell, type) ?? '';
    return quote(String(cell));
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

function line(fields: readonly string[]): string {
  return `${fields.map(quote).join(',')}\n`;
}

/** As Go's writer decides. */
function quote(field: string): string {
  const needsQuotes = field === '\\.' || /[",\r\n]|^\s/u.test(field);
  return needsQuotes ? `"${field.replaceAll('"', '""')}"` : field;
}

function escaped(text: string): string {
  return text.replaceAll(/[, =]/g, '\\$&');
}
