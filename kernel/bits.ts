// What the codec kernels share: result codes, zigzag and variable-length integers. A varint is read
// in two steps (where does it end, what does it say), because a function returns one number only.

/** The input is not what it claims to be. */
export const CORRUPT: i32 = -1;
/** The result does not fit the room that the caller gave. */
export const NO_ROOM: i32 = -2;
/** An argument is outside its documented range. */
export const BAD_ARGUMENT: i32 = -3;

/** Bytes of the longest variable-length integer. */
export const MAX_VARINT_BYTES: usize = 10;

/** Signed to unsigned so that small magnitudes stay small: 0, -1, 1, -2 become 0, 1, 2, 3. */
export function zigzag(x: i64): u64 {
  return <u64>((x << 1) ^ (x >> 63));
}

export function unzigzag(z: u64): i64 {
  return <i64>(z >> 1) ^ -(<i64>(z & 1));
}

/** Bits needed for `x`: 0 for 0, 64 for the largest. */
export function bitWidth(x: u64): i32 {
  return 64 - <i32>clz(x);
}

/** Bytes that `writeUvarint` will write for `x`, 1 to 10. */
export function uvarintBytes(x: u64): i32 {
  return (bitWidth(x | 1) + 6) / 7;
}

/** Writes `x` in groups of 7 bits, low ones first; returns the address after it. */
export function writeUvarint(p: usize, x: u64): usize {
  while (x > 127) {
    store<u8>(p++, <u8>(x | 128));
    x >>= 7;
  }
  store<u8>(p++, <u8>x);
  return p;
}

/** The address after the varint at `p`, or 0 if it passes `end` or does not fit 64 bits. */
export function uvarintEnd(p: usize, end: usize): usize {
  const limit = end - p < MAX_VARINT_BYTES ? end : p + MAX_VARINT_BYTES;
  let q = p;
  while (q < limit) {
    const byte = load<u8>(q++);
    if (byte < 128) return q - p == MAX_VARINT_BYTES && byte > 1 ? 0 : q;
  }
  return 0;
}

/** The varint in `[p, next)`, where `next` comes from `uvarintEnd`. */
export function uvarintAt(p: usize, next: usize): u64 {
  let x: u64 = 0;
  while (next > p) x = (x << 7) | (load<u8>(--next) & 127);
  return x;
}
