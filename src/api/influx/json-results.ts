// Results as JSON: one document of all statements, or with `chunked` one for each piece.

import type { ResultPiece, ResultSeries } from '../../influxql/index.ts';
import { type Epoch, printCell, printString } from './cells.ts';
import type { ResultWriter } from './results.ts';

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

function printRows({ rows, types, timeZone }: ResultSeries, epoch: Epoch): string {
  let text = '';
  for (const row of rows) {
    text += text === '' ? '[' : ',[';
    for (let i = 0; i < row.length; i++) {
      if (i > 0) text += ',';
      text += printCell(row[i], types[i]!, epoch, timeZone);
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

/** Everything in one document. What has been written stays when a statement fails half-way. */
export class JsonWriter implements ResultWriter {
  readonly contentType = 'application/json';
  readonly #epoch: Epoch;
  #isFirstResult = true;
  #hasSeries = false;
  /** A series whose rows go on with the next piece. */
  #openSeries = false;

  constructor(epoch: Epoch) {
    this.#epoch = epoch;
  }

  begin(statementId: number): string {
    const start = this.#isFirstResult ? '{"results":[' : ',';
    this.#isFirstResult = false;
    this.#hasSeries = false;
    this.#openSeries = false;
    return `${start}{"statement_id":${statementId}`;
  }

  piece({ series }: ResultPiece): string {
    let text = '';
    for (const one of series) {
      const rows = printRows(one, this.#epoch);
      if (this.#openSeries) {
        text += rows === '' ? '' : `,${rows}`;
      } else {
        text += this.#hasSeries ? ',{' : ',"series":[{';
        this.#hasSeries = true;
        text += header(one);
        if (rows !== '') text += `,"values":[${rows}`;
      }
      this.#openSeries = one.isPartial;
      if (!one.isPartial) text += rows === '' && one.rows.length === 0 ? '}' : ']}';
    }
    return text;
  }

  end(messages: readonly string[], error: string | undefined): string {
    const open = this.#openSeries ? ']}' : '';
    const list = this.#hasSeries ? ']' : '';
    const failure = error === undefined ? '' : `,"error":${printString(error)}`;
    this.#openSeries = false;
    return `${open}${list}${printMessages(messages)}${failure}}`;
  }

  finish(): string {
    return this.#isFirstResult ? '{}\n' : ']}\n';
  }

  failure(message: string): string {
    return `{"error":${printString(message)}}\n`;
  }
}

/** A document for each piece. */
export class ChunkedJsonWriter implements ResultWriter {
  readonly contentType = 'application/json';
  readonly #epoch: Epoch;
  #statementId = 0;
  #isEmpty = true;

  constructor(epoch: Epoch) {
    this.#epoch = epoch;
  }

  begin(statementId: number): string {
    this.#statementId = statementId;
    this.#isEmpty = true;
    return '';
  }

  piece({ series, isPartial }: ResultPiece): string {
    if (series.length === 0) return '';
    this.#isEmpty = false;
    const list = series.map((one) => {
      const rows = printRows(one, this.#epoch);
      const values = rows === '' ? '' : `,"values":[${rows}]`;
      return `{${header(one)}${values}${one.isPartial ? ',"partial":true' : ''}}`;
    });
    const partial = isPartial ? ',"partial":true' : '';
    return this.#document(`,"series":[${list.join(',')}]${partial}`);
  }

  end(messages: readonly string[], error: string | undefined): string {
    if (error !== undefined) return this.#document(`,"error":${printString(error)}`);
    return this.#isEmpty || messages.length > 0 ? this.#document(printMessages(messages)) : '';
  }

  finish(): string {
    return '';
  }

  failure(message: string): string {
    return `{"error":${printString(message)}}\n`;
  }

  #document(rest: string): string {
    return `{"results":[{"statement_id":${this.#statementId}${rest}}]}\n`;
  }
}

/** JSON documents, coming in pieces, with line breaks and four blanks for each level. */
export class PrettyPrinter {
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** A bracket that has just been opened: if nothing follows it is closed on the same line. */
  #opened = '';

  push(text: string): string {
    let out = '';
    for (const character of text) out += this.#next(character);
    return out;
  }

  #next(character: string): string {
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (character === '\\') this.#isEscaped = true;
      else if (character === '"') this.#inString = false;
      return character;
    }
    if (character === '}' || character === ']') {
      if (this.#opened !== '') {
        this.#opened = '';
        return character;
      }
      this.#depth--;
      return `${this.#newLine()}${character}`;
    }
    const before = this.#opened === '' ? '' : this.#indent();
    this.#opened = '';
    switch (character) {
      case '{':
      case '[':
        this.#opened = character;
        return `${before}${character}`;
      case ',':
        return `,${this.#newLine()}`;
      case ':':
        return ': ';
      case '"':
        this.#inString = true;
        return `${before}"`;
      default:
        return `${before}${character}`;
    }
  }

  #indent(): string {
    this.#depth++;
    return this.#newLine();
  }

  #newLine(): string {
    return `\n${'    '.repeat(this.#depth)}`;
  }
}
