// What OpenTSDB itself demands of a point's names, and labels of those that pass.

import { type Label, METRIC_NAME } from '../../model/labels.ts';

/** OpenTSDB's default of tsd.storage.max_tags. */
const MAX_TAGS = 8;

/** From here on a timestamp is in milliseconds: seconds have 32 bits. */
export const MS_FROM: number = 2 ** 32;

export interface PointRules {
  /**
   * True to refuse what OpenTSDB refuses: no tag, more than 8 of them, characters but letters, digits and `-_./`. Without
   * it any text is a name, as with VictoriaMetrics.
   */
  readonly isStrict: boolean;
}

/** Tags by their keys. */
export type Tags = ReadonlyMap<string, string>;

/** OpenTSDB's text for why it does not take a point, undefined if it does. */
export function strictProblem(metric: string, tags: Tags): string | undefined {
  if (tags.size === 0) return `Need at least one tag (metric=${metric}, tags={})`;
  if (tags.size > MAX_TAGS) {
    return `Too many tags: ${tags.size} maximum allowed: ${MAX_TAGS}, tags: ${printTags(tags)}`;
  }
  const problem = nameProblem('metric name', metric);
  if (problem !== undefined) return problem;
  for (const [key, value] of tags) {
    const tagProblem =
      nameProblem(`tag name with value [${value}]`, key) ??
      nameProblem(`tag value with key [${key}]`, value);
    if (tagProblem !== undefined) return tagProblem;
  }
  return undefined;
}

function nameProblem(what: string, name: string): string | undefined {
  if (name === '') return `Invalid ${what}: empty string`;
  const illegal = /[^-a-zA-Z0-9_./\p{L}]/u.exec(name)?.[0];
  return illegal === undefined
    ? undefined
    : `Invalid ${what} ("${name}"): illegal character: ${illegal}`;
}

/** As Java prints a map. */
export function printTags(tags: Tags): string {
  return `{${[...tags].map(([key, value]) => `${key}=${value}`).join(', ')}}`;
}

/** The name first. */
export function labelsOf(metric: string, tags: Tags): Label[] {
  const labels: Label[] = [{ name: METRIC_NAME, value: metric }];
  for (const [name, value] of tags) labels.push({ name, value });
  return labels;
}
