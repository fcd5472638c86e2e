// Lists that the query service makes: on its threads, or at once where they are short.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TimeRange } from '../../../model/time-range.ts';
import type { StopSignal } from '../../../runtime/stop-signal.ts';
import type { Database } from '../../../storage/interface.ts';
import { isQuickMatcher } from '../../../storage/label-matcher.ts';
import type { ApiContext } from '../../context.ts';
import { sendAnswer } from '../../respond.ts';
import { LISTING, type ListingBody } from './listing-body.ts';

export interface ListingRequest {
  readonly database: Database;
  readonly range: TimeRange;
  /** For people. */
  readonly text: string;
  readonly body: ListingBody;
}

/** Sends what is asked for. Throws what `QueryService.runStatement` does. */
export async function sendListing(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  { database, range, text, body }: ListingRequest,
  signal: StopSignal,
): Promise<FastifyReply> {
  const answer = await context.queries.runStatement(
    {
      language: LISTING,
      text,
      database,
      reads: [{ database, range }],
      body,
      listing: undefined,
      isSmall: isSmallListing(database, range, body),
    },
    signal,
  );
  return sendAnswer(request, reply, answer);
}

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
  if (database.mostSeries === undefined) return false;
  let found = 0;
  for (const matchers of selectors) {
    // Not parsed, because that takes long.
    if (typeof matchers === 'string' || !matchers.every(isQuickMatcher)) return false;
    found += database.mostSeries(matchers, range);
  }
  const areFound = what.kind === 'series' || what.kind === 'exemplars';
  if (areFound && selectors.length > 0 && found <= HANDFUL) return true;
  return database.mostSeries([], range) <= FEW_SERIES;
}
