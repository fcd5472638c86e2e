// How long a query is waited for that does not react to its stop. It reacts within milliseconds of work; but these
// may take long where the processors are busy, so work is what counts, if the system tells how much there was.

import { threadCpuMs } from '../runtime/thread-clock.ts';

export interface GraceLimits {
  /** What its thread may still work. */
  readonly workMs: number;
  /** How long it may take all in all. */
  readonly waitMs: number;
}

/** Nobody waits for the query any more, and other answers break off with its thread: there is no hurry. */
export const DEFAULT_GRACE: GraceLimits = { workMs: 2000, waitMs: 120_000 };
/** Where it is not told how much a thread works. */
const BLIND_WAIT_MS = 10_000;
const LOOKS = 20;

export class StopGrace {
  readonly #timer: NodeJS.Timeout;

  /** From now on; `thread` as `threadNumber` had it. Calls back once, unless it is cleared before. */
  constructor(thread: number | undefined, { workMs, waitMs }: GraceLimits, onOver: () => void) {
    const workedBefore = thread === undefined ? undefined : threadCpuMs(thread);
    const endOfWait =
      performance.now() + (workedBefore === undefined ? Math.min(waitMs, BLIND_WAIT_MS) : waitMs);
    const hasWorkedEnough = (): boolean => {
      if (thread === undefined || workedBefore === undefined) return false;
      return (threadCpuMs(thread) ?? workedBefore) - workedBefore >= workMs;
    };
    this.#timer = setInterval(
      () => {
        if (performance.now() < endOfWait && !hasWorkedEnough()) return;
        this.clear();
        onOver();
      },
      Math.max(1, Math.min(workMs, waitMs) / LOOKS),
    );
  }

  /** Idempotent. */
  clear(): void {
    clearInterval(this.#timer);
  }
}
