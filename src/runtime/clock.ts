// Time as it is given to code that must be testable: a wall clock that may jump and a steady one.

export interface Clock {
  /** Milliseconds since 1970, an integer. May jump in either direction. */
  now(): number;
  /** Milliseconds since some fixed moment, never going back; may have a fraction. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
