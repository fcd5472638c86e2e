// What a thread is given of a list that somebody asked for. Plain data.

import type { Matcher } from '../../../model/matcher.ts';

/** The name of lists among the threads' evaluators, and among the queries at work. */
export const LISTING = 'listing';

export interface ListingBody {
  readonly what: Listed;
  /** Of series that match any of them; of all, if there are none. Parsed, or as they were given. */
  readonly selectors: readonly (readonly Matcher[])[] | readonly string[];
  /** Most items; undefined: all. */
  readonly limit: number | undefined;
}

export type Listed =
  | { readonly kind: 'label names' }
  | { readonly kind: 'label values'; readonly name: string }
  | { readonly kind: 'series' }
  | { readonly kind: 'exemplars' };
