// What time is it, when the clock may jump? "Too far in the future" is judged by the latest clock
// there is, retention by the earliest, so that a jump neither refuses nor deletes good data.

import type { Clock } from '../../runtime/clock.ts';

/** Clocks that differ by more than this are not trusted for refusing samples. */
const MAX_DISAGREEMENT_MS = 60_000;

export class TimeJudge {
  readonly #clock: Clock;
  readonly #startWall: number;
  readonly #startMonotonic: number;
  #highestReceived = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startWall = clock.now();
    this.#startMonotonic = clock.monotonic();
  }

  /** Wall time now, in ms. */
  wall(): number {
    return this.#clock.now();
  }

  /** Remembers a receive time that the log holds from earlier runs. */
  sawReceived(t: number): void {
    if (t > this.#highestReceived) this.#highestReceived = t;
  }

  /** The latest of all clocks: a sample is in the future only if it is for every one of them. */
  latest(): number {
    return Math.max(this.#clock.now(), this.#steady(), this.#highestReceived);
  }

  /** The earliest of wall and steady clock: retention deletes only what is old for both. */
  earliest(): number {
    return Math.min(this.#clock.now(), this.#steady());
  }

  /** False if the clocks disagree: then "in the future" may be our own mistake. */
  isTrustworthy(): boolean {
    return this.latest() - this.earliest() <= MAX_DISAGREEMENT_MS;
  }

  #steady(): number {
    return this.#startWall + (this.#clock.monotonic() - this.#startMonotonic);
  }
}
