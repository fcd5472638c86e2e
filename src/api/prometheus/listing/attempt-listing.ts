// Lists made where they are asked for, as far as that goes in a fraction of a millisecond: names of labels, values
// of labels that have few, labels of a few series.

import type { TimeRange } from '../../../model/time-range.ts';
import { SmallPieces } from '../../../query/answer/small-pieces.ts';
import type { StatementHost } from '../../../query/statement.ts';
import type { Database } from '../../../storage/interface.ts';
import { evaluateListing } from './evaluate-listing.ts';
import type { ListingBody } from './listing-body.ts';
import { isWorthAttempt } from './small-listing.ts';

/** Calls of a checkpoint, some hundred steps of some ten nanoseconds apart, until it is given up. */
const MAX_CHECKPOINTS = 16;
/** Lists are made in it, and copied when they are whole; none is longer. */
const memories = new SmallPieces();

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
      host.close();
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
  #memory: Uint8Array | undefined;

  checkpoint(): void {
    if (++this.#checkpoints > MAX_CHECKPOINTS) throw new TooMuch();
  }

  /** What an answer of one piece is made of needs no account. */
  reserve(): void {}

  async breathe(): Promise<void> {}

  newPiece(): Uint8Array {
    if (this.#memory !== undefined) throw new TooMuch();
    this.#memory = memories.take();
    return this.#memory;
  }

  async send(piece: Uint8Array): Promise<void> {
    this.whole = piece.slice();
  }

  /** Once the list is made or given up. */
  close(): void {
    if (this.#memory !== undefined) memories.giveBack(this.#memory);
  }
}
