// Times: nanoseconds since 1970 as unsigned 64-bit numbers, cut to milliseconds without passing through a number
// that cannot hold them.

/** 2^32 ns = 4294 ms + 967296 ns. */
const MS_PER_HIGH = 4294;
const NS_PER_HIGH = 967_296;
const NS_PER_MS = 1_000_000;

/** Milliseconds of a time given by its halves. */
export function msOfNanos(high: number, low: number): number {
  return high * MS_PER_HIGH + Math.floor((high * NS_PER_HIGH + low) / NS_PER_MS);
}

/** True if milliseconds lose something of it. */
export function isFinerThanMs(high: number, low: number): boolean {
  const nanos = high * NS_PER_HIGH + low;
  return Math.floor(nanos / NS_PER_MS) * NS_PER_MS !== nanos;
}
