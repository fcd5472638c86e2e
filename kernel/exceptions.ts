// Exceptions of a value block: rows that hold 64 bits as they are, as runs of equal bits. Layout:
// kernel/values.ts.
import { uvarintAt, uvarintBytes, uvarintEnd, writeUvarint } from './bits';

/** True if run `k` does not repeat the bits of the run before it. */
function isFresh(src: usize, runs: usize, k: i32): bool {
  if (k == 0) return true;
  const run = runs + ((<usize>k) << 3);
  return (
    load<u64>(src + ((<usize>load<u32>(run)) << 3)) !=
    load<u64>(src + ((<usize>load<u32>(run - 8)) << 3))
  );
}

/** Bytes of `runCount` runs (u32 start, u32 length each at `runs`); none if there are none. */
export function exceptionsBytes(src: usize, runCount: i32, runs: usize): i32 {
  if (runCount == 0) return 0;
  let bytes = uvarintBytes(runCount);
  let end: u32 = 0;
  for (let k = 0; k < runCount; k++) {
    const run = runs + ((<usize>k) << 3);
    const start = load<u32>(run);
    const length = load<u32>(run, 4);
    bytes += uvarintBytes(start - end) + uvarintBytes((length - 1) << 1);
    if (isFresh(src, runs, k)) bytes += 8;
    end = start + length;
  }
  return bytes;
}

/** Writes the runs and returns the address after them. */
export function writeExceptions(src: usize, runCount: i32, runs: usize, p: usize): usize {
  p = writeUvarint(p, runCount);
  let end: u32 = 0;
  for (let k = 0; k < runCount; k++) {
    const run = runs + ((<usize>k) << 3);
    const start = load<u32>(run);
    const length = load<u32>(run, 4);
    const fresh: u32 = isFresh(src, runs, k) ? 1 : 0;
    p = writeUvarint(p, start - end);
    p = writeUvarint(p, ((length - 1) << 1) | fresh);
    if (fresh) {
      store<u64>(p, load<u64>(src + ((<usize>start) << 3)));
      p += 8;
    }
    end = start + length;
  }
  return p;
}

/** Walks the exceptions and returns the address after them, or 0 if they are malformed or pass row n. */
export function checkExceptions(p: usize, end: usize, n: i32): usize {
  let next = uvarintEnd(p, end);
  if (next == 0) return 0;
  const runCount = uvarintAt(p, next);
  p = next;
  // Every run takes a row, so a lying count ends with the rows.
  let rowsLeft = <u64>n;
  for (let k: u64 = 0; k < runCount; k++) {
    next = uvarintEnd(p, end);
    if (next == 0) return 0;
    const gap = uvarintAt(p, next);
    if (gap >= rowsLeft) return 0;
    rowsLeft -= gap;
    p = next;

    next = uvarintEnd(p, end);
    if (next == 0) return 0;
    const lengthAndFresh = uvarintAt(p, next);
    if (lengthAndFresh >> 1 >= rowsLeft) return 0;
    rowsLeft -= (lengthAndFresh >> 1) + 1;
    p = next;

    if (lengthAndFresh & 1) {
      if (end - p < 8) return 0;
      p += 8;
    } else if (k == 0) return 0;
  }
  return p;
}

/** Overwrites rows with exceptions that `checkExceptions` has found sound. */
export function applyExceptions(p: usize, dst: usize): void {
  // Sound varints need no end: their last byte says that it is the last.
  const end: usize = <usize>-1;
  let next = uvarintEnd(p, end);
  const runCount = <i32>uvarintAt(p, next);
  p = next;
  let bits: u64 = 0;
  for (let k = 0; k < runCount; k++) {
    next = uvarintEnd(p, end);
    dst += (<usize>uvarintAt(p, next)) << 3;
    p = next;
    next = uvarintEnd(p, end);
    const lengthAndFresh = <u32>uvarintAt(p, next);
    p = next;
    if (lengthAndFresh & 1) {
      bits = load<u64>(p);
      p += 8;
    }
    const length = (lengthAndFresh >> 1) + 1;
    fill(dst, length, bits);
    dst += (<usize>length) << 3;
  }
}

/** Gives `n` rows the same bits. */
export function fill(dst: usize, n: i32, bits: i64): void {
  for (let p = dst, end = dst + ((<usize>n) << 3); p < end; p += 8) store<i64>(p, bits);
}
