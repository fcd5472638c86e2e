// JSON made to be read.

import type { ResultPiece } from '../../influxql/index.ts';
import type { ResultWriter, WriterState } from './results.ts';

/** What another writer writes, laid out. */
export class PrettyWriter implements ResultWriter<string> {
  readonly contentType: string;
  readonly #inner: ResultWriter<string>;
  readonly #printer = new PrettyPrinter();

  constructor(inner: ResultWriter<string>) {
    this.contentType = inner.contentType;
    this.#inner = inner;
  }

  get state(): WriterState {
    return { inner: this.#inner.state, printer: this.#printer.state };
  }

  set state(state: WriterState) {
    this.#inner.state = state.inner as WriterState;
    this.#printer.state = state.printer as WriterState;
  }

  start(statements: number): string {
    return this.#printer.push(this.#inner.start(statements));
  }

  begin(statementId: number): string {
    return this.#printer.push(this.#inner.begin(statementId));
  }

  *piece(piece: ResultPiece): Generator<string, void> {
    for (const part of this.#inner.piece(piece)) yield this.#printer.push(part);
  }

  end(messages: readonly string[], error: string | undefined): string {
    return this.#printer.push(this.#inner.end(messages, error));
  }

  finish(): string {
    return this.#printer.push(this.#inner.finish());
  }

  failure(message: string): string {
    return new PrettyPrinter().push(this.#inner.failure(message));
  }
}

/** JSON documents, coming in pieces, with line breaks and four blanks for each level. */
export class PrettyPrinter {
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** A bracket that has just been opened: if nothing follows it is closed on the same line. */
  #opened = '';

  get state(): WriterState {
    return { depth: this.#depth, opened: this.#opened };
  }

  /** Between texts, none of which ends inside of a string. */
  set state(state: WriterState) {
    this.#depth = state.depth as number;
    this.#opened = state.opened as string;
  }

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
