// Which series a sub-query means, and which of them are a group.

import { type Labels, METRIC_NAME } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { SubQuery, TagFilter } from '../protocol/opentsdb/query/query.ts';
import { MAX_REGEXP_BYTES } from '../runtime/regexp.ts';

/** Matchers that the store can use, and what is left to be looked at in what it finds. */
export interface SeriesChoice {
  readonly matchers: readonly Matcher[];
  readonly passes: (labels: Labels) => boolean;
}

export function chooseSeries({ metric, filters, hasExplicitTags }: SubQuery): SeriesChoice {
  const matchers: Matcher[] = [{ type: '=', name: METRIC_NAME, value: metric }];
  const tests: ((labels: Labels) => boolean)[] = [];
  for (const filter of filters) {
    // Whatever is said of a tag, it must be there.
    matchers.push({ type: '!=', name: filter.tagk, value: '' });
    const matcher = matcherOf(filter);
    if (Buffer.byteLength(matcher.value) <= MAX_REGEXP_BYTES) matchers.push(matcher);
    else tests.push(testOf(filter));
  }
  if (hasExplicitTags) {
    const keys = new Set([METRIC_NAME, ...filters.map(({ tagk }) => tagk)]);
    tests.push((labels) => labels.every(({ name }) => keys.has(name)));
  }
  return { matchers, passes: (labels) => tests.every((test) => test(labels)) };
}

function matcherOf({ tagk: name, type, filter }: TagFilter): Matcher {
  switch (type) {
    case 'literal_or':
      return { type: '=~', name, value: anyOf(filter) };
    case 'not_literal_or':
      return { type: '!~', name, value: anyOf(filter) };
    case 'iliteral_or':
      return { type: '=~', name, value: `(?i:${anyOf(filter)})` };
    case 'not_iliteral_or':
      return { type: '!~', name, value: `(?i:${anyOf(filter)})` };
    case 'wildcard':
      return { type: '=~', name, value: globOf(filter) };
    case 'iwildcard':
      return { type: '=~', name, value: `(?i:${globOf(filter)})` };
    // Java's find(): anywhere in the value.
    case 'regexp':
      return { type: '=~', name, value: `.*(?:${filter}).*` };
  }
}

/** For lists that are too long for a regular expression; other filters that long match nothing. */
function testOf({ tagk, type, filter }: TagFilter): (labels: Labels) => boolean {
  const ignoresCase = type === 'iliteral_or' || type === 'not_iliteral_or';
  const literals = new Set((ignoresCase ? filter.toLowerCase() : filter).split('|'));
  const isNegated = type.startsWith('not_');
  if (!type.endsWith('literal_or')) return () => false;
  return (labels) => {
    const value = labels.find(({ name }) => name === tagk)?.value ?? '';
    return literals.has(ignoresCase ? value.toLowerCase() : value) !== isNegated;
  };
}

function anyOf(filter: string): string {
  return filter.split('|').filter(Boolean).map(quoteMeta).join('|');
}

function globOf(filter: string): string {
  return filter.split(/\*+/).map(quoteMeta).join('.*');
}

/** A regular expression for the text itself. */
export function quoteMeta(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** Series with their numbers in a selection, those of one group together, in the order of their first series. */
export function groupSeries(
  series: readonly { readonly index: number; readonly labels: Labels }[],
  { aggregator, filters }: SubQuery,
): number[][] {
  if (aggregator === 'none') return series.map(({ index }) => [index]);
  const keys = filters.filter(({ groupBy }) => groupBy).map(({ tagk }) => tagk);
  const groups = new Map<string, number[]>();
  for (const { index, labels } of series) {
    const values = keys.map((key) => labels.find(({ name }) => name === key)?.value);
    const group = JSON.stringify(values);
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [index]);
    else members.push(index);
  }
  return [...groups.values()];
}

/** Tags of a group: those that no two of its series have with different values, and names of the others. */
export function groupTags(members: readonly Labels[]): {
  readonly tags: ReadonlyMap<string, string>;
  readonly aggregateTags: readonly string[];
} {
  const tags = new Map<string, string>();
  const differing = new Set<string>();
  for (const labels of members) {
    for (const { name, value } of labels) {
      if (name === METRIC_NAME || differing.has(name)) continue;
      const known = tags.get(name);
      if (known === undefined) tags.set(name, value);
      else if (known !== value) {
        differing.add(name);
        tags.delete(name);
      }
    }
  }
  return { tags, aggregateTags: [...differing] };
}
