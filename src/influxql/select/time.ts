// Times of points. Samples have whole milliseconds, which are plain numbers; what lies between (bounds of a
// query, intervals below a millisecond) is a bigint of nanoseconds. Equal times are `===`.

/** A number: milliseconds since 1970. A bigint: nanoseconds, never a multiple of a million. */
export type Time = number | bigint;

const NS_PER_MS = 1_000_000n;

export function timeOfNs(ns: bigint): Time {
  return ns % NS_PER_MS === 0n ? Number(ns / NS_PER_MS) : ns;
}

export function nsOf(time: Time): bigint {
  return typeof time === 'number' ? BigInt(time) * NS_PER_MS : time;
}

export function compareTimes(a: Time, b: Time): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const x = nsOf(a);
  const y = nsOf(b);
  if (x === y) return 0;
  return x < y ? -1 : 1;
}

/** `a - b` in nanoseconds, rounded as a double is. */
export function elapsedNs(a: Time, b: Time): number {
  if (typeof a === 'number' && typeof b === 'number') return (a - b) * 1e6;
  return Number(nsOf(a) - nsOf(b));
}

/** The first whole millisecond from `ns` on, and the last one up to it. */
export function ceilMs(ns: bigint): number {
  const ms = ns / NS_PER_MS;
  return Number(ns % NS_PER_MS > 0n ? ms + 1n : ms);
}

export function floorMs(ns: bigint): number {
  const ms = ns / NS_PER_MS;
  return Number(ns % NS_PER_MS < 0n ? ms - 1n : ms);
}
