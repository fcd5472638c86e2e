// Cuts a query into tokens as Prometheus' lexer does. What a character means depends on where it
// stands: outside, inside braces (keywords are plain words there), or where brackets begin.

import { quote } from '../../model/go-text.ts';
import { describeCharacter, quoteCharacter } from './character-text.ts';
import { scanDuration, scanNumber } from './number-scan.ts';
import { FUNCTION_KEYWORDS, KEYWORDS, type Token, type TokenKind } from './token.ts';

const SPACE = /[ \t\r\n]*/y;
const COMMENT = /#[^\r\n]*/y;
const WORD = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const WORD_WITH_COLONS = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LETTERS = /[a-zA-Z_]*/y;
const OPEN_PARENTHESIS = /[ \t\r\n]*\(/y;

const DIGIT = /^[0-9]$/;
const LETTER = /^[a-zA-Z_]$/;
const OCTAL = /^[0-7]$/;
const HEX = /^[0-9a-fA-F]$/;

/** What Go's lexer sees where there is nothing or nothing valid. */
const REPLACEMENT = '\ufffd';

type Mode = 'outside' | 'braces' | 'brackets';

/** Hands out tokens one by one. */
export class Lexer {
  readonly #text: string;
  #at = 0;
  #mode: Mode = 'outside';
  #parenDepth = 0;
  #inBrackets = false;
  /** A ':' has been seen since the last '['. */
  #sawColon = false;
  /** A number has been seen after any '['. */
  #sawDuration = false;
  #end: Token | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next token. After `end of input` or `error` that one again and again. */
  next(): Token {
    if (this.#end !== undefined) return this.#end;
    this.#skip(SPACE);
    while (this.#mode !== 'brackets' && this.#peek() === '#') {
      this.#skip(COMMENT);
      this.#skip(SPACE);
    }
    const token =
      this.#mode === 'braces'
        ? this.#insideBraces()
        : this.#mode === 'brackets'
          ? this.#insideBrackets()
          : this.#outside();
    if (token.kind === 'end of input' || token.kind === 'error') this.#end = token;
    return token;
  }

  #outside(): Token {
    const character = this.#peek();
    switch (character) {
      case '':
        if (this.#parenDepth !== 0) return this.#error('unclosed left parenthesis');
        if (this.#inBrackets) return this.#error('unclosed left bracket');
        return this.#take('end of input', 0);
      case ',':
      case '*':
      case '/':
      case '%':
      case '+':
      case '-':
      case '^':
      case '@':
        return this.#take(character, 1);
      case '=':
        if (this.#peek(1) === '~') return this.#error(`unexpected character after '=': '~'`);
        return this.#peek(1) === '=' ? this.#take('==', 2) : this.#take('=', 1);
      case '!':
        if (this.#peek(1) === '=') return this.#take('!=', 2);
        return this.#error(`unexpected character after '!': ${this.#quoted(1)}`);
      case '<':
        if (this.#peek(1) === '=') return this.#take('<=', 2);
        return this.#peek(1) === '/' ? this.#take('</', 2) : this.#take('<', 1);
      case '>':
        if (this.#peek(1) === '=') return this.#take('>=', 2);
        return this.#peek(1) === '/' ? this.#take('>/', 2) : this.#take('>', 1);
      case '"':
      case "'":
      case '`':
        return this.#string(character);
      case '(':
      case ')':
        return this.#parenthesis(character);
      case '{':
        this.#mode = 'braces';
        return this.#take('{', 1);
      case '[':
        return this.#openBracket();
      case ']':
        if (!this.#inBrackets) return this.#error("unexpected right bracket ']'");
        this.#inBrackets = false;
        return this.#take(']', 1);
    }
    if (this.#startsNumber()) return this.#number();
    if (character === ':' || LETTER.test(character)) {
      return this.#inBrackets ? this.#wordAfterNumber(character) : this.#word();
    }
    return this.#error(`unexpected character: ${this.#quoted()}`);
  }

  #insideBraces(): Token {
    const character = this.#peek();
    switch (character) {
      case '':
        return this.#error('unexpected end of input inside braces');
      case ',':
        return this.#take(',', 1);
      case '"':
      case "'":
      case '`':
        return this.#string(character);
      case '=':
        return this.#peek(1) === '~' ? this.#take('=~', 2) : this.#take('=', 1);
      case '!':
        if (this.#peek(1) === '~') return this.#take('!~', 2);
        if (this.#peek(1) === '=') return this.#take('!=', 2);
        return this.#error(`unexpected character after '!' inside braces: ${this.#quoted(1)}`);
      case '{':
        return this.#error("unexpected left brace '{'");
      case '}':
        this.#mode = 'outside';
        return this.#take('}', 1);
    }
    if (LETTER.test(character)) return this.#take('identifier', this.#length(WORD));
    return this.#error(`unexpected character inside braces: ${this.#quoted()}`);
  }

  /** From '[' up to the first number; then the rules of outside hold, with `#inBrackets`. */
  #insideBrackets(): Token {
    const character = this.#peek();
    switch (character) {
      case '':
        return this.#error('unexpected end of input in duration expression');
      case ']':
        this.#inBrackets = false;
        this.#sawColon = false;
        this.#mode = 'outside';
        return this.#take(']', 1);
      case ':':
        this.#at++;
        if (!this.#sawDuration) {
          return this.#error('unexpected colon before duration in duration expression');
        }
        if (this.#sawColon) {
          return this.#error('unexpected repeated colon in duration expression');
        }
        this.#at--;
        this.#sawColon = true;
        return this.#take(':', 1);
      case '(':
      case ')':
        return this.#parenthesis(character);
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case '^':
      case ',':
        return this.#take(character, 1);
    }
    if (this.#startsNumber()) {
      this.#sawDuration = true;
      this.#mode = 'outside';
      return this.#number();
    }
    return (
      this.#durationKeyword() ??
      this.#error(`unexpected character in duration expression: ${this.#quoted()}`)
    );
  }

  #openBracket(): Token {
    if (this.#inBrackets) return this.#error("unexpected left bracket '['");
    this.#sawColon = false;
    this.#inBrackets = true;
    this.#mode = 'brackets';
    return this.#take('[', 1);
  }

  #parenthesis(character: '(' | ')'): Token {
    if (character === '(') {
      this.#parenDepth++;
      return this.#take('(', 1);
    }
    this.#parenDepth--;
    if (this.#parenDepth >= 0) return this.#take(')', 1);
    // Prometheus places this error behind the parenthesis.
    this.#at++;
    return this.#error("unexpected right parenthesis ')'");
  }

  #word(): Token {
    const length = this.#length(WORD_WITH_COLONS);
    const word = this.#text.slice(this.#at, this.#at + length);
    const keyword = word.toLowerCase();
    if (keyword === 'inf' || keyword === 'nan') return this.#take('number', length);
    if (KEYWORDS.has(keyword)) {
      // So that metrics called `fill` stay usable.
      const isName = keyword.startsWith('fill') && !this.#parenthesisFollows(length);
      return this.#take(isName ? 'identifier' : (keyword as TokenKind), length);
    }
    return this.#take(word.includes(':') ? 'metric identifier' : 'identifier', length);
  }

  #parenthesisFollows(length: number): boolean {
    OPEN_PARENTHESIS.lastIndex = this.#at + length;
    return OPEN_PARENTHESIS.test(this.#text);
  }

  #wordAfterNumber(character: string): Token {
    if (character === ':') {
      if (this.#sawColon) return this.#error("unexpected colon ':'");
      this.#sawColon = true;
      return this.#take(':', 1);
    }
    return (
      this.#durationKeyword() ??
      this.#error(`unexpected character: ${this.#quoted()}, expected ':'`)
    );
  }

  #durationKeyword(): Token | undefined {
    const length = this.#length(LETTERS);
    const keyword = this.#text.slice(this.#at, this.#at + length).toLowerCase();
    if (keyword === 'start' || keyword === 'end' || !FUNCTION_KEYWORDS.has(keyword)) {
      return undefined;
    }
    return this.#take(keyword as TokenKind, length);
  }

  #startsNumber(): boolean {
    const character = this.#peek();
    return DIGIT.test(character) || (character === '.' && DIGIT.test(this.#peek(1)));
  }

  #number(): Token {
    const number = scanNumber(this.#text, this.#at);
    if (number.isValid) return this.#take('number', number.end - this.#at);
    const duration = scanDuration(this.#text, number.end);
    if (duration.isValid) return this.#take('duration', duration.end - this.#at);
    const text = this.#text.slice(this.#at, duration.end);
    return this.#error(`bad number or duration syntax: ${quote(text)}`);
  }

  #string(delimiter: string): Token {
    const isRaw = delimiter === '`';
    for (let i = this.#at + 1; ; i++) {
      const character = this.#text[i] ?? '';
      if (character === delimiter) return this.#take('string', i + 1 - this.#at);
      if (character === '') {
        return this.#error(isRaw ? 'unterminated raw string' : 'unterminated quoted string');
      }
      if (isReplaced(this.#text, i)) return this.#error('invalid UTF-8 rune');
      if (isRaw) continue;
      if (character === '\n') return this.#error('unterminated quoted string');
      if (character !== '\\') continue;
      const why = badEscape(this.#text, i + 1, delimiter);
      if (why !== undefined) return this.#error(why);
      i++;
    }
  }

  #take(kind: TokenKind, length: number): Token {
    const start = this.#at;
    this.#at += length;
    return { kind, text: this.#text.slice(start, this.#at), start, end: this.#at };
  }

  #error(message: string): Token {
    return { kind: 'error', text: message, start: this.#at, end: this.#text.length };
  }

  /** One UTF-16 unit ahead, '' at the end. */
  #peek(ahead = 0): string {
    return this.#text[this.#at + ahead] ?? '';
  }

  /** The character ahead, quoted for a message. */
  #quoted(ahead = 0): string {
    return quoteCharacter(characterAt(this.#text, this.#at + ahead) || REPLACEMENT);
  }

  #length(pattern: RegExp): number {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0].length ?? 0;
  }

  #skip(pattern: RegExp): void {
    this.#at += this.#length(pattern);
  }
}

/** The whole character at `i`, '' at the end. */
function characterAt(text: string, i: number): string {
  const codePoint = text.codePointAt(i);
  return codePoint === undefined ? '' : String.fromCodePoint(codePoint);
}

/** True for what a decoder put where bytes were not UTF-8, and for halves of surrogate pairs. */
function isReplaced(text: string, i: number): boolean {
  const code = text.charCodeAt(i);
  if (code === 0xfffd) return true;
  if (code < 0xd800 || code > 0xdfff) return false;
  const isHigh = code < 0xdc00;
  const other = text.charCodeAt(isHigh ? i + 1 : i - 1);
  return !(isHigh ? other >= 0xdc00 && other <= 0xdfff : other >= 0xd800 && other < 0xdc00);
}

/** What is wrong with the escape sequence whose first character after the backslash is at `i`. */
function badEscape(text: string, i: number, delimiter: string): string | undefined {
  const letter = characterAt(text, i);
  if (letter === '') return 'escape sequence not terminated';
  if ('abfnrtv\\'.includes(letter) || letter === delimiter) return undefined;
  if (OCTAL.test(letter)) return badDigits(text, i, 3, OCTAL, 8, 255);
  if (letter === 'x') return badDigits(text, i + 1, 2, HEX, 16, 255);
  if (letter === 'u') return badDigits(text, i + 1, 4, HEX, 16, 0x10ffff);
  if (letter === 'U') return badDigits(text, i + 1, 8, HEX, 16, 0x10ffff);
  return `unknown escape sequence ${describeCharacter(letter)}`;
}

function badDigits(
  text: string,
  from: number,
  count: number,
  allowed: RegExp,
  base: number,
  max: number,
): string | undefined {
  for (let i = from; i < from + count; i++) {
    const digit = characterAt(text, i);
    if (digit === '') return 'escape sequence not terminated';
    if (!allowed.test(digit)) {
      return `illegal character ${describeCharacter(digit)} in escape sequence`;
    }
  }
  const value = Number.parseInt(text.slice(from, from + count), base);
  if (value <= max && !(value >= 0xd800 && value <= 0xdfff)) return undefined;
  return 'escape sequence is an invalid Unicode code point';
}
