// Which series of an index match. Regular expressions see distinct label values only; the rest is
// set operations on posting lists.

import { labelValue } from '../../model/labels.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';
import type { LabelIndex } from './label-index.ts';
import { difference, intersectAll, union } from './postings.ts';

const NONE: Uint32Array = new Uint32Array(0);
/** Of no more series the labels are looked at, however many values a label has. */
const FEW_SERIES = 64;
/** Of a list of values, so many are counted. */
const MAX_COUNTED_VALUES = 16;

/** Ids of the series that match all matchers, ascending; not to be written to. */
export function matchSeries(index: LabelIndex, matchers: readonly CompiledMatcher[]): Uint32Array {
  const equal = matchers.filter(isEquality);
  const required = equal.map(({ name, exact }) => index.postings(name, exact![0]!));
  if (required.some((ids) => ids.length === 0)) return NONE;
  const others = matchers.filter((matcher) => !isEquality(matcher));
  if (required.some((ids) => ids.length <= FEW_SERIES)) {
    return intersectAll(required)!.filter((id) => isMatched(index, id, others));
  }
  for (const matcher of others) {
    if (matcher.matchesEmpty) continue;
    const ids = idsOfTellingValues(index, matcher);
    if (ids.length === 0) return NONE;
    required.push(ids);
  }
  let ids = intersectAll(required) ?? index.allIds();
  for (const matcher of others) {
    if (ids.length === 0) break;
    if (matcher.matchesEmpty) ids = difference(ids, idsOfTellingValues(index, matcher));
  }
  return ids;
}

/**
 * At most so many series match, by what is known without judging more than a few values. The matchers are quick ones.
 */
export function mostMatched(index: LabelIndex, matchers: readonly CompiledMatcher[]): number {
  let most = index.seriesCount;
  for (const matcher of matchers) {
    const { name, exact, negated, matchesEmpty } = matcher;
    if (matchesEmpty) continue;
    if (exact === undefined) most = Math.min(most, index.knownPostings(matcher) ?? most);
    else if (!negated && exact.length <= MAX_COUNTED_VALUES) {
      let found = 0;
      for (const value of exact) found += index.postingCount(name, value);
      most = Math.min(most, found);
    }
  }
  return most;
}

/** Is the series to have one value, which is not ''? */
function isEquality({ exact, matchesEmpty, negated }: CompiledMatcher): boolean {
  return exact?.length === 1 && !negated && !matchesEmpty;
}

function isMatched(index: LabelIndex, id: number, matchers: readonly CompiledMatcher[]): boolean {
  if (matchers.length === 0) return true;
  const labels = index.seriesLabels(id);
  return matchers.every((matcher) => matcher.matches(labelValue(labels, matcher.name)));
}

/**
 * Series whose value gets another verdict than an absent label would: those to keep if absence is
 * refused, those to remove if it is accepted. The same set whether or not the matcher is negated.
 */
function idsOfTellingValues(index: LabelIndex, matcher: CompiledMatcher): Uint32Array {
  const { name, exact, fitsEveryValue } = matcher;
  const fitsEmpty = matcher.matchesEmpty !== matcher.negated;
  if (fitsEveryValue) return fitsEmpty ? NONE : index.postingsOfName(name);
  if (exact !== undefined && !fitsEmpty) {
    return union(exact.map((value) => index.postings(name, value)));
  }
  if (exact?.length === 1) return index.postingsOfName(name);
  return index.tellingPostings(matcher);
}

/** Names of the labels that the given series have, sorted. */
export function labelNamesOf(index: LabelIndex, ids: Uint32Array): string[] {
  return ids.length === index.seriesCount ? index.labelNames() : index.namesOf(ids);
}

/** Values that the given series have for one label, sorted. */
export function labelValuesOf(index: LabelIndex, name: string, ids: Uint32Array): string[] {
  return ids.length === index.seriesCount ? index.labelValues(name) : index.valuesOf(name, ids);
}
