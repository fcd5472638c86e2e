// Memory for pieces that a thread writes and the service's thread sends: shared by both and used again and
// again, so that big answers neither touch new pages nor make garbage.

import { PIECE_BYTES } from './answer/byte-pieces.ts';

export interface Slab {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** The other thread has been given its memory. */
  isKnown: boolean;
}

/** The slabs of one thread. There are never more than pieces in flight plus those being written. */
export class PieceSlabs {
  /** By id. */
  readonly #all: Slab[] = [];
  readonly #byMemory = new Map<ArrayBufferLike, Slab>();
  readonly #free: Slab[] = [];

  take(): Slab {
    return this.#free.pop() ?? this.#add();
  }

  /** The slab that a piece is the beginning of. */
  of(piece: Uint8Array): Slab {
    return this.#byMemory.get(piece.buffer)!;
  }

  giveBack(id: number): void {
    this.#free.push(this.#all[id]!);
  }

  #add(): Slab {
    const memory = new SharedArrayBuffer(PIECE_BYTES);
    const slab = { id: this.#all.length, bytes: new Uint8Array(memory), isKnown: false };
    this.#all.push(slab);
    this.#byMemory.set(memory, slab);
    return slab;
  }
}
