// A limit on how many pieces of work run at the same time; the rest waits, each owner in order.

import { FairQueue, largestShare } from '../runtime/fair-queue.ts';
import type { StopSignal } from '../runtime/stop-signal.ts';

export class ConcurrencyLimit {
  readonly #limit: number;
  readonly #queue: FairQueue<() => void>;
  #running = 0;

  /** 0 is no limit. `now` in ms, never going back. */
  constructor(limit: number, now: () => number = () => performance.now()) {
    this.#limit = limit === 0 ? Number.POSITIVE_INFINITY : limit;
    this.#queue = new FairQueue(now);
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Waits for a place; call what it returns, once, to give it back. Rejects with the signal's reason. While there
   * are several owners, nobody gets all places, nor has to wait for all that another waits for.
   */
  async acquire(signal: StopSignal, owner: string = ''): Promise<() => void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.#queue.remove(owner, enter);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#queue.push(owner, enter);
      this.#letIn();
    });
    return () => {
      this.#running--;
      this.#queue.end(owner);
      this.#letIn();
    };
  }

  #letIn(): void {
    while (this.#running < this.#limit) {
      const next = this.#queue.heads().find(({ owner }) => this.#mayEnter(owner));
      if (next === undefined) return;
      this.#queue.start(next.owner);
      this.#running++;
      next.item();
    }
  }

  #mayEnter(owner: string): boolean {
    if (this.#limit === Number.POSITIVE_INFINITY || !this.#queue.isSharedWith(owner)) return true;
    return this.#queue.runningOf(owner) < largestShare(this.#limit);
  }
}
