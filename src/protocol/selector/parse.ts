// Series selectors (`up{job=~"a|b"}`, `{"my.metric"}`) as PromQL has them, for match[] parameters.

import { METRIC_NAME } from '../../model/labels.ts';
import type { Matcher, MatchType } from '../../model/matcher.ts';
import { selectorMalformed } from './errors.ts';
import { Lexer, type Token, type TokenKind } from './lexer.ts';
import { unquote } from './unquote.ts';

/**
 * Matchers of one selector in the order written, the metric name before the braces last, as
 * Prometheus has it. Regular expressions are not checked. Throws SELECTOR_PARSE with line and column.
 */
export function parseSelector(text: string): Matcher[] {
  return new Parser(text).selector();
}

class Parser {
  readonly #text: string;
  readonly #lexer: Lexer;
  #token: Token;

  constructor(text: string) {
    this.#text = text;
    this.#lexer = new Lexer(text);
    this.#token = this.#lexer.next();
  }

  selector(): Matcher[] {
    const matchers: Matcher[] = [];
    let metric: string | undefined;
    if (this.#is('identifier') || this.#is('metric identifier')) {
      metric = this.#advance().text;
    } else if (!this.#is('{')) {
      throw this.#unexpected();
    }
    if (this.#is('{')) this.#braces(matchers);
    if (!this.#is('end of input')) throw this.#unexpected();
    if (metric !== undefined) matchers.push({ type: '=', name: METRIC_NAME, value: metric });
    return matchers;
  }

  #braces(matchers: Matcher[]): void {
    this.#advance();
    while (!this.#is('}')) {
      matchers.push(this.#matcher());
      if (this.#is(',')) this.#advance();
      else if (!this.#is('}')) throw this.#unexpected('"," or "}"');
    }
    this.#advance();
  }

  #matcher(): Matcher {
    const isQuoted = this.#is('string');
    if (!isQuoted && !this.#is('identifier')) throw this.#unexpected('identifier or "}"');
    const nameToken = this.#advance();
    const name = isQuoted ? this.#unquoted(nameToken) : nameToken.text;
    if (!this.#is('operator')) {
      if (!isQuoted) throw this.#unexpected('label matching operator');
      return { type: '=', name: METRIC_NAME, value: name };
    }
    const type = this.#advance().text as MatchType;
    if (!this.#is('string')) throw this.#unexpected('string');
    return { type, name, value: this.#unquoted(this.#advance()) };
  }

  #unquoted({ text, start }: Token): string {
    const value = unquote(text);
    if (typeof value === 'string') return value;
    throw selectorMalformed(this.#text, start, value.why);
  }

  #is(kind: TokenKind): boolean {
    return this.#token.kind === kind;
  }

  #advance(): Token {
    const token = this.#token;
    this.#token = this.#lexer.next();
    return token;
  }

  /** Inside braces `expected` says what would have been right; outside nothing is said. */
  #unexpected(expected?: string): Error {
    const context = expected === undefined ? '' : ` in label matching, expected ${expected}`;
    const why = `unexpected ${describe(this.#token)}${context}`;
    return selectorMalformed(this.#text, this.#token.start, why);
  }
}

/** As Prometheus describes tokens: `identifier "a"`, `"{"`, `<op:=~>`, long texts cut. */
function describe({ kind, text }: Token): string {
  switch (kind) {
    case 'end of input':
      return kind;
    case 'operator':
      return text === '=' ? '"="' : `<op:${text}>`;
    case 'identifier':
    case 'metric identifier':
      return `${kind} ${JSON.stringify(text)}`;
    case 'string':
    case 'number':
      return `${kind} ${cut(text)}`;
    default:
      return JSON.stringify(text);
  }
}

function cut(text: string): string {
  const letters = [...text];
  if (letters.length <= 10) return JSON.stringify(text);
  return `${JSON.stringify(letters.slice(0, 10).join(''))}...`;
}
