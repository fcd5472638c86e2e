// Reads the protobuf wire format for the scanners of remote-write bodies. Nothing here trusts a length.
//
// Up to 8 bytes past the end of a message may be read (never used, never written).

import {
  SCAN_BAD_LENGTH,
  SCAN_BAD_TAG,
  SCAN_BAD_VARINT,
  SCAN_BAD_WIRE_TYPE,
} from './write-request-layout';

const WIRE_VARINT: u32 = 0;
const WIRE_FIXED64: u32 = 1;
export const WIRE_BYTES: u32 = 2;
const WIRE_FIXED32: u32 = 5;

/** Answers of `fieldEnd` up to this are negated SCAN_… codes; addresses are never so low. */
export const MAX_FAULT: usize = 16;

/** Address after the field at `p` (< end), or a negated SCAN_… code if it is malformed. */
export function fieldEnd(p: usize, end: usize): usize {
  let tag = <u64>load<u8>(p);
  let tagBytes: usize = 1;
  // Tags of one byte are not worth the general way, here and below (scanner.bench.ts: 15 ns a sample).
  if (tag >= 0x80) {
    tagBytes = varintBytes(p, end);
    if (tagBytes == 0) return -SCAN_BAD_VARINT;
    tag = varintValue(p, tagBytes);
  }
  if (tag > <u64>u32.MAX_VALUE || tag >> 3 == 0) return -SCAN_BAD_TAG;
  p += tagBytes;
  const wireType = <u32>tag & 7;
  let length: u64 = 0;
  if (wireType == WIRE_FIXED64) {
    length = 8;
  } else if (wireType == WIRE_FIXED32) {
    length = 4;
  } else if (wireType == WIRE_BYTES || wireType == WIRE_VARINT) {
    const bytes = varintBytes(p, end);
    if (bytes == 0) return -SCAN_BAD_VARINT;
    if (wireType == WIRE_BYTES) length = varintValue(p, bytes);
    p += bytes;
  } else {
    return -SCAN_BAD_WIRE_TYPE;
  }
  if (length > <u64>(end - p)) return -SCAN_BAD_LENGTH;
  return p + <usize>length;
}

/** Tag of a field that `fieldEnd` found well-formed. */
export function tagOf(p: usize, end: usize): u32 {
  const first = <u32>load<u8>(p);
  if (first < 0x80) return first;
  return <u32>varintValue(p, varintBytes(p, end));
}

/** Start of the payload of a length-delimited field that `fieldEnd` found well-formed. */
export function payloadOf(p: usize, end: usize): usize {
  const length = p + (load<u8>(p) < 0x80 ? 1 : varintBytes(p, end));
  return length + (load<u8>(length) < 0x80 ? 1 : varintBytes(length, end));
}

/** Bytes that the varint at `p` (≤ end) takes, 1 to 10; 0 if it is cut off or longer than 64 bits. */
export function varintBytes(p: usize, end: usize): usize {
  const available = end - p;
  const stops = ~load<u64>(p) & 0x8080808080808080;
  if (stops != 0) {
    const bytes = <usize>(ctz<u64>(stops) >> 3) + 1;
    return bytes <= available ? bytes : 0;
  }
  if (available >= 9 && load<u8>(p, 8) < 0x80) return 9;
  if (available >= 10 && load<u8>(p, 9) < 2) return 10;
  return 0;
}

/** Value of a varint of 1 to 10 bytes: drops the top bit of each by halving the gaps three times. */
export function varintValue(p: usize, bytes: usize): u64 {
  let x = load<u64>(p);
  if (bytes < 8) x &= ((<u64>1) << ((<u64>bytes) << 3)) - 1;
  x = ((x & 0x7f007f007f007f00) >> 1) | (x & 0x007f007f007f007f);
  x = ((x & 0x3fff00003fff0000) >> 2) | (x & 0x00003fff00003fff);
  x = ((x & 0x0fffffff00000000) >> 4) | (x & 0x000000000fffffff);
  if (bytes >= 9) x |= (<u64>(load<u8>(p, 8) & 0x7f)) << 56;
  if (bytes == 10) x |= (<u64>load<u8>(p, 9)) << 63;
  return x;
}
