// Lists that are made at once, because the way to a thread and back would take longer.

import type { TimeRange } from '../../../model/time-range.ts';
import type { Database } from '../../../storage/interface.ts';
import { isQuickMatcher } from '../../../storage/label-matcher.ts';
import type { ListingBody } from './listing-body.ts';

/** Series of a database whose labels are looked through in some milliseconds, whatever is asked for. */
const FEW_SERIES = 4096;
/** Series that are found by themselves, however many others there are. */
const HANDFUL = 64;

/** Can it be made at once, without holding others up? */
export function isSmallListing(
  database: Database,
  range: TimeRange,
  { what, selectors }: ListingBody,
): boolean {
  const found = mostFound(database, range, selectors);
  if (found === undefined) return false;
  const areFound = what.kind === 'series' || what.kind === 'exemplars';
  if (areFound && selectors.length > 0 && found <= HANDFUL) return true;
  return database.mostSeries!([], range) <= FEW_SERIES;
}

/** Is it likely to be made within the bounds of an attempt? Lists of texts alone may be, of all series, too. */
export function isWorthAttempt(
  database: Database,
  range: TimeRange,
  { what, selectors }: ListingBody,
): boolean {
  const found = mostFound(database, range, selectors);
  if (found === undefined) return false;
  const isOfTexts = what.kind === 'label names' || what.kind === 'label values';
  return selectors.length === 0 ? isOfTexts : found <= HANDFUL;
}

/** At most so many series match; undefined if that, or which, takes long to be said. */
function mostFound(
  database: Database,
  range: TimeRange,
  selectors: ListingBody['selectors'],
): number | undefined {
  if (database.mostSeries === undefined) return undefined;
  let found = 0;
  for (const matchers of selectors) {
    // Not parsed, because that takes long.
    if (typeof matchers === 'string' || !matchers.every(isQuickMatcher)) return undefined;
    found += database.mostSeries(matchers, range);
  }
  return found;
}
