// Which series of an index match. Regular expressions see distinct label values only; the rest is
// set operations on posting lists.

import { compareStrings, labelValue } from '../../model/labels.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';
import type { LabelIndex } from './label-index.ts';
import { difference, intersectAll, intersects, union } from './postings.ts';

const NONE: Uint32Array = new Uint32Array(0);
/** Of no more series the labels are looked at, however many values a label has. */
const FEW_SERIES = 64;

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
  if (ids.length === index.seriesCount) return index.labelNames();
  const names = index.labelNames();
  if (ids.length < names.length) {
    return collectSorted(index, ids, (found, label) => found.add(label.name));
  }
  return names.filter((name) => intersects(ids, index.postingsOfName(name)));
}

/** Values that the given series have for one label, sorted. */
export function labelValuesOf(index: LabelIndex, name: string, ids: Uint32Array): string[] {
  if (ids.length <= FEW_SERIES) return valuesOnSeries(index, name, ids);
  const values = index.labelValues(name);
  if (ids.length === index.seriesCount) return values;
  if (ids.length < values.length) return valuesOnSeries(index, name, ids);
  return values.filter((value) => intersects(ids, index.postings(name, value)));
}

function valuesOnSeries(index: LabelIndex, name: string, ids: Uint32Array): string[] {
  return collectSorted(index, ids, (found, label) => {
    if (label.name === name) found.add(label.value);
  });
}

function collectSorted(
  index: LabelIndex,
  ids: Uint32Array,
  add: (found: Set<string>, label: { readonly name: string; readonly value: string }) => void,
): string[] {
  const found = new Set<string>();
  for (const id of ids) for (const label of index.seriesLabels(id)) add(found, label);
  return [...found].sort(compareStrings);
}
