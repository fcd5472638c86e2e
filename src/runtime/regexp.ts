// Regular expressions in RE2's language, matched in linear time. The only place that knows re2js;
// JavaScript's own RegExp never sees a pattern that came from outside.

import { RE2JS } from 're2js';
import { AppError, errorMessage } from './error.ts';
import { patternSize } from './regexp-size.ts';

/** Longer patterns are refused: compiling takes memory in proportion. Bytes of UTF-8. */
export const MAX_REGEXP_BYTES = 4096;

/**
 * Patterns that compile to more instructions are refused: they would hold up the thread. As many as the
 * longest pattern has without repetitions, and five times what RE2 lets one repetition make of a character.
 */
const MAX_REGEXP_SIZE = 5000;

/** Compiled patterns kept per thread. */
const MAX_CACHED = 64;

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
 * (RUNTIME_REGEXP_SYNTAX, RUNTIME_REGEXP_TOO_LONG, RUNTIME_REGEXP_TOO_COMPLEX); the message does not repeat the whole pattern.
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
  const compiled = compile(pattern, pattern);
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
  return compile(pattern, `^(?s:${pattern})$`);
}

/** By form; the one least recently asked for makes room. */
const cache = new Map<string, RE2JS>();

/** `form` is what `pattern` becomes. */
function compile(pattern: string, form: string): RE2JS {
  const compiled = cache.get(form) ?? compileNew(pattern, form);
  cache.delete(form);
  cache.set(form, compiled);
  if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value!);
  return compiled;
}

function compileNew(pattern: string, form: string): RE2JS {
  const length = Buffer.byteLength(pattern);
  if (length > MAX_REGEXP_BYTES) {
    throw new AppError(
      'bad_data',
      'RUNTIME_REGEXP_TOO_LONG',
      `${length} bytes long, at most ${MAX_REGEXP_BYTES} are allowed`,
    );
  }
  const { size, isUnbalanced } = patternSize(pattern);
  if (size > MAX_REGEXP_SIZE) {
    throw new AppError(
      'bad_data',
      'RUNTIME_REGEXP_TOO_COMPLEX',
      `too complex: about ${Math.ceil(size)} instructions with all repetitions and classes, at most ${MAX_REGEXP_SIZE} are allowed`,
    );
  }
  try {
    // `a)|(b` is an error that parentheses around it would hide.
    if (isUnbalanced) RE2JS.compile(pattern);
    return RE2JS.compile(form);
  } catch (error) {
    throw new AppError('bad_data', 'RUNTIME_REGEXP_SYNTAX', mistakeIn(pattern, error), error);
  }
}

/** What is wrong with the pattern by itself, if something is: the form around it is not the user's. */
function mistakeIn(pattern: string, errorOfForm: unknown): string {
  try {
    RE2JS.compile(pattern);
  } catch (error) {
    return syntaxMessage(error);
  }
  return syntaxMessage(errorOfForm);
}

function syntaxMessage(error: unknown): string {
  return errorMessage(error).replace(/^error parsing regexp: /, '');
}
