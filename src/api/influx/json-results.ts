// Results as JSON: one document of all statements, or with `chunked` one for each piece.

import type { ResultPiece, ResultSeries } from '../../influxql/index.ts';
import { type Epoch, printCell, printString } from './cells.ts';
import type { ResultWriter, WriterState } from './results.ts';

const CONTENT_TYPE = 'application/json';
/** Some ten kilobytes, as rows usually are. */
const ROWS_PER_PART = 256;

function header({ name, tags, columns }: ResultSeries): string {
  const parts: string[] = [];
  if (name !== '') parts.push(`"name":${printString(name)}`);
  if (tags.length > 0) {
    const pairs = tags.map(([key, value]) => `${printString(key)}:${printString(value)}`);
    parts.push(`"tags":{${pairs.join(',')}}`);
  }
  parts.push(`"columns":[${columns.map(printString).join(',')}]`);
  return parts.join(',');
}

function printRows(
  { rows, types, timeZone }: ResultSeries,
  from: number,
  to: number,
  epoch: Epoch,
): string {
  let text = '';
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    text += i === from ? '[' : ',[';
    for (let k = 0; k < row.length; k++) {
      if (k > 0) text += ',';
      text += printCell(row[k], types[k]!, epoch, timeZone);
    }
    text += ']';
  }
  return text;
}

function printMessages(messages: readonly string[]): string {
  if (messages.length === 0) return '';
  const list = messages.map((text) => `{"level":"warning","text":${printString(text)}}`);
  return `,"messages":[${list.join(',')}]`;
}

function printError(error: string | undefined): string {
  return error === undefined ? '' : `,"error":${printString(error)}`;
}

function failure(message: string): string {
  return `{"error":${printString(message)}}\n`;
}

/** What of a series has been begun and not closed: nothing, the series, its list of rows. */
type OpenSeries = '' | 'series' | 'rows';

const CLOSING: Readonly<Record<OpenSeries, string>> = { '': '', series: '}', rows: ']}' };

/** Everything in one document. What has been written stays when a statement fails half-way. */
export class JsonWriter implements ResultWriter<string> {
  readonly contentType: string = CONTENT_TYPE;
  readonly #epoch: Epoch;
  #isFirstResult = true;
  #hasSeries = false;
  /** Rows of a series may go on with the next piece. */
  #open: OpenSeries = '';

  constructor(epoch: Epoch) {
    this.#epoch = epoch;
  }

  get state(): WriterState {
    return { first: this.#isFirstResult, series: this.#hasSeries, open: this.#open };
  }

  set state(state: WriterState) {
    this.#isFirstResult = state.first as boolean;
    this.#hasSeries = state.series as boolean;
    this.#open = state.open as OpenSeries;
  }

  start(): string {
    return '';
  }

  begin(statementId: number): string {
    const start = this.#isFirstResult ? '{"results":[' : ',';
    this.#isFirstResult = false;
    this.#hasSeries = false;
    this.#open = '';
    return `${start}{"statement_id":${statementId}`;
  }

  *piece({ series }: ResultPiece): Generator<string, void> {
    for (const one of series) {
      let text = '';
      if (this.#open === '') {
        text = `${this.#hasSeries ? ',{' : ',"series":[{'}${header(one)}`;
        this.#hasSeries = true;
        this.#open = 'series';
      }
      for (let from = 0; from < one.rows.length; from += ROWS_PER_PART) {
        text += this.#open === 'series' ? ',"values":[' : ',';
        this.#open = 'rows';
        const to = Math.min(one.rows.length, from + ROWS_PER_PART);
        yield text + printRows(one, from, to, this.#epoch);
        text = '';
      }
      if (!one.isPartial) {
        text += CLOSING[this.#open];
        this.#open = '';
      }
      if (text !== '') yield text;
    }
  }

  end(messages: readonly string[], error: string | undefined): string {
    const list = this.#hasSeries ? ']' : '';
    const text = `${CLOSING[this.#open]}${list}${printMessages(messages)}${printError(error)}}`;
    this.#open = '';
    return text;
  }

  finish(): string {
    return this.#isFirstResult ? '{}\n' : ']}\n';
  }

  failure(message: string): string {
    return failure(message);
  }
}

/** A document for each piece. */
export class ChunkedJsonWriter implements ResultWriter<string> {
  readonly contentType: string = CONTENT_TYPE;
  readonly #epoch: Epoch;
  #statementId = 0;
  #isEmpty = true;
  #isDocumentOpen = false;
  #open: OpenSeries = '';

  constructor(epoch: Epoch) {
    this.#epoch = epoch;
  }

  get state(): WriterState {
    return {
      id: this.#statementId,
      empty: this.#isEmpty,
      document: this.#isDocumentOpen,
      open: this.#open,
    };
  }

  set state(state: WriterState) {
    this.#statementId = state.id as number;
    this.#isEmpty = state.empty as boolean;
    this.#isDocumentOpen = state.document as boolean;
    this.#open = state.open as OpenSeries;
  }

  start(): string {
    return '';
  }

  begin(statementId: number): string {
    this.#statementId = statementId;
    this.#isEmpty = true;
    return '';
  }

  *piece({ series, isPartial }: ResultPiece): Generator<string, void> {
    if (series.length === 0) return;
    this.#isEmpty = false;
    let text = `${this.#beginDocument()},"series":[`;
    for (const [i, one] of series.entries()) {
      text += `${i === 0 ? '{' : ',{'}${header(one)}`;
      this.#open = 'series';
      for (let from = 0; from < one.rows.length; from += ROWS_PER_PART) {
        text += this.#open === 'series' ? ',"values":[' : ',';
        this.#open = 'rows';
        const to = Math.min(one.rows.length, from + ROWS_PER_PART);
        yield text + printRows(one, from, to, this.#epoch);
        text = '';
      }
      const list = CLOSING[this.#open].slice(0, -1);
      text += `${list}${one.isPartial ? ',"partial":true' : ''}}`;
      this.#open = '';
    }
    this.#isDocumentOpen = false;
    yield `${text}]${isPartial ? ',"partial":true' : ''}}]}\n`;
  }

  end(messages: readonly string[], error: string | undefined): string {
    if (this.#isDocumentOpen) {
      // Broken off in the middle.
      const rest = `${CLOSING[this.#open]}]${printError(error)}}]}\n`;
      this.#isDocumentOpen = false;
      this.#open = '';
      return rest;
    }
    if (error !== undefined) return this.#document(printError(error));
    return this.#isEmpty || messages.length > 0 ? this.#document(printMessages(messages)) : '';
  }

  finish(): string {
    return '';
  }

  failure(message: string): string {
    return failure(message);
  }

  #beginDocument(): string {
    this.#isDocumentOpen = true;
    return `{"results":[{"statement_id":${this.#statementId}`;
  }

  #document(rest: string): string {
    return `{"results":[{"statement_id":${this.#statementId}${rest}}]}\n`;
  }
}
