// The tokens of one text with one token of lookahead, read as late as possible: an error of the text
// further on must not hide one that can be told before.

import { patternSize } from '../../runtime/regexp-size.ts';
import { nestedTooDeeply, regexpsTooLarge } from '../errors.ts';
import type { ParserOptions } from './features.ts';
import { Lexer } from './lexer.ts';
import { parseError, placeOf } from './position.ts';
import { describeToken, type Token, type TokenKind } from './token.ts';

/** Where in the grammar the parser stands, for messages. */
export interface Place {
  readonly context: string;
  readonly expected: string;
}

/** `maxDepth`: how often `enter` may be called more than `leave`. */
export type StreamLimits = Pick<ParserOptions, 'maxDepth' | 'maxRegexpSize'>;

export class TokenStream {
  readonly text: string;
  readonly #lexer: Lexer;
  readonly #limits: StreamLimits;
  #ahead: Token | undefined;
  #place: Place | undefined;
  #depth = 0;
  #regexpSize = 0;
  #lastEnd = 0;

  constructor(text: string, limits: StreamLimits) {
    this.text = text;
    this.#lexer = new Lexer(text);
    this.#limits = limits;
  }

  /** The next token, not taken. Throws PROMQL_PARSE where the text cannot be cut. */
  peek(): Token {
    if (this.#ahead === undefined) {
      const token = this.#lexer.next();
      if (token.kind === 'error') throw this.error(token.start, token.text);
      this.#ahead = token;
    }
    return this.#ahead;
  }

  /** UTF-16 offset behind the token taken last. */
  get lastEnd(): number {
    return this.#lastEnd;
  }

  /** Takes the next token. */
  next(): Token {
    const token = this.peek();
    this.#ahead = undefined;
    this.#lastEnd = token.end;
    return token;
  }

  is(kind: TokenKind): boolean {
    return this.peek().kind === kind;
  }

  /** Takes the next token if it is of this kind. */
  accept(kind: TokenKind): Token | undefined {
    return this.is(kind) ? this.next() : undefined;
  }

  /** Takes the next token, which must be of this kind; if not, {@link unexpected}. */
  expect(kind: TokenKind, place?: Place): Token {
    return this.accept(kind) ?? this.#throwUnexpected(place);
  }

  /** PROMQL_PARSE about the next token, telling `place`, else the innermost {@link within}. */
  unexpected(place: Place | undefined = this.#place): Error {
    const token = this.peek();
    const where = place === undefined ? '' : ` in ${place.context}`;
    const expected =
      place === undefined || place.expected === '' ? '' : `, expected ${place.expected}`;
    return this.error(token.start, `unexpected ${describeToken(token)}${where}${expected}`);
  }

  /** PROMQL_PARSE at a UTF-16 offset. */
  error(offset: number, why: string): Error {
    return parseError(this.text, offset, why);
  }

  /** Runs `parse`; unexpected tokens met there are told to be in `place`. */
  within<T>(place: Place, parse: () => T): T {
    const outer = this.#place;
    this.#place = place;
    const result = parse();
    this.#place = outer;
    return result;
  }

  /** One level deeper, until {@link leave}. Throws PROMQL_TOO_DEEP. */
  enter(): void {
    const { maxDepth } = this.#limits;
    if (this.#depth >= maxDepth) {
      throw nestedTooDeeply(placeOf(this.text, this.peek().start), maxDepth);
    }
    this.#depth++;
  }

  leave(): void {
    this.#depth--;
  }

  /** To be called before an expression is compiled. Throws PROMQL_REGEXPS_TOO_LARGE. */
  countRegexp(pattern: string): void {
    const { maxRegexpSize } = this.#limits;
    if (maxRegexpSize === Number.POSITIVE_INFINITY) return;
    this.#regexpSize += patternSize(pattern).size;
    if (this.#regexpSize > maxRegexpSize) throw regexpsTooLarge(maxRegexpSize);
  }

  #throwUnexpected(place: Place | undefined): never {
    throw this.unexpected(place);
  }
}
