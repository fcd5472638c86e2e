// Tokens of a series selector, as Prometheus' lexer cuts them.

import { selectorMalformed } from './errors.ts';

export type TokenKind =
  | 'identifier'
  | 'metric identifier'
  | 'string'
  | 'number'
  | 'operator'
  | '{'
  | '}'
  | ','
  | 'other'
  | 'end of input';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Offset of the first UTF-16 unit. */
  readonly start: number;
}

const SPACE = /(?:[ \t\r\n]|#[^\n]*)*/y;
const WORD_OUTSIDE = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const WORD_INSIDE = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const NUMBER = /[0-9][a-zA-Z0-9_.]*/y;
const OPERATOR = /=~|=|!~|!=/y;

/** Hands out tokens one by one; knows whether it is inside braces. */
export class Lexer {
  readonly #text: string;
  #at = 0;
  #inBraces = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token; `end of input` again and again at the end. Throws SELECTOR_PARSE. */
  next(): Token {
    this.#at += this.#match(SPACE).length;
    const start = this.#at;
    const character = this.#text[start];
    if (character === undefined) {
      if (this.#inBraces) throw this.#error(start, 'unexpected end of input inside braces');
      return { kind: 'end of input', text: '', start };
    }
    return this.#inBraces ? this.#inside(character, start) : this.#outside(character, start);
  }

  #outside(character: string, start: number): Token {
    if (character === '{') {
      this.#inBraces = true;
      return this.#token('{', '{');
    }
    const word = this.#match(WORD_OUTSIDE);
    if (word !== '') {
      if (/^(?:inf|nan)$/i.test(word)) return this.#token('number', word);
      return this.#token(word.includes(':') ? 'metric identifier' : 'identifier', word);
    }
    const number = this.#match(NUMBER);
    if (number !== '') return this.#token('number', number);
    if (isQuote(character)) return this.#string(character, start);
    if (/[-+*/%^()[\],@<>=!.:]/.test(character)) return this.#token('other', character);
    throw this.#error(start, `unexpected character: ${quoteCharacter(this.#text, start)}`);
  }

  #inside(character: string, start: number): Token {
    if (character === '}') {
      this.#inBraces = false;
      return this.#token('}', '}');
    }
    if (character === ',') return this.#token(',', ',');
    if (character === '{') throw this.#error(start, "unexpected left brace '{'");
    if (isQuote(character)) return this.#string(character, start);
    const operator = this.#match(OPERATOR);
    if (operator !== '') return this.#token('operator', operator);
    if (character === '!') {
      const after =
        start + 1 < this.#text.length ? quoteCharacter(this.#text, start + 1) : "'\ufffd'";
      throw this.#error(start, `unexpected character after '!': ${after}`);
    }
    const word = this.#match(WORD_INSIDE);
    if (word !== '') return this.#token('identifier', word);
    throw this.#error(
      start,
      `unexpected character inside braces: ${quoteCharacter(this.#text, start)}`,
    );
  }

  #string(quote: string, start: number): Token {
    for (let i = start + 1; i < this.#text.length; i++) {
      const character = this.#text[i]!;
      if (character === quote) return this.#token('string', this.#text.slice(start, i + 1));
      if (quote !== '`' && character === '\n') break;
      if (quote !== '`' && character === '\\') i++;
    }
    throw this.#error(
      start,
      quote === '`' ? 'unterminated raw string' : 'unterminated quoted string',
    );
  }

  #token(kind: TokenKind, text: string): Token {
    const token = { kind, text, start: this.#at };
    this.#at += text.length;
    return token;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0] ?? '';
  }

  #error(offset: number, why: string): Error {
    return selectorMalformed(this.#text, offset, why);
  }
}

function isQuote(character: string): boolean {
  return character === '"' || character === "'" || character === '`';
}

function quoteCharacter(text: string, at: number): string {
  return `'${String.fromCodePoint(text.codePointAt(at)!)}'`;
}
