// match[] parameters: series selectors, several of which mean their union.

import type { Matcher } from '../model/matcher.ts';
import { parserOptions } from '../promql/language/features.ts';
import { parseMetricSelector } from '../promql/language/parser.ts';
import type { StreamLimits } from '../promql/language/token-stream.ts';
import { AppError } from '../runtime/error.ts';
import { compileMatcher } from '../storage/label-matcher.ts';
import { aboutParameter, badRequest } from './errors.ts';
import type { RequestParams } from './params.ts';

/**
 * Matchers of every match[]; none if there is none. Throws `bad_data` with Prometheus' texts for what
 * cannot be parsed, for invalid regular expressions and for a selector that an empty label set matches.
 */
export function selectorsOf(params: RequestParams): Matcher[][] {
  return parseAll(params.values('match[]'));
}

function parseAll(texts: readonly string[], limits?: StreamLimits): Matcher[][] {
  return texts.map((text) => {
    const matchers = parseMetricSelector(text, limits);
    if (!excludesNothing(matchers)) return matchers;
    throw badRequest('match[] must contain at least one non-empty matcher');
  });
}

/** Parsed, or as texts where parsing takes long: for a query thread. */
export type Selectors = readonly (readonly Matcher[])[] | readonly string[];

/** What of texts is parsed in some milliseconds: characters and texts, and regular expressions in each. */
const MAX_QUICK_LENGTH = 4096;
const MAX_QUICK_TEXTS = 8;
const QUICK = { ...parserOptions(), maxRegexpSize: 200 };

/** As {@link selectorsOf}, if that does not take long. */
export function quickSelectorsOf(params: RequestParams): Selectors {
  const texts = params.values('match[]');
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (length > MAX_QUICK_LENGTH || texts.length > MAX_QUICK_TEXTS) return texts;
  try {
    return parseAll(texts, QUICK);
  } catch (error) {
    if (error instanceof AppError && error.code === 'PROMQL_REGEXPS_TOO_LARGE') return texts;
    throw error;
  }
}

/** What {@link quickSelectorsOf} left is done here, with the same errors. */
export function parseSelectors(given: Selectors): readonly (readonly Matcher[])[] {
  return given.map((selector) =>
    typeof selector === 'string' ? parseAll([selector])[0]! : selector,
  );
}

/** The same where at least one is needed. The errors then name the parameter, as Prometheus' do. */
export function requiredSelectorsOf(params: RequestParams): Matcher[][] {
  requireSelectors(params);
  try {
    return selectorsOf(params);
  } catch (error) {
    throw aboutParameter('match[]', error);
  }
}

/** As {@link quickSelectorsOf}, with errors that name the parameter. */
export function quickMatchesOf(params: RequestParams): Selectors {
  try {
    return quickSelectorsOf(params);
  } catch (error) {
    throw aboutParameter('match[]', error);
  }
}

/** Required ones for who may want everything: `{}`, and any other selector that matches all series, means all. */
export function exportSelectorsOf(params: RequestParams): Matcher[][] {
  requireSelectors(params);
  try {
    return params.values('match[]').map((text) => {
      const matchers = parseMetricSelector(text);
      for (const matcher of matchers) compileMatcher(matcher);
      return matchers;
    });
  } catch (error) {
    throw aboutParameter('match[]', error);
  }
}

/** Refuses a request without any match[]. */
export function requireSelectors(params: RequestParams): void {
  if (params.values('match[]').length === 0) throw badRequest('no match[] parameter provided');
}

/** True if every matcher lets an absent label pass, so that all series match. */
function excludesNothing(matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => compileMatcher(matcher).matchesEmpty);
}
