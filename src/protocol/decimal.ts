// Decimal numbers as texts hold them, read from bytes without an allocation where they are short.

/** Digits that a double holds exactly. */
const MAX_EXACT_DIGITS = 15;
/** Longer texts are no numbers that anybody sends, and would make exact arithmetic slow. */
const MAX_NUMBER_BYTES = 800;

const POWERS_OF_TEN: readonly number[] = Array.from({ length: 23 }, (_, i) => 10 ** i);

const DIGIT_ZERO = 0x30;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;

const SPECIAL = /^[+-]?(?:(inf(?:inity)?)|nan)$/i;

/** Reads numbers one after another; what is known of the last one is in its fields. */
export class DecimalReader {
  /** The nearest double. */
  value = 0;
  /** True if it was written as an integer that no double is. */
  isRounded = false;
  /** True if it was written without a dot and without an exponent. */
  isInteger = false;

  /**
   * Reads `[+-]digits[.digits][e[+-]digits]` at `start`, or a part of it where digits are on one side of the dot
   * only. Answers where it ends, or -1 if there is no number. The longest number is taken: what follows is the
   * caller's to judge.
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    let i = start;
    const isNegative = i < end && bytes[i] === MINUS;
    if (isNegative || (i < end && bytes[i] === PLUS)) i++;
    const firstDigit = i;
    let mantissa = 0;
    let decimals = 0;
    let dots = 0;
    for (; i < end; i++) {
      const byte = bytes[i]!;
      const digit = byte - DIGIT_ZERO;
      if (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit;
        decimals += dots;
      } else if (byte === DOT && dots === 0) {
        dots = 1;
      } else break;
    }
    const digits = i - firstDigit - dots;
    if (digits === 0) return -1;
    const mantissaEnd = i;
    i = exponentEnd(bytes, i, end);
    this.isRounded = false;
    this.isInteger = i === mantissaEnd && dots === 0;
    if (i === mantissaEnd && digits <= MAX_EXACT_DIGITS) {
      // One division of two exact numbers is rounded once, as the text itself would be.
      const value = decimals === 0 ? mantissa : mantissa / POWERS_OF_TEN[decimals]!;
      this.value = isNegative ? -value : value;
      return i;
    }
    if (i - start > MAX_NUMBER_BYTES) return -1;
    const text = asciiText(bytes, start, i);
    this.value = Number(text);
    this.isRounded = this.isInteger && isRoundedInteger(text, this.value);
    return i;
  }

  /** True if bytes [start, end) are a number and nothing else; `inf`, `infinity` and `nan` count, in any case. */
  readWhole(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.read(bytes, start, end) === end) return true;
    if (end - start > 9) return false;
    const text = asciiText(bytes, start, end);
    const match = SPECIAL.exec(text);
    if (match === null) return false;
    this.isRounded = false;
    this.isInteger = false;
    const value = match[1] === undefined ? Number.NaN : Number.POSITIVE_INFINITY;
    this.value = text.startsWith('-') ? -value : value;
    return true;
  }
}

/** Where the exponent at `at` ends; `at` if there is none. */
function exponentEnd(bytes: Uint8Array, at: number, end: number): number {
  // Lower case of what is there.
  if (at >= end || (bytes[at]! | 0x20) !== 0x65) return at;
  let i = at + 1;
  if (i < end && (bytes[i] === PLUS || bytes[i] === MINUS)) i++;
  const firstDigit = i;
  while (i < end && isDigit(bytes[i]!)) i++;
  return i === firstDigit ? at : i;
}

/** True if the integer that `text` writes in decimal is not `value`. */
export function isRoundedInteger(text: string, value: number): boolean {
  if (Number.isSafeInteger(value)) return false;
  return !Number.isFinite(value) || BigInt(text.replace('+', '')) !== BigInt(value);
}

export function isDigit(byte: number): boolean {
  return byte >= DIGIT_ZERO && byte <= DIGIT_ZERO + 9;
}

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
