// Lists that the query service makes: on its threads, or at once where they are short.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TimeRange } from '../../../model/time-range.ts';
import type { StopSignal } from '../../../runtime/stop-signal.ts';
import type { Database } from '../../../storage/interface.ts';
import type { ApiContext } from '../../context.ts';
import { sendAnswer } from '../../respond.ts';
import { attemptListing } from './attempt-listing.ts';
import { LISTING, type ListingBody } from './listing-body.ts';
import { isSmallListing } from './small-listing.ts';

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
      attempt: () => attemptListing(database, range, body),
    },
    signal,
  );
  return sendAnswer(request, reply, answer);
}
