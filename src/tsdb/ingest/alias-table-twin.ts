// Plain twin of the kernel's alias table and of its hash, as oracles in tests.

const MASK_64 = 0xffff_ffff_ffff_ffffn;
const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

/** What the alias table means: label bytes of one database → ref. */
export class AliasTableTwin {
  readonly #refs = new Map<string, number>();

  learn(dbId: number, labels: Uint8Array, ref: number): void {
    this.#refs.set(keyOf(dbId, labels), ref);
  }

  find(dbId: number, labels: Uint8Array): number | undefined {
    return this.#refs.get(keyOf(dbId, labels));
  }

  clear(): void {
    this.#refs.clear();
  }
}

function keyOf(dbId: number, labels: Uint8Array): string {
  return `${dbId}/${Buffer.from(labels).toString('latin1')}`;
}

/** XXH64 after its published description, in arithmetic modulo 2^64. */
export function xxh64Twin(bytes: Uint8Array, seed: bigint): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let p = 0;
  let hash = add(seed, PRIME_5);
  if (bytes.length >= 32) {
    const lanes = [add(seed, PRIME_1 + PRIME_2), add(seed, PRIME_2), seed, add(seed, -PRIME_1)];
    for (; bytes.length - p >= 32; p += 32) {
      for (let i = 0; i < 4; i++) lanes[i] = round(lanes[i]!, view.getBigUint64(p + 8 * i, true));
    }
    const rotations = [1, 7, 12, 18];
    hash = lanes.reduce((sum, lane, i) => add(sum, rotate(lane, rotations[i]!)), 0n);
    for (const lane of lanes) hash = add(multiply(hash ^ round(0n, lane), PRIME_1), PRIME_4);
  }
  hash = add(hash, BigInt(bytes.length));
  for (; bytes.length - p >= 8; p += 8) {
    const mixed = rotate(hash ^ round(0n, view.getBigUint64(p, true)), 27);
    hash = add(multiply(mixed, PRIME_1), PRIME_4);
  }
  if (bytes.length - p >= 4) {
    const mixed = rotate(hash ^ multiply(BigInt(view.getUint32(p, true)), PRIME_1), 23);
    hash = add(multiply(mixed, PRIME_2), PRIME_3);
    p += 4;
  }
  for (; p < bytes.length; p++) {
    hash = multiply(rotate(hash ^ multiply(BigInt(bytes[p]!), PRIME_5), 11), PRIME_1);
  }
  hash = multiply(hash ^ (hash >> 33n), PRIME_2);
  hash = multiply(hash ^ (hash >> 29n), PRIME_3);
  return hash ^ (hash >> 32n);
}

function round(lane: bigint, input: bigint): bigint {
  return multiply(rotate(add(lane, multiply(input, PRIME_2)), 31), PRIME_1);
}

function add(a: bigint, b: bigint): bigint {
  return (a + b) & MASK_64;
}

function multiply(a: bigint, b: bigint): bigint {
  return (a * b) & MASK_64;
}

function rotate(a: bigint, bits: number): bigint {
  return ((a << BigInt(bits)) | (a >> BigInt(64 - bits))) & MASK_64;
}
