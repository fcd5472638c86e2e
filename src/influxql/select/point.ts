// What flows through a SELECT: points in order, and pauses, at which the thread may do something else.

import { compareStrings } from '../../model/labels.ts';
import type { Tag } from '../view/fields.ts';
import type { Time } from './time.ts';

/** Floats and integers are numbers: which of the two a column has, its type says. */
export type Scalar = number | string | boolean;

export interface Point {
  readonly name: string;
  readonly tags: GroupTags;
  time: Time;
  /** Undefined: a gap that `fill` left empty. */
  value: Scalar | undefined;
  /** Values of other columns at that time. */
  readonly aux: readonly (Scalar | undefined)[];
  /** How many points it was made of, where that matters; undefined for 1. */
  readonly weight?: number;
}

/** Nothing yet: there may be more. */
export const PAUSE = undefined;

export type Points = Generator<Point | undefined, void>;

export const NO_AUX: readonly (Scalar | undefined)[] = [];

/** Tags that a series of the answer is grouped by; a tag that is missing is ''. */
export interface GroupTags {
  /** Equal for equal tags only; sorts as InfluxDB sorts series. */
  readonly id: string;
  /** Sorted. */
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

export const NO_TAGS: GroupTags = { id: '', keys: [], values: [] };

/** `keys` sorted. */
export function groupTags(keys: readonly string[], find: (key: string) => string): GroupTags {
  if (keys.length === 0) return NO_TAGS;
  const values = keys.map(find);
  return { id: [...keys, ...values].join('\0'), keys, values };
}

export function subsetOf(tags: GroupTags, keys: readonly string[]): GroupTags {
  if (keys.length === 0) return NO_TAGS;
  if (keys.length === tags.keys.length && keys.every((key, i) => key === tags.keys[i])) return tags;
  return groupTags(keys, (key) => tagOf(tags, key));
}

export function tagOf(tags: GroupTags, key: string): string {
  const at = tags.keys.indexOf(key);
  return at < 0 ? '' : tags.values[at]!;
}

export function toGroup(keys: readonly string[], tags: readonly Tag[]): GroupTags {
  return groupTags(keys, (key) => tags.find((tag) => tag.key === key)?.value ?? '');
}

export function compareIds(a: GroupTags, b: GroupTags): number {
  return a === b ? 0 : compareStrings(a.id, b.id);
}

export function sortedKeys(keys: Iterable<string>): string[] {
  return [...new Set(keys)].sort(compareStrings);
}
