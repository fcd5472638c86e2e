// Text → tokens. Where messages place a token follows InfluxDB's scanner, odd as it is: strings are
// placed one character before their quote, and the end of the text one further once it was looked at.

import { keywordOf, type Token, type TokenKind } from './token.ts';

const END = 0;
const NEWLINE = 0x0a;
const DOUBLE_QUOTE = 0x22;
const APOSTROPHE = 0x27;
const STAR = 0x2a;
const DOT = 0x2e;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const MICRO = 0xb5;

/** One-character tokens that cannot be the start of a longer one. */
const SINGLE: ReadonlyMap<string, TokenKind> = new Map(
  (['+', '*', '%', '&', '|', '^', '(', ')', ',', ';'] as const).map((kind) => [kind, kind]),
);

/** Two-character tokens by their first character, and what that is by itself. */
const PAIRS: ReadonlyMap<
  string,
  { readonly alone: TokenKind; readonly pairs: ReadonlyMap<string, TokenKind> }
> = new Map([
  ['=', { alone: '=', pairs: new Map<string, TokenKind>([['~', '=~']]) }],
  [
    '!',
    {
      alone: 'ILLEGAL',
      pairs: new Map<string, TokenKind>([
        ['=', '!='],
        ['~', '!~'],
      ]),
    },
  ],
  ['>', { alone: '>', pairs: new Map<string, TokenKind>([['=', '>=']]) }],
  [
    '<',
    {
      alone: '<',
      pairs: new Map<string, TokenKind>([
        ['=', '<='],
        ['>', '!='],
      ]),
    },
  ],
  [':', { alone: ':', pairs: new Map<string, TokenKind>([[':', '::']]) }],
]);

export class Lexer {
  /** Code points; a line break is always one newline. */
  readonly #characters: Uint32Array;
  /** Index of the next character. Past the end it goes on: how often the end was seen shows in messages. */
  #at = 0;

  /** A NUL ends the text. */
  constructor(text: string) {
    const characters = new Uint32Array(text.length);
    let length = 0;
    for (let i = 0; i < text.length; ) {
      let character = text.codePointAt(i)!;
      i += character > 0xffff ? 2 : 1;
      if (character === END) break;
      if (character === 0x0d) {
        if (text.charCodeAt(i) === NEWLINE) i++;
        character = NEWLINE;
      }
      characters[length++] = character;
    }
    this.#characters = characters.subarray(0, length);
  }

  /** Line and column, both from 1, in characters. */
  position(index: number): { readonly line: number; readonly column: number } {
    const length = this.#characters.length;
    const end = Math.min(index, length);
    let line = 1;
    let lineStart = 0;
    for (let i = 0; i < end; i++) {
      if (this.#characters[i] !== NEWLINE) continue;
      line++;
      lineStart = i + 1;
    }
    return { line, column: Math.min(index, length + 1) - lineStart + 1 };
  }

  /** The next character without taking it; '' at the end, which counts as seen. */
  peekCharacter(): string {
    const character = this.#peek();
    if (character !== END) return String.fromCodePoint(character);
    this.#at++;
    return '';
  }

  /** The next token. Whitespace and comments are tokens, too. */
  scan(): Token {
    const start = this.#at;
    const character = this.#peek();
    if (isWhitespace(character)) return this.#scanWhitespace();
    if (isLetter(character) || character === 0x5f || character === DOUBLE_QUOTE) {
      return this.#scanIdentifier(true);
    }
    if (isDigit(character)) return this.#scanNumber();
    this.#at++;
    if (character === END) return token('EOF', '', start);
    if (character === APOSTROPHE) return this.#scanString(start, 'STRING', start);
    const text = String.fromCodePoint(character);
    const single = SINGLE.get(text);
    if (single !== undefined) return token(single, '', start);
    const pair = PAIRS.get(text);
    if (pair !== undefined) return this.#scanPair(text, pair, start);
    switch (text) {
      case '.':
        if (!isDigit(this.#peek())) return token('.', '', start);
        this.#at--;
        return this.#scanNumber();
      case '$':
        return this.#scanParameter(start);
      case '-':
        if (this.#peek() !== 0x2d) return token('-', '', start);
        this.#skipLine();
        return token('COMMENT', '', start);
      case '/':
        if (this.#peek() !== STAR) return token('/', '', start);
        this.#at++;
        return token(this.#skipComment() ? 'COMMENT' : 'ILLEGAL', '', start);
      default:
        return token('ILLEGAL', text, start);
    }
  }

  /** A regular expression; the next character is its slash. Only the parser knows that it is no division. */
  scanRegexp(): Token {
    const at = Math.max(this.#at - 1, 0);
    this.#at++;
    const pattern: number[] = [];
    for (;;) {
      const character = this.#take();
      if (character === SLASH) return token('REGEX', textOf(pattern), at);
      if (character === END || character === NEWLINE) return token('BADREGEX', '', at);
      if (character === BACKSLASH && this.#peek() === SLASH) {
        pattern.push(SLASH);
        this.#at++;
      } else {
        pattern.push(character);
      }
    }
  }

  #scanPair(
    text: string,
    { alone, pairs }: { alone: TokenKind; pairs: ReadonlyMap<string, TokenKind> },
    start: number,
  ): Token {
    const next = this.#peek();
    const pair = next === END ? undefined : pairs.get(String.fromCodePoint(next));
    if (pair === undefined) return token(alone, alone === 'ILLEGAL' ? text : '', start);
    this.#at++;
    return token(pair, '', start);
  }

  #scanWhitespace(): Token {
    const start = this.#at;
    while (isWhitespace(this.#peek())) this.#at++;
    const text = textOf(this.#characters.subarray(start, this.#at));
    if (this.#peek() === END) this.#at++;
    return token('WS', text, start);
  }

  #scanParameter(start: number): Token {
    const name = this.#scanIdentifier(false);
    const kind = name.kind === 'IDENT' ? 'BOUNDPARAM' : name.kind;
    return token(kind, `$${name.text}`, start);
  }

  /** A bare or quoted name. A quote right behind a bare one begins another that takes its place. */
  #scanIdentifier(canBeKeyword: boolean): Token {
    const start = this.#at;
    while (isIdentifierCharacter(this.#peek())) this.#at++;
    const text = textOf(this.#characters.subarray(start, this.#at));
    const next = this.#peek();
    if (next === DOUBLE_QUOTE) {
      const quote = this.#at++;
      return this.#scanString(quote, 'IDENT', start);
    }
    // A bare name looks twice for more of it.
    if (next === END) this.#at += text === '' ? 1 : 2;
    const keyword = canBeKeyword ? keywordOf(text) : undefined;
    return keyword === undefined ? token('IDENT', text, start) : token(keyword, '', start);
  }

  /** The rest of a quoted text. `quote` is where its first quote was. */
  #scanString(quote: number, kind: 'STRING' | 'IDENT', start: number): Token {
    const ending = this.#characters[quote];
    const before = Math.max(quote - 1, 0);
    const content: number[] = [];
    for (;;) {
      const character = this.#take();
      if (character === ending) {
        return token(kind, textOf(content), kind === 'STRING' ? before : start);
      }
      if (character === END || character === NEWLINE) {
        return token('BADSTRING', textOf(content), before);
      }
      if (character !== BACKSLASH) {
        content.push(character);
        continue;
      }
      const escaped = this.#take();
      if (escaped === 0x6e) content.push(NEWLINE);
      else if (escaped === BACKSLASH || escaped === DOUBLE_QUOTE || escaped === APOSTROPHE) {
        content.push(escaped);
      } else {
        return token('BADESCAPE', `\\${String.fromCodePoint(escaped)}`, this.#at - 1);
      }
    }
  }

  /** A number, or a number and unit (`1h30m`). A dot that no digit follows is dropped. */
  #scanNumber(): Token {
    const start = this.#at;
    while (isDigit(this.#peek())) this.#at++;
    let text = textOf(this.#characters.subarray(start, this.#at));
    if (this.#peek() === DOT) {
      this.#at++;
      const dot = this.#at - 1;
      while (isDigit(this.#peek())) this.#at++;
      if (this.#at > dot + 1) text += textOf(this.#characters.subarray(dot, this.#at));
      return token('NUMBER', text, start);
    }
    if (!isUnit(this.#peek())) return token('INTEGER', text, start);
    while (isUnit(this.#peek()) || isDigit(this.#peek())) this.#at++;
    return token('DURATIONVAL', textOf(this.#characters.subarray(start, this.#at)), start);
  }

  #skipLine(): void {
    for (;;) {
      const character = this.#take();
      if (character === END || character === NEWLINE) return;
    }
  }

  /** False if the comment has no end. */
  #skipComment(): boolean {
    for (;;) {
      const character = this.#take();
      if (character === END) return false;
      if (character === STAR && this.#peek() === SLASH) {
        this.#at++;
        return true;
      }
    }
  }

  #peek(): number {
    return this.#characters[this.#at] ?? END;
  }

  #take(): number {
    return this.#characters[this.#at++] ?? END;
  }
}

function token(kind: TokenKind, text: string, at: number): Token {
  return { kind, text, at };
}

function textOf(characters: ArrayLike<number>): string {
  let text = '';
  for (let i = 0; i < characters.length; i++) text += String.fromCodePoint(characters[i]!);
  return text;
}

function isWhitespace(character: number): boolean {
  return character === 0x20 || character === 0x09 || character === NEWLINE;
}

function isLetter(character: number): boolean {
  return (character >= 0x61 && character <= 0x7a) || (character >= 0x41 && character <= 0x5a);
}

function isDigit(character: number): boolean {
  return character >= 0x30 && character <= 0x39;
}

function isUnit(character: number): boolean {
  return isLetter(character) || character === MICRO;
}

function isIdentifierCharacter(character: number): boolean {
  return isLetter(character) || isDigit(character) || character === 0x5f;
}
