// Times as seconds since 1970 with or without a fraction, cut to milliseconds.

import { DecimalReader } from './decimal.ts';

/** Seconds with more digits would not be exact as milliseconds; and no clock shows them. */
const MAX_SECOND_DIGITS = 12;
const MAX_TIME_MS = 2 ** 53 - 1;
/** Milliseconds up to here are exact in any unit that they are computed in. */
const MAX_PLAIN_MS = 2 ** 43;
const DIGIT_ZERO = 0x30;
const DOT = 0x2e;

/** Reads times one after another; what is known of the last one is in its fields. */
export class UnixTimeReader {
  /** ms, rounded down. */
  t = 0;
  /** True if there is more than `t` says. */
  isCut = false;
  readonly #decimal = new DecimalReader();

  /**
   * Reads seconds at `start`; from `msFrom` on the number is taken for milliseconds. Answers where it ends, or -1 if
   * there is no number or none that a clock can show.
   */
  read(bytes: Uint8Array, start: number, end: number, msFrom: number): number {
    let i = start;
    let seconds = 0;
    for (; i < end; i++) {
      const digit = bytes[i]! - DIGIT_ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      seconds = seconds * 10 + digit;
    }
    const digits = i - start;
    // Whole milliseconds, as most are.
    if (digits > 0 && seconds >= msFrom && seconds <= MAX_PLAIN_MS && !hasMore(bytes, i, end)) {
      this.t = seconds;
      this.isCut = false;
      return i;
    }
    if (
      digits === 0 ||
      digits > MAX_SECOND_DIGITS ||
      seconds >= msFrom ||
      isExponent(bytes, i, end)
    ) {
      return this.#readNumber(bytes, start, end, msFrom);
    }
    if (i === end || bytes[i] !== DOT) {
      this.t = seconds * 1000;
      this.isCut = false;
      return i;
    }
    let scale = 100;
    let ms = 0;
    let rest = 0;
    let at = i + 1;
    for (; at < end; at++) {
      const digit = bytes[at]! - DIGIT_ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      if (scale === 0) rest |= digit;
      ms += digit * scale;
      scale = scale === 1 ? 0 : scale / 10;
    }
    if (isExponent(bytes, at, end)) return this.#readNumber(bytes, start, end, msFrom);
    this.t = seconds * 1000 + ms;
    this.isCut = rest !== 0;
    return at;
  }

  /** The same for a number that is there already; false if no clock can show it. */
  set(value: number, msFrom: number): boolean {
    // A double near now has some hundreds of nanoseconds; what is below a microsecond is not the sender's.
    const us = value >= msFrom ? value * 1000 : Math.round(value * 1e6);
    const t = Math.floor(us / 1000);
    if (!(Math.abs(t) <= MAX_TIME_MS)) return false;
    this.t = t;
    this.isCut = us !== t * 1000;
    return true;
  }

  #readNumber(bytes: Uint8Array, start: number, end: number, msFrom: number): number {
    const i = this.#decimal.read(bytes, start, end);
    return i >= 0 && this.set(this.#decimal.value, msFrom) ? i : -1;
  }
}

/** True if a number goes on at `at`. */
function hasMore(bytes: Uint8Array, at: number, end: number): boolean {
  return at < end && (bytes[at] === DOT || isExponent(bytes, at, end));
}

function isExponent(bytes: Uint8Array, at: number, end: number): boolean {
  return at < end && (bytes[at]! | 0x20) === 0x65;
}
