// Points of a matrix as JSON: `,[<seconds>,"<value>"]` for each. What stands before the value is a text
// of the step, the same for all series.

import { MAX_FLOAT_BYTES, writeFloat, writeInteger, writeThreeDigits } from './decimal';

/** A text of a step may have so many bytes; it is copied in whole units of 16. */
const MAX_TEXT_BYTES: usize = 32;
const FLOAT: u8 = 1;
/** `,[` `,"` and `"]` */
const BEFORE_TIME: u16 = 0x5b2c;
const BEFORE_VALUE: u16 = 0x222c;
const AFTER_VALUE: u16 = 0x5d22;

/** Room that one point may touch. */
const POINT_ROOM: usize = MAX_TEXT_BYTES + MAX_FLOAT_BYTES + 2;

/**
 * Writes what stands before the values of `steps` steps: `,[<seconds>,"`. Times are integers in ms within ±2^53, shown
 * with three decimals where the seconds are not whole.
 */
export function writeStepTexts(texts: usize, startT: f64, stepMs: f64, steps: i32): void {
  for (let i = 0; i < steps; i++) {
    const text = texts + <usize>i * MAX_TEXT_BYTES;
    store<u16>(text, BEFORE_TIME);
    const p = writeSeconds(text + 2, startT + <f64>i * stepMs);
    store<u16>(p, BEFORE_VALUE);
    store<u8>(text, <u8>(p + 2 - text), MAX_TEXT_BYTES - 1);
  }
}

function writeSeconds(p: usize, t: f64): usize {
  if (t < 0) store<u8>(p++, 0x2d);
  const ms = <u64>abs(t);
  const whole = ms / 1000;
  const thousandths = <u32>(ms - whole * 1000);
  if (whole == 0) store<u8>(p++, 0x30);
  else p = writeInteger(p, whole);
  if (thousandths == 0) return p;
  store<u8>(p, 0x2e);
  writeThreeDigits(p + 1, thousandths);
  return p + 4;
}

/**
 * Writes the floats (`present` 1) of `steps` steps at `dst`, as many as fit `capacity` for sure. Texts are
 * MAX_TEXT_BYTES apart at `texts`, each with its length in the last byte, as `writeStepTexts` makes them. Returns the
 * bytes written; the step to go on with is stored as u32 at `next`.
 */
export function writePoints(
  values: usize,
  present: usize,
  steps: i32,
  texts: usize,
  tenPowers: usize,
  dst: usize,
  capacity: i32,
  next: usize,
): i32 {
  const end = dst + <usize>capacity;
  let p = dst;
  let i = 0;
  for (; i < steps; i++) {
    if (load<u8>(present + <usize>i) != FLOAT) continue;
    if (end - p < POINT_ROOM) break;
    const text = texts + <usize>i * MAX_TEXT_BYTES;
    v128.store(p, v128.load(text));
    v128.store(p, v128.load(text, 16), 16);
    p += <usize>load<u8>(text, MAX_TEXT_BYTES - 1);
    p = writeFloat(p, load<f64>(values + ((<usize>i) << 3)), tenPowers);
    store<u16>(p, AFTER_VALUE);
    p += 2;
  }
  store<u32>(next, <u32>i);
  return <i32>(p - dst);
}
