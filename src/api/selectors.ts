// match[] parameters: series selectors, several of which mean their union.

import type { Matcher } from '../model/matcher.ts';
import { parseSelector } from '../protocol/selector/parse.ts';
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
    const matchers = parse(text);
    if (!excludesNothing(matchers)) return matchers;
    throw badRequest('match[] must contain at least one non-empty matcher');
  });
}

/** The same where at least one is needed. */
export function requiredSelectorsOf(params: RequestParams): Matcher[][] {
  const selectors = selectorsOf(params);
  if (selectors.length === 0) throw badRequest('no match[] parameter provided');
  return selectors;
}

function parse(text: string): Matcher[] {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof AppError) throw invalidParameter('match[]', error.message);
    throw error;
  }
}

/** True if every matcher lets an absent label pass, so that all series match. */
function excludesNothing(matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => {
    try {
      return compileMatcher(matcher).matchesEmpty;
    } catch (error) {
      if (error instanceof AppError) throw invalidParameter('match[]', error.message);
      throw error;
    }
  });
}
