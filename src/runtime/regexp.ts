// Regular expressions in RE2's language, matched in linear time. The only place that knows re2js;
// JavaScript's own RegExp never sees a pattern that came from outside.

import { RE2JS } from 're2js';
import { AppError, errorMessage } from './error.ts';

/** Longer patterns are refused: compiling takes memory in proportion. Bytes of UTF-8. */
export const MAX_REGEXP_BYTES = 4096;

/** A compiled pattern that must match the whole text. */
export interface AnchoredRegexp {
  matches(text: string): boolean;
}

/**
 * Compiles `^(?s:pattern)$`: anchored on both ends, a dot also matches a newline. Throws `bad_data`
 * (RUNTIME_REGEXP_SYNTAX, RUNTIME_REGEXP_TOO_LONG); the message does not repeat the whole pattern.
 */
export function compileAnchored(pattern: string): AnchoredRegexp {
  const length = Buffer.byteLength(pattern);
  if (length > MAX_REGEXP_BYTES) {
    throw new AppError(
      'bad_data',
      'RUNTIME_REGEXP_TOO_LONG',
      `${length} bytes long, at most ${MAX_REGEXP_BYTES} are allowed`,
    );
  }
  try {
    // By itself first: `a)|(b` is an error that the parentheses around it would hide.
    RE2JS.compile(pattern);
    const compiled = RE2JS.compile(`^(?s:${pattern})$`);
    return { matches: (text) => compiled.test(text) };
  } catch (error) {
    throw new AppError('bad_data', 'RUNTIME_REGEXP_SYNTAX', syntaxMessage(error), error);
  }
}

function syntaxMessage(error: unknown): string {
  return errorMessage(error).replace(/^error parsing regexp: /, '');
}
