// The pieces of one answer on their way from the thread that makes them to the service.

import type { QueryFigures } from './job.ts';
import type { PieceSlabs, Slab } from './piece-slabs.ts';
import type { FromThread } from './thread-messages.ts';

export class PieceSender {
  /** To go with the next piece. */
  figures: QueryFigures | undefined;
  /** To go with the figures. */
  findings: unknown;
  /** The last piece has left. */
  isComplete = false;
  readonly #slabs: PieceSlabs;
  readonly #ticket: number;
  readonly #post: (message: FromThread) => void;
  readonly #unsent = new Set<Slab>();

  constructor(slabs: PieceSlabs, ticket: number, post: (message: FromThread) => void) {
    this.#slabs = slabs;
    this.#ticket = ticket;
    this.#post = post;
  }

  newBytes(): Uint8Array {
    const slab = this.#slabs.take();
    this.#unsent.add(slab);
    return slab.bytes;
  }

  send(piece: Uint8Array, isLast: boolean): void {
    const slab = this.#slabs.of(piece);
    this.#unsent.delete(slab);
    const memory = slab.isKnown ? undefined : (piece.buffer as SharedArrayBuffer);
    slab.isKnown = true;
    this.#post({
      kind: 'piece',
      ticket: this.#ticket,
      slab: slab.id,
      length: piece.length,
      memory,
      isLast,
      figures: this.figures,
      findings: this.findings,
    });
    this.figures = undefined;
    this.findings = undefined;
    this.isComplete = isLast;
  }

  /** Gives back what was not sent. */
  close(): void {
    for (const { id } of this.#unsent) this.#slabs.giveBack(id);
  }
}
