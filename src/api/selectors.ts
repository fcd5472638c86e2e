// match[] parameters: series selectors, several of which mean their union.

import type { Matcher } from '../model/matcher.ts';
import { parseMetricSelector } from '../promql/language/parser.ts';
import { AppError } from '../runtime/error.ts';
import { compileMatcher } from '../storage/label-matcher.ts';
import { badRequest, invalidParameter } from './errors.ts';
import type { RequestParams } from './params.ts';

/**
 * Matchers of every match[]; none if there is none. Throws `bad_data` with Prometheus' texts for what
 * cannot be parsed, for invalid regular expressions and for a selector that an empty label set matches.
 */
export function selectorsOf(params: RequestParams): Matcher[][] {
  return params.values('match[]').map((text) => {
    const matchers = parseMetricSelector(text);
    if (!excludesNothing(matchers)) return matchers;
    throw badRequest('match[] must contain at least one non-empty matcher');
  });
}

/** The same where at least one is needed. The errors then name the parameter, as Prometheus' do. */
export function requiredSelectorsOf(params: RequestParams): Matcher[][] {
  requireSelectors(params);
  try {
    return selectorsOf(params);
  } catch (error) {
    if (error instanceof AppError) throw invalidParameter('match[]', error.message);
    throw error;
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
    if (error instanceof AppError) throw invalidParameter('match[]', error.message);
    throw error;
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
