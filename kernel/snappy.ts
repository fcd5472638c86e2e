// Snappy block format (google/snappy, format_description.txt): a uvarint with the decoded length, then
// literals and copies. Copies move 16 bytes at a time and may scribble past their end, always within
// the 64 bytes of slack that the caller keeps after `dst`.
import { CORRUPT, NO_ROOM } from './bits';

/** The length in front is missing, endless or above 2^32 - 1. */
const BAD_PREAMBLE: i32 = -4;

/** Largest number of bytes a varint of 32 bits takes. */
const MAX_PREAMBLE_BYTES: usize = 5;

/** The address after the preamble, or 0. */
function preambleEnd(p: usize, end: usize): usize {
  const limit = end - p < MAX_PREAMBLE_BYTES ? end : p + MAX_PREAMBLE_BYTES;
  let q = p;
  while (q < limit) {
    const byte = load<u8>(q++);
    if (byte < 128) return q - p == MAX_PREAMBLE_BYTES && byte > 15 ? 0 : q;
  }
  return 0;
}

function preambleAt(p: usize, next: usize): u32 {
  let length: u32 = 0;
  while (next > p) length = (length << 7) | (load<u8>(--next) & 127);
  return length;
}

/** Decoded length that the preamble claims, 0…2^32-1, or -1 if there is no sound preamble. */
export function snappyDeclaredLength(src: usize, srcLength: i32): f64 {
  if (srcLength < 1) return -1;
  const next = preambleEnd(src, src + srcLength);
  return next == 0 ? -1 : <f64>preambleAt(src, next);
}

/**
 * Decodes a whole block into `dst` and returns its length, or BAD_PREAMBLE, NO_ROOM (it claims more than
 * `dstCapacity`) or CORRUPT. Never writes below `dst` or past dst + declared length + 64, never
 * reads past src + srcLength + 64; both must be inside the memory.
 */
export function snappyDecode(src: usize, srcLength: i32, dst: usize, dstCapacity: i32): i32 {
  if (srcLength < 1) return BAD_PREAMBLE;
  const srcEnd = src + srcLength;
  let p = preambleEnd(src, srcEnd);
  if (p == 0) return BAD_PREAMBLE;
  const length = preambleAt(src, p);
  if (dstCapacity < 0 || length > <u32>dstCapacity) return NO_ROOM;

  const dstEnd = dst + length;
  let d = dst;
  while (p < srcEnd) {
    const tag = <usize>load<u8>(p++);
    const kind = tag & 3;
    if (kind == 0) {
      let size = (tag >> 2) + 1;
      if (size > 60) {
        const extra = size - 60;
        if (extra > srcEnd - p) return CORRUPT;
        size = <usize>(load<u32>(p) & (<u32>-1 >> (32 - ((<u32>extra) << 3)))) + 1;
        p += extra;
      }
      // A size of 2^32 has wrapped to 0.
      if (size == 0 || size > srcEnd - p || size > dstEnd - d) return CORRUPT;
      if (size <= 64) copy64(d, p, size);
      else memory.copy(d, p, size);
      p += size;
      d += size;
      continue;
    }
    let size: usize;
    let offset: usize;
    if (kind == 1) {
      if (p >= srcEnd) return CORRUPT;
      size = ((tag >> 2) & 7) + 4;
      offset = ((tag >> 5) << 8) | <usize>load<u8>(p);
      p += 1;
    } else if (kind == 2) {
      if (srcEnd - p < 2) return CORRUPT;
      size = (tag >> 2) + 1;
      offset = <usize>load<u16>(p);
      p += 2;
    } else {
      if (srcEnd - p < 4) return CORRUPT;
      size = (tag >> 2) + 1;
      offset = <usize>load<u32>(p);
      p += 4;
    }
    if (offset == 0 || offset > d - dst || size > dstEnd - d) return CORRUPT;
    if (offset >= 16) copy64(d, d - offset, size);
    else copyPattern(d, offset, size);
    d += size;
  }
  return d == dstEnd ? <i32>length : CORRUPT;
}

/** Copies 1…64 bytes, in order, from at least 16 bytes away; scribbles up to 31 bytes past them. */
function copy64(d: usize, s: usize, size: usize): void {
  v128.store(d, v128.load(s));
  if (size > 16) {
    v128.store(d, v128.load(s, 16), 16);
    if (size > 32) {
      v128.store(d, v128.load(s, 32), 32);
      v128.store(d, v128.load(s, 48), 48);
    }
  }
}

/** Repeats the last 1…15 bytes for 1…64 bytes; scribbles up to 16 bytes past them. */
function copyPattern(d: usize, offset: usize, size: usize): void {
  const s = d - offset;
  const end = d + size;
  // Each store is right in its first `offset` bytes, so the distance doubles until it reaches 8.
  while (d - s < 8) {
    const distance = d - s;
    store<u64>(d, load<u64>(s));
    d += distance;
  }
  for (let q = s; d < end; d += 8, q += 8) store<u64>(d, load<u64>(q));
}
