// An amount of something of which several owners hold parts.

import { largestShare } from './fair-queue.ts';

/** Who has taken something within this time is reckoned with. */
const RECENT_MS = 600_000;
/** Owners past which those are forgotten that hold nothing. */
const MAX_REMEMBERED = 1000;

interface Part {
  held: number;
  /** ms */
  seenAt: number;
}

/** While there are several owners, none can hold all of it. */
export class SharedBudget {
  readonly total: number;
  /** ms, never going back */
  readonly #now: () => number;
  readonly #parts = new Map<string, Part>();
  #held = 0;

  constructor(total: number, now: () => number) {
    this.total = total;
    this.#now = now;
  }

  /** By all together. */
  get held(): number {
    return this.#held;
  }

  /** Most that the owner may hold at present. */
  limitOf(owner: string): number {
    return this.#isSharedWith(owner) ? largestShare(this.total) : this.total;
  }

  /** Holds so much more. False if that is more than there is, or than the owner may hold; then nothing changes. */
  take(owner: string, amount: number): boolean {
    const part = this.#partOf(owner);
    if (this.#held + amount > this.total || part.held + amount > this.limitOf(owner)) return false;
    part.held += amount;
    this.#held += amount;
    return true;
  }

  /** Gives so much back. */
  give(owner: string, amount: number): void {
    this.#partOf(owner).held -= amount;
    this.#held -= amount;
  }

  #isSharedWith(owner: string): boolean {
    if (this.#parts.size < 2) return false;
    const since = this.#now() - RECENT_MS;
    for (const [other, { held, seenAt }] of this.#parts) {
      if (other !== owner && (held > 0 || seenAt >= since)) return true;
    }
    return false;
  }

  #partOf(owner: string): Part {
    let part = this.#parts.get(owner);
    if (part === undefined) {
      if (this.#parts.size >= MAX_REMEMBERED) this.#forget();
      part = { held: 0, seenAt: 0 };
      this.#parts.set(owner, part);
    }
    part.seenAt = this.#now();
    return part;
  }

  #forget(): void {
    for (const [owner, { held }] of this.#parts) if (held === 0) this.#parts.delete(owner);
  }
}
