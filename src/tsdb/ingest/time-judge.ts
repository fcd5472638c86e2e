// What time is it, when the clock may jump or be wrong from the start? "Too far in the future" is judged
// by the latest clock there is, retention by the earliest, so that a wrong clock neither refuses nor
// deletes good data.

import type { Clock } from '../../runtime/clock.ts';

/** Clocks that differ by more than this are not trusted for refusing samples. */
const MAX_DISAGREEMENT_MS = 60_000;
/** A wall clock further than this past the last data received may be wrong, or we were down for long. */
const MAX_GAP_MS = 86_400_000;
/** A sender whose newest sample is this close to our wall clock agrees with it. */
const AGREEMENT_MS = 600_000;

export class TimeJudge {
  readonly #clock: Clock;
  readonly #startWall: number;
  readonly #startMonotonic: number;
  /** The latest receive time that earlier runs have left; 0 for a new folder. */
  #highestReceived = 0;
  /** Set while the wall clock lies far past `#highestReceived` and no sender has confirmed it. */
  #isUnconfirmed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startWall = clock.now();
    this.#startMonotonic = clock.monotonic();
  }

  /** Remembers a receive time that the log or a manifest holds from earlier runs. */
  sawReceived(t: number): void {
    if (t <= this.#highestReceived) return;
    this.#highestReceived = t;
    this.#isUnconfirmed = this.#startWall - t > MAX_GAP_MS;
  }

  /** A sender has written a sample of time `t`: if that is about now, the wall clock is right. */
  heardOf(t: number): void {
    if (this.#isUnconfirmed && Math.abs(t - this.#clock.now()) <= AGREEMENT_MS) {
      this.#isUnconfirmed = false;
    }
  }

  /** The latest of all clocks: a sample is in the future only if it is for every one of them. */
  latest(): number {
    return Math.max(this.#clock.now(), this.#steady(), this.#highestReceived);
  }

  /** The earliest of all clocks: retention deletes only what is old for every one of them. */
  earliest(): number {
    const earliest = Math.min(this.#clock.now(), this.#steady());
    return this.#isUnconfirmed ? Math.min(earliest, this.#highestReceived) : earliest;
  }

  /** False if the clocks disagree: then "too new" or "too old" may be our own mistake. */
  isTrustworthy(): boolean {
    return this.latest() - this.earliest() <= MAX_DISAGREEMENT_MS;
  }

  #steady(): number {
    return this.#startWall + (this.#clock.monotonic() - this.#startMonotonic);
  }
}
