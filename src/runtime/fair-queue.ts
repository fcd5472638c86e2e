// A waiting line for each of several owners who share places of work, so that nobody waits behind all that another
// has asked for.

/** Who has asked for something within this time is reckoned with. */
const RECENT_MS = 600_000;
/** Owners past which those are forgotten that have not been seen for long. */
const MAX_REMEMBERED = 1000;

interface Line<T> {
  readonly waiting: T[];
  running: number;
  /** Number of the turn in which it was served last. */
  servedAt: number;
  /** ms */
  seenAt: number;
}

/** The first of an owner's line. */
export interface Head<T> {
  readonly owner: string;
  readonly item: T;
}

export class FairQueue<T> {
  /** ms, never going back */
  readonly #now: () => number;
  readonly #lines = new Map<string, Line<T>>();
  #turn = 0;
  #size = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** All that wait, owner by owner. */
  items(): T[] {
    return [...this.#lines.values()].flatMap(({ waiting }) => waiting);
  }

  waitingOf(owner: string): number {
    return this.#lines.get(owner)?.waiting.length ?? 0;
  }

  runningOf(owner: string): number {
    return this.#lines.get(owner)?.running ?? 0;
  }

  push(owner: string, item: T): void {
    this.#lineOf(owner).waiting.push(item);
    this.#size++;
  }

  /** Takes one out that waits no more. False if it was not there. */
  remove(owner: string, item: T): boolean {
    const waiting = this.#lines.get(owner)?.waiting ?? [];
    const place = waiting.indexOf(item);
    if (place < 0) return false;
    waiting.splice(place, 1);
    this.#size--;
    return true;
  }

  /** Who has least at work comes first; among equals, who was served longest ago. */
  heads(): Head<T>[] {
    if (this.#size === 0) return [];
    return [...this.#lines]
      .filter(([, { waiting }]) => waiting.length > 0)
      .sort(([, a], [, b]) => a.running - b.running || a.servedAt - b.servedAt)
      .map(([owner, { waiting }]) => ({ owner, item: waiting[0]! }));
  }

  /** The first of a line is at work from now on, until {@link end}. */
  start(owner: string): void {
    const line = this.#lineOf(owner);
    line.waiting.shift();
    line.running++;
    line.servedAt = ++this.#turn;
    this.#size--;
  }

  /** Something that was started is over. */
  end(owner: string): void {
    const line = this.#lineOf(owner);
    line.running--;
  }

  /** The last to have come of the longest line, if that has at least two more than the owner's. */
  lastOfLongest(owner: string): Head<T> | undefined {
    const [longest] = [...this.#lines].sort(([, a], [, b]) => b.waiting.length - a.waiting.length);
    if (longest === undefined) return undefined;
    const [other, { waiting }] = longest;
    if (waiting.length < this.waitingOf(owner) + 2) return undefined;
    return { owner: other, item: waiting.at(-1)! };
  }

  /** True if somebody else than the owner has asked for something lately, or does now. */
  isSharedWith(owner: string): boolean {
    return this.#present().some((other) => other !== owner);
  }

  /** True if more than one has. */
  isShared(): boolean {
    return this.#present().length > 1;
  }

  /** Who has something here or had it lately. */
  #present(): string[] {
    if (this.#lines.size < 2) return [...this.#lines.keys()];
    const since = this.#now() - RECENT_MS;
    return [...this.#lines]
      .filter(([, { waiting, running, seenAt }]) => {
        return waiting.length > 0 || running > 0 || seenAt >= since;
      })
      .map(([owner]) => owner);
  }

  #lineOf(owner: string): Line<T> {
    let line = this.#lines.get(owner);
    if (line === undefined) {
      if (this.#lines.size >= MAX_REMEMBERED) this.#forget();
      line = { waiting: [], running: 0, servedAt: 0, seenAt: 0 };
      this.#lines.set(owner, line);
    }
    line.seenAt = this.#now();
    return line;
  }

  #forget(): void {
    const present = new Set(this.#present());
    for (const owner of this.#lines.keys()) if (!present.has(owner)) this.#lines.delete(owner);
  }
}

/**
 * How many of some places one owner may take while there are others: a quarter is kept for those, and one at
 * least, where there is more than one.
 */
export function largestShare(places: number): number {
  return Math.max(1, places - Math.max(1, Math.floor(places / 4)));
}
