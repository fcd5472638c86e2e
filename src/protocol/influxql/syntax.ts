// What all parts of the parser share: the tokens and the bounds of what one statement may be.

import { parseError } from './errors.ts';
import type { Parameters } from './parameters.ts';
import { TokenStream } from './token-stream.ts';

/** Parentheses, calls and subqueries within each other. The tree is walked by recursion. */
const MAX_NESTING = 100;

/** Binary operators of one statement: `a OR b OR c …` is a tree as deep as it is long. */
const MAX_OPERATORS = 2_000;

export class Syntax {
  readonly tokens: TokenStream;
  #nesting = 0;
  #operators = 0;

  constructor(text: string, parameters: Parameters) {
    this.tokens = new TokenStream(text, parameters);
  }

  beginStatement(): void {
    this.#operators = 0;
  }

  countOperator(): void {
    this.#operators++;
    if (this.#operators > MAX_OPERATORS) {
      throw parseError(`statement has more than ${MAX_OPERATORS} operators`);
    }
  }

  /** Runs `parse` one level deeper. */
  nested<T>(parse: () => T): T {
    if (this.#nesting === MAX_NESTING) {
      throw parseError(`statement is nested more than ${MAX_NESTING} levels deep`);
    }
    this.#nesting++;
    const result = parse();
    this.#nesting--;
    return result;
  }
}
