// Numbers of JSON lines. JSON knows no NaN and no infinity, so these are strings; a NaN whose bits are
// not the ordinary ones carries them in hex. Values are handled as halves and never lose a payload.

import type { RawFloat64 } from '../../model/native-histogram.ts';
import { NORMAL_NAN_HIGH, NORMAL_NAN_LOW } from '../../model/stale.ts';

const EXPONENT_MASK = 0x7ff0_0000;
const MANTISSA_MASK = 0x000f_ffff;

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['+Inf', Number.POSITIVE_INFINITY],
  ['Inf', Number.POSITIVE_INFINITY],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['+Infinity', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

const NAN_WITH_BITS = /^NaN:([0-9a-fA-F]{8})([0-9a-fA-F]{8})$/;

const scratch = new DataView(new ArrayBuffer(8));

/** True if the bits are an infinity or a NaN. */
export function isSpecial(high: number): boolean {
  return (high & EXPONENT_MASK) === EXPONENT_MASK;
}

/** A finite number in the shortest form that reads back to the same bits. */
export function printFinite(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** A value without loss, as JSON text. */
export function printRaw({ low, high }: RawFloat64): string {
  if (!isSpecial(high)) {
    scratch.setUint32(0, low, true);
    scratch.setUint32(4, high, true);
    return printFinite(scratch.getFloat64(0, true));
  }
  if (isInfinity(low, high)) return high >>> 31 === 0 ? '"+Inf"' : '"-Inf"';
  if (low === NORMAL_NAN_LOW && high === NORMAL_NAN_HIGH) return '"NaN"';
  return `"NaN:${hex(high)}${hex(low)}"`;
}

/** A number in which a NaN's bits mean nothing, as JSON text. */
export function printNumber(value: number): string {
  if (Number.isFinite(value)) return printFinite(value);
  if (Number.isNaN(value)) return '"NaN"';
  return value > 0 ? '"+Inf"' : '"-Inf"';
}

/** As VictoriaMetrics writes a value: all NaN are null. */
export function printPlain({ low, high }: RawFloat64): string {
  if (!isSpecial(high)) return printRaw({ low, high });
  if (!isInfinity(low, high)) return 'null';
  return high >>> 31 === 0 ? '"Infinity"' : '"-Infinity"';
}

/**
 * The bits of a value in any of the forms above; undefined if it is none. `null` is the ordinary NaN.
 * A number too large for a double is an infinity, as JSON.parse has it.
 */
export function parseRaw(json: unknown): RawFloat64 | undefined {
  if (typeof json === 'number') return rawOf(json);
  if (json === null || json === 'NaN' || json === 'nan')
    return { low: NORMAL_NAN_LOW, high: NORMAL_NAN_HIGH };
  if (typeof json !== 'string') return undefined;
  const special = SPECIAL.get(json);
  if (special !== undefined) return rawOf(special);
  const match = NAN_WITH_BITS.exec(json);
  if (!match) return undefined;
  const raw = { low: Number.parseInt(match[2]!, 16), high: Number.parseInt(match[1]!, 16) };
  return isSpecial(raw.high) && !isInfinity(raw.low, raw.high) ? raw : undefined;
}

/** Like {@link parseRaw} for places where a NaN's bits mean nothing. */
export function parseNumber(json: unknown): number | undefined {
  if (typeof json === 'number') return json;
  const raw = parseRaw(json);
  if (!raw) return undefined;
  return isInfinity(raw.low, raw.high) ? (raw.high >>> 31 === 0 ? 1 : -1) * Infinity : Number.NaN;
}

function rawOf(value: number): RawFloat64 {
  scratch.setFloat64(0, value, true);
  return { low: scratch.getUint32(0, true), high: scratch.getUint32(4, true) };
}

function isInfinity(low: number, high: number): boolean {
  return low === 0 && (high & MANTISSA_MASK) === 0;
}

function hex(bits: number): string {
  return bits.toString(16).padStart(8, '0');
}
