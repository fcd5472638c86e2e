// Label matchers ready for use: what a matcher says about a value, and what an index can know about
// it without looking at values.

import type { Matcher } from '../model/matcher.ts';
import { AppError } from '../runtime/error.ts';
import type { AnchoredRegexp } from '../runtime/regexp.ts';
import { compileAnchored } from '../runtime/regexp.ts';
import { invalidRegexp } from './errors.ts';
import type { Glob } from './simple-pattern.ts';
import { matchesGlob, parseSimplePattern } from './simple-pattern.ts';

export interface CompiledMatcher {
  /** Equal for equal matchers only. */
  readonly key: string;
  readonly name: string;
  /** True for `!=` and `!~`. */
  readonly negated: boolean;
  /** The verdict on a series that lacks the label. */
  readonly matchesEmpty: boolean;
  /** The values that the pattern names, without regard to `negated`; undefined if it is no such list. */
  readonly exact: readonly string[] | undefined;
  /** What all values start with that the pattern fits, without regard to `negated`. May be ''. */
  readonly prefix: string;
  /** True if the pattern fits every value but perhaps the empty one, without regard to `negated`. */
  readonly fitsEveryValue: boolean;
  /** The verdict on a value, `negated` taken into account. '' is an absent label. */
  matches(value: string): boolean;
}

/** Patterns longer than this are not even looked at. */
const MAX_PATTERN_LENGTH = 1024 * 1024;
/** How much of a pattern an error repeats. */
const SHOWN_PATTERN_LENGTH = 200;

/** Throws STORAGE_INVALID_REGEXP. */
export function compileMatcher(matcher: Matcher): CompiledMatcher {
  const negated = matcher.type === '!=' || matcher.type === '!~';
  const isRegexp = matcher.type === '=~' || matcher.type === '!~';
  const pattern = isRegexp ? compilePattern(matcher.value) : literalPattern(matcher.value);
  const { fits } = pattern;
  return {
    key: `${matcher.type}${matcher.name.length}:${matcher.name}${matcher.value}`,
    name: matcher.name,
    negated,
    matchesEmpty: fits('') !== negated,
    exact: pattern.exact,
    prefix: pattern.prefix,
    fitsEveryValue: pattern.fitsEveryValue,
    matches: negated ? (value) => !fits(value) : fits,
  };
}

/** Judges a value without the engine of regular expressions, which may take milliseconds for one. */
export function isQuickMatcher({ type, value }: Matcher): boolean {
  return type === '=' || type === '!=' || parseSimplePattern(value) !== undefined;
}

export function compileMatchers(matchers: readonly Matcher[]): CompiledMatcher[] {
  return matchers.map(compileMatcher);
}

interface Pattern {
  readonly exact: readonly string[] | undefined;
  readonly prefix: string;
  readonly fitsEveryValue: boolean;
  readonly fits: (value: string) => boolean;
}

function literalPattern(literal: string): Pattern {
  return {
    exact: [literal],
    prefix: literal,
    fitsEveryValue: false,
    fits: (value) => value === literal,
  };
}

function compilePattern(source: string): Pattern {
  const globs = source.length <= MAX_PATTERN_LENGTH ? parseSimplePattern(source) : undefined;
  return globs === undefined ? regexpPattern(source) : globPattern(globs);
}

function globPattern(globs: readonly Glob[]): Pattern {
  const literals = new Set<string>();
  const open: Glob[] = [];
  for (const glob of globs) {
    if (glob.gaps.length === 0) literals.add(glob.pieces[0]!);
    else open.push(glob);
  }
  const exact = open.length === 0 ? [...literals] : undefined;
  if (exact?.length === 1) return literalPattern(exact[0]!);
  return {
    exact,
    prefix: commonPrefix(globs.map((glob) => glob.pieces[0]!)),
    fitsEveryValue: open.some((glob) => glob.pieces.length === 2 && glob.pieces.join('') === ''),
    fits: matchAny(literals, open),
  };
}

function matchAny(literals: ReadonlySet<string>, open: readonly Glob[]): (v: string) => boolean {
  const only = open[0];
  if (only === undefined) return (value) => literals.has(value);
  if (open.length === 1 && literals.size === 0) return (value) => matchesGlob(only, value);
  return (value) => literals.has(value) || open.some((glob) => matchesGlob(glob, value));
}

function commonPrefix(texts: readonly string[]): string {
  let prefix = texts[0] ?? '';
  for (const text of texts) {
    let n = 0;
    while (n < prefix.length && text[n] === prefix[n]) n++;
    prefix = prefix.slice(0, n);
  }
  return prefix;
}

function regexpPattern(source: string): Pattern {
  const verdicts = openVerdicts(source);
  const prefix = literalPrefix(source);
  return {
    exact: undefined,
    prefix,
    fitsEveryValue: false,
    fits: (value) => value.startsWith(prefix) && verdicts.verdict(value),
  };
}

/** The literal characters that a pattern starts with, as far as that is plain to see. */
function literalPrefix(source: string): string {
  if (source.includes('|')) return '';
  const literal = /^[A-Za-z0-9_:/ -]*/.exec(source)![0];
  const isRepeated = /^[*+?{]/.test(source.slice(literal.length));
  return isRepeated ? literal.slice(0, -1) : literal;
}

/** Compiled patterns kept per thread, so that a dashboard's selectors are judged once. */
const MAX_CACHED_PATTERNS = 32;
/** Verdicts kept per pattern, on values of at most so many characters: 20 MB for all at the worst. */
const MAX_CACHED_VERDICTS = 8192;
const MAX_CACHED_VALUE_LENGTH = 256;

const cache = new Map<string, RegexpVerdicts>();

/** Verdicts of one expensive pattern; the pattern least recently opened makes room. */
function openVerdicts(source: string): RegexpVerdicts {
  const known = cache.get(source);
  const verdicts = known ?? new RegexpVerdicts(compile(source));
  cache.delete(source);
  cache.set(source, verdicts);
  if (cache.size > MAX_CACHED_PATTERNS) cache.delete(cache.keys().next().value!);
  return verdicts;
}

class RegexpVerdicts {
  readonly #regexp: AnchoredRegexp;
  readonly #verdicts = new Map<string, boolean>();

  constructor(regexp: AnchoredRegexp) {
    this.#regexp = regexp;
  }

  verdict(value: string): boolean {
    const known = this.#verdicts.get(value);
    if (known !== undefined) return known;
    const verdict = this.#regexp.matches(value);
    if (value.length <= MAX_CACHED_VALUE_LENGTH && this.#verdicts.size < MAX_CACHED_VERDICTS) {
      this.#verdicts.set(value, verdict);
    }
    return verdict;
  }
}

function compile(source: string): AnchoredRegexp {
  try {
    return compileAnchored(source);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw invalidRegexp(source.slice(0, SHOWN_PATTERN_LENGTH), error.message);
  }
}
