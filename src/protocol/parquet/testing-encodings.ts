// Parquet's encodings written in the plainest way, for tests: an oracle of what decodes them.

import { Encoding } from './encodings.ts';

const MASK_64 = 2n ** 64n - 1n;

export function uleb(value: bigint | number): number[] {
  let rest = BigInt(value) & MASK_64;
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

export function zigzagLeb(value: bigint | number): number[] {
  const big = BigInt(value);
  return uleb((big << 1n) ^ (big >> 63n));
}

export function littleEndian(value: bigint | number, bytes: number): number[] {
  const big = BigInt(value);
  return Array.from({ length: bytes }, (_, i) => Number((big >> BigInt(8 * i)) & 255n));
}

/** Values one after another, the lowest bit first. */
function pack(values: readonly bigint[], width: number): number[] {
  let bits = 0n;
  for (const [i, value] of values.entries()) bits |= value << BigInt(i * width);
  return littleEndian(bits, Math.ceil((values.length * width) / 8));
}

/** Runs as `plan` says, over and over: 0 for one that repeats a value, else as many packed eights. */
export function hybrid(
  values: readonly number[],
  width: number,
  plan: readonly number[] = [0],
): number[] {
  const bytes: number[] = [];
  let turn = 0;
  for (let at = 0; at < values.length; ) {
    const eights = plan[turn++ % plan.length]!;
    if (eights === 0) {
      let end = at + 1;
      while (end < values.length && values[end] === values[at]) end++;
      bytes.push(...uleb((end - at) * 2), ...littleEndian(values[at]!, Math.ceil(width / 8)));
      at = end;
    } else {
      const packed = values.slice(at, at + 8 * eights).map(BigInt);
      while (packed.length % 8 !== 0) packed.push(0n);
      bytes.push(...uleb((packed.length / 8) * 2 + 1), ...pack(packed, width));
      at += packed.length;
    }
  }
  return bytes;
}

export function deltaBinaryPacked(
  values: readonly (bigint | number)[],
  blockValues = 128,
  miniblocks = 4,
): number[] {
  const all = values.map(BigInt);
  const bytes = [
    ...uleb(blockValues),
    ...uleb(miniblocks),
    ...uleb(all.length),
    ...zigzagLeb(all[0] ?? 0n),
  ];
  const deltas = all.slice(1).map((value, i) => BigInt.asIntN(64, value - all[i]!));
  const size = blockValues / miniblocks;
  for (let at = 0; at < deltas.length; at += blockValues) {
    const block = deltas.slice(at, at + blockValues);
    const least = block.reduce((a, b) => (b < a ? b : a));
    const widths: number[] = [];
    const bodies: number[] = [];
    for (let m = 0; m < miniblocks; m++) {
      const part = block.slice(m * size, (m + 1) * size).map((delta) => (delta - least) & MASK_64);
      const width = Math.max(0, ...part.map((one) => (one === 0n ? 0 : one.toString(2).length)));
      while (part.length > 0 && part.length < size) part.push(0n);
      // What has no values left may have any width.
      widths.push(part.length === 0 ? 99 : width);
      bodies.push(...pack(part, width));
    }
    bytes.push(...zigzagLeb(least), ...widths, ...bodies);
  }
  return bytes;
}

export function plainTexts(texts: readonly string[]): number[] {
  return texts.flatMap((text) => {
    const bytes = [...Buffer.from(text)];
    return [...littleEndian(bytes.length, 4), ...bytes];
  });
}

export function deltaLengthTexts(texts: readonly string[]): number[] {
  const all = texts.map((text) => [...Buffer.from(text)]);
  return [...deltaBinaryPacked(all.map((one) => one.length)), ...all.flat()];
}

export function deltaTexts(texts: readonly string[]): number[] {
  const all = texts.map((text) => [...Buffer.from(text)]);
  const prefixes = all.map((one, i) => {
    const before = all[i - 1] ?? [];
    let length = 0;
    while (length < one.length && one[length] === before[length]) length++;
    return length;
  });
  const suffixes = all.map((one, i) => one.slice(prefixes[i]));
  return [
    ...deltaBinaryPacked(prefixes),
    ...deltaBinaryPacked(suffixes.map((one) => one.length)),
    ...suffixes.flat(),
  ];
}

export function plainEights(values: readonly bigint[]): number[] {
  return values.flatMap((value) => littleEndian(value, 8));
}

export function splitEights(values: readonly bigint[]): number[] {
  const all = values.map((value) => littleEndian(value, 8));
  return Array.from({ length: 8 }, (_, k) => all.map((bytes) => bytes[k]!)).flat();
}

export function plainBooleans(values: readonly number[]): number[] {
  return pack(values.map(BigInt), 1);
}

/** Places in a dictionary behind their width. */
export function places(values: readonly number[], plan?: readonly number[]): number[] {
  const width = Math.max(0, ...values).toString(2).length;
  return [width, ...hybrid(values, width, plan)];
}

/** Of every encoding, how values of a kind are written. */
export const EIGHTS: ReadonlyMap<number, (values: readonly bigint[]) => number[]> = new Map([
  [Encoding.plain, plainEights],
  [Encoding.byteStreamSplit, splitEights],
  [Encoding.deltaBinaryPacked, (values: readonly bigint[]) => deltaBinaryPacked(values)],
]);
export const TEXTS: ReadonlyMap<number, (texts: readonly string[]) => number[]> = new Map([
  [Encoding.plain, plainTexts],
  [Encoding.deltaLengthByteArray, deltaLengthTexts],
  [Encoding.deltaByteArray, deltaTexts],
]);
export const BOOLEANS: ReadonlyMap<number, (values: readonly number[]) => number[]> = new Map([
  [Encoding.plain, plainBooleans],
  [
    Encoding.rle,
    (values: readonly number[]) => {
      const runs = hybrid(values, 1, [1, 0]);
      return [...littleEndian(runs.length, 4), ...runs];
    },
  ],
]);
