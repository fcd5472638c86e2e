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

/** A compiled pattern that may match anywhere in the text. */
export interface SearchRegexp {
  isFoundIn(text: string): boolean;
}

/** A compiled pattern that must match the whole text and says what its groups matched. */
export interface CapturingRegexp {
  /** Numbers of the named groups. */
  readonly groups: ReadonlyMap<string, number>;
  /**
   * By group number, 0 being the whole text; a group that took no part is undefined. Undefined if the
   * text does not match.
   */
  captures(text: string): (string | undefined)[] | undefined;
}

/**
 * Compiles `^(?s:pattern)$`: anchored on both ends, a dot also matches a newline. Throws `bad_data`
 * (RUNTIME_REGEXP_SYNTAX, RUNTIME_REGEXP_TOO_LONG); the message does not repeat the whole pattern.
 */
export function compileAnchored(pattern: string): AnchoredRegexp {
  const compiled = compileWhole(pattern);
  return { matches: (text) => compiled.test(text) };
}

/**
 * Compiles a pattern that finds anywhere; its dot does not match a newline. Errors as of
 * `compileAnchored`.
 */
export function compileSearch(pattern: string): SearchRegexp {
  const compiled = compile(pattern, [pattern]);
  return { isFoundIn: (text) => compiled.test(text) };
}

/** The same as `compileAnchored`, for who needs the groups. */
export function compileCapturing(pattern: string): CapturingRegexp {
  const compiled = compileWhole(pattern);
  return {
    groups: new Map(Object.entries(compiled.namedGroups())),
    captures(text) {
      const matcher = compiled.matcher(text);
      if (!matcher.find()) return undefined;
      const captures: (string | undefined)[] = [];
      for (let i = 0; i <= compiled.groupCount(); i++) captures.push(matcher.group(i) ?? undefined);
      return captures;
    },
  };
}

function compileWhole(pattern: string): RE2JS {
  // By itself first: `a)|(b` is an error that the parentheses around it would hide.
  return compile(pattern, [pattern, `^(?s:${pattern})$`]);
}

/** The last of `forms`; all of them must compile. */
function compile(pattern: string, forms: readonly string[]): RE2JS {
  const length = Buffer.byteLength(pattern);
  if (length > MAX_REGEXP_BYTES) {
    throw new AppError(
      'bad_data',
      'RUNTIME_REGEXP_TOO_LONG',
      `${length} bytes long, at most ${MAX_REGEXP_BYTES} are allowed`,
    );
  }
  try {
    return forms.map((form) => RE2JS.compile(form)).at(-1)!;
  } catch (error) {
    throw new AppError('bad_data', 'RUNTIME_REGEXP_SYNTAX', syntaxMessage(error), error);
  }
}

function syntaxMessage(error: unknown): string {
  return errorMessage(error).replace(/^error parsing regexp: /, '');
}
