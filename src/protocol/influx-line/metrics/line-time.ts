// Timestamps of lines, in a unit that was said or that their digits tell.

import type { Precision } from '../timestamp.ts';

/** Digits that a double holds exactly. */
const MAX_EXACT_DIGITS = 15;
/** int64 has 19. */
const MAX_DIGITS = 19;
const DIGIT_ZERO = 0x30;
const MINUS = 0x2d;

interface Unit {
  /** Last digits that are less than a millisecond. */
  readonly restDigits: number;
  /** Milliseconds of the rest's unit. */
  readonly ms: number;
}

const UNITS: Readonly<Record<Precision, Unit>> = {
  n: { restDigits: 6, ms: 1 },
  u: { restDigits: 3, ms: 1 },
  ms: { restDigits: 0, ms: 1 },
  s: { restDigits: 0, ms: 1_000 },
  m: { restDigits: 0, ms: 60_000 },
  h: { restDigits: 0, ms: 3_600_000 },
};

/** By number of digits: seconds end in the year 5138, milliseconds and microseconds at corresponding lengths. */
function unitByDigits(digits: number): Unit {
  if (digits >= 18) return UNITS.n;
  if (digits >= 15) return UNITS.u;
  return digits >= 12 ? UNITS.ms : UNITS.s;
}

/** Reads timestamps one after another; what is known of the last one is in its fields. */
export class LineTime {
  /** ms, rounded towards zero. */
  t = 0;
  /** True if there is more than `t` says. */
  isCut = false;
  readonly #unit: Unit | undefined;
  readonly #now: () => number;
  readonly #nowUnitMs: number;

  /** `precision` undefined: by digits. */
  constructor(precision: Precision | undefined, now: () => number) {
    this.#unit = precision === undefined ? undefined : UNITS[precision];
    this.#now = now;
    this.#nowUnitMs = this.#unit?.ms ?? 1;
  }

  /** Reads an integer at `start`; answers where it ends, or -1 if there is none that fits. Zero is now. */
  read(bytes: Uint8Array, start: number, end: number): number {
    const isNegative = start < end && bytes[start] === MINUS;
    let first = isNegative ? start + 1 : start;
    const from = first;
    while (first < end && bytes[first] === DIGIT_ZERO) first++;
    let i = first;
    while (i < end && isDigit(bytes[i]!)) i++;
    if (i === from) return -1;
    const digits = i - first;
    if (digits === 0) {
      this.setNow();
      return i;
    }
    const { restDigits, ms } = this.#unit ?? unitByDigits(digits);
    if (digits > MAX_DIGITS || digits - restDigits > MAX_EXACT_DIGITS) return -1;
    const split = Math.max(first, i - restDigits);
    let whole = 0;
    for (let at = first; at < split; at++) whole = whole * 10 + (bytes[at]! - DIGIT_ZERO);
    let rest = 0;
    for (let at = split; at < i; at++) rest |= bytes[at]! - DIGIT_ZERO;
    const t = whole * ms;
    if (!Number.isSafeInteger(t)) return -1;
    this.t = isNegative ? 0 - t : t;
    this.isCut = rest !== 0;
    return i;
  }

  /** The time of a line without one: the present, rounded down to the unit. */
  setNow(): void {
    const now = this.#now();
    this.t = now - (now % this.#nowUnitMs);
    this.isCut = false;
  }
}

function isDigit(byte: number): boolean {
  return byte >= DIGIT_ZERO && byte <= DIGIT_ZERO + 9;
}
