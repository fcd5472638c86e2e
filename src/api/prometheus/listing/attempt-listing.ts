// Lists made where they are asked for, as far as that goes in a fraction of a millisecond: names of labels, values
// of labels that have few, labels of a few series.

import type { TimeRange } from '../../../model/time-range.ts';
import type { StatementHost } from '../../../query/statement.ts';
import type { Database } from '../../../storage/interface.ts';
import { evaluateListing } from './evaluate-listing.ts';
import type { ListingBody } from './listing-body.ts';
import { isWorthAttempt } from './small-listing.ts';

/** Calls of a checkpoint, some hundred steps of some ten nanoseconds apart, until it is given up. */
const MAX_CHECKPOINTS = 16;
/** Most of an answer. */
const MAX_BYTES = 2 ** 15;

/** Ends an attempt. */
class TooMuch extends Error {}

/** The whole answer; undefined if it takes longer, or fails: whoever has the time for it will tell why. */
export async function attemptListing(
  database: Database,
  range: TimeRange,
  body: ListingBody,
): Promise<Uint8Array | undefined> {
  try {
    if (!isWorthAttempt(database, range, body)) return undefined;
    const host = new AttemptHost();
    const querier = database.querier(range, () => host.checkpoint());
    try {
      await evaluateListing(body, [querier], host);
    } finally {
      querier.close();
    }
    return host.whole;
  } catch {
    return undefined;
  }
}

/** Of an answer of one piece. */
class AttemptHost implements StatementHost {
  whole: Uint8Array | undefined;
  #checkpoints = 0;
  #hasPiece = false;

  checkpoint(): void {
    if (++this.#checkpoints > MAX_CHECKPOINTS) throw new TooMuch();
  }

  /** What an answer of one piece is made of needs no account. */
  reserve(): void {}

  async breathe(): Promise<void> {}

  newPiece(): Uint8Array {
    if (this.#hasPiece) throw new TooMuch();
    this.#hasPiece = true;
    return new Uint8Array(MAX_BYTES);
  }

  async send(piece: Uint8Array): Promise<void> {
    this.whole = piece;
  }
}
