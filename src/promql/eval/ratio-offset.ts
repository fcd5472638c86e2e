// The hash by which limit_ratio chooses series: XXH64 over Prometheus' encoding of labels, so that the
// same series are chosen as there. BigInt is slow, but this is once per series.

import type { Labels } from '../../model/labels.ts';

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;
const MASK = 0xffffffffffffffffn;

/** A number in [0, 1] that depends on the labels only. */
export function ratioOffset(labels: Labels): number {
  return Number(xxh64(encodeLabels(labels))) / 2 ** 64;
}

/** Name and value of each label, each after its length in bytes: one byte, or 255 and three bytes. */
function encodeLabels(labels: Labels): Buffer {
  const parts: Buffer[] = [];
  for (const { name, value } of labels) {
    for (const text of [name, value]) {
      const bytes = Buffer.from(text);
      const { length } = bytes;
      parts.push(
        Buffer.from(
          length < 255 ? [length] : [255, length & 255, (length >> 8) & 255, (length >> 16) & 255],
        ),
        bytes,
      );
    }
  }
  return Buffer.concat(parts);
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

function round(state: bigint, input: bigint): bigint {
  return (rotate((state + input * PRIME_2) & MASK, 31n) * PRIME_1) & MASK;
}

function mergeRound(hash: bigint, state: bigint): bigint {
  return ((hash ^ round(0n, state)) * PRIME_1 + PRIME_4) & MASK;
}

/** XXH64 with seed 0. */
export function xxh64(bytes: Buffer): bigint {
  const { length } = bytes;
  let at = 0;
  let hash: bigint;
  if (length >= 32) {
    const states = [(PRIME_1 + PRIME_2) & MASK, PRIME_2, 0n, -PRIME_1 & MASK];
    for (; at + 32 <= length; at += 32) {
      for (let i = 0; i < 4; i++) {
        states[i] = round(states[i]!, bytes.readBigUInt64LE(at + 8 * i));
      }
    }
    const [a, b, c, d] = states as [bigint, bigint, bigint, bigint];
    hash = (rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n)) & MASK;
    for (const state of states) hash = mergeRound(hash, state);
  } else {
    hash = PRIME_5;
  }
  hash = (hash + BigInt(length)) & MASK;
  for (; at + 8 <= length; at += 8) {
    hash ^= round(0n, bytes.readBigUInt64LE(at));
    hash = (rotate(hash, 27n) * PRIME_1 + PRIME_4) & MASK;
  }
  if (at + 4 <= length) {
    hash ^= (BigInt(bytes.readUInt32LE(at)) * PRIME_1) & MASK;
    hash = (rotate(hash, 23n) * PRIME_2 + PRIME_3) & MASK;
    at += 4;
  }
  for (; at < length; at++) {
    hash ^= (BigInt(bytes[at]!) * PRIME_5) & MASK;
    hash = (rotate(hash, 11n) * PRIME_1) & MASK;
  }
  hash = ((hash ^ (hash >> 33n)) * PRIME_2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * PRIME_3) & MASK;
  return hash ^ (hash >> 32n);
}
