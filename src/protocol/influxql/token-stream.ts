// The parser's view of the tokens: a step forward, a few back, bound parameters replaced by their values.

import type { AppError } from '../../runtime/error.ts';
import { parseError } from './errors.ts';
import { Lexer } from './lexer.ts';
import type { BoundValue, Parameters } from './parameters.ts';
import { describeToken, type Keyword, type Token, type TokenKind } from './token.ts';

/** How many tokens can be taken back, a power of two. */
const HISTORY = 4;
const START: Token = { kind: 'EOF', text: '', at: 0 };

export class TokenStream {
  readonly #lexer: Lexer;
  readonly #parameters: Parameters;
  readonly #history: Token[] = new Array<Token>(HISTORY).fill(START);
  #last = 0;
  #takenBack = 0;

  constructor(text: string, parameters: Parameters) {
    this.#lexer = new Lexer(text);
    this.#parameters = parameters;
  }

  /** The next token, be it whitespace. */
  nextRaw(): Token {
    if (this.#takenBack > 0) {
      this.#takenBack--;
      return this.#current();
    }
    return this.#remember(this.#lexer.scan());
  }

  /** The next token that is neither whitespace nor comment. */
  next(): Token {
    for (;;) {
      const token = this.nextRaw();
      if (token.kind !== 'WS' && token.kind !== 'COMMENT') return token;
    }
  }

  /** Takes the last token back: it will be the next again. */
  back(): void {
    this.#takenBack++;
  }

  /** Takes the next token if it is of this kind. */
  accept(kind: TokenKind): boolean {
    if (this.next().kind === kind) return true;
    this.back();
    return false;
  }

  /** The same where no whitespace may be before it. */
  acceptRaw(kind: TokenKind): boolean {
    if (this.nextRaw().kind === kind) return true;
    this.back();
    return false;
  }

  /** Takes tokens that must come now. */
  expect(...kinds: readonly (Keyword | ':' | ')' | '(' | '=')[]): void {
    for (const kind of kinds) {
      const token = this.next();
      if (token.kind !== kind) throw this.unexpected(token, kind);
    }
  }

  identifier(): string {
    const token = this.next();
    if (token.kind !== 'IDENT') throw this.unexpected(token, 'identifier');
    return token.text;
  }

  string(): string {
    const token = this.next();
    if (token.kind !== 'STRING') throw this.unexpected(token, 'string');
    return token.text;
  }

  /** One or more of `item`, separated by commas. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.accept(',')) items.push(item());
    return items;
  }

  skipWhitespace(): void {
    this.acceptRaw('WS');
  }

  /** The character behind all tokens read so far, those taken back included; '' at the end. */
  peekCharacter(): string {
    return this.#lexer.peekCharacter();
  }

  /** A regular expression, if nothing was taken back; its slash is the next character. */
  nextRegexp(): Token {
    if (this.#takenBack > 0) return this.nextRaw();
    return this.#remember(this.#lexer.scanRegexp());
  }

  /** What `$name` is bound to. */
  parameter(name: string): BoundValue | undefined {
    return this.#parameters.get(name);
  }

  /** `found …, expected … at line …, char …`. */
  unexpected(token: Token, ...expected: readonly string[]): AppError {
    const found = describeToken(token);
    return this.errorAt(`found ${found}, expected ${expected.join(', ')}`, token.at);
  }

  errorAt(message: string, at: number): AppError {
    return parseError(`${message} ${this.place(at)}`);
  }

  /** `at line …, char …`. */
  place(at: number): string {
    const { line, column } = this.#lexer.position(at);
    return `at line ${line}, char ${column}`;
  }

  #remember(scanned: Token): Token {
    const token = this.#bind(scanned);
    this.#last = (this.#last + 1) % HISTORY;
    this.#history[this.#last] = token;
    return token;
  }

  #current(): Token {
    return this.#history[(this.#last - this.#takenBack + HISTORY) % HISTORY]!;
  }

  #bind(token: Token): Token {
    if (token.kind !== 'BOUNDPARAM') return token;
    const value = this.#parameters.get(token.text.slice(1));
    if (value === undefined || value.kind === 'error') return token;
    return { kind: value.kind, text: value.text, at: token.at };
  }
}
