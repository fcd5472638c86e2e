// CRC-32C (Castagnoli), which remote read's streamed frames carry. Our own files use CRC-32 of
// node:zlib, which is native.

/** The Castagnoli polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
/** Bytes consumed per step; each has its own table of 256 entries. */
const SLICES = 8;

const tables = makeTables();

// tables[256 * k + b] is the checksum of byte b followed by k zero bytes.
function makeTables(): Uint32Array {
  const table = new Uint32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[byte] = crc;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256]!;
    table[i] = (before >>> 8) ^ table[before & 255]!;
  }
  return table;
}

/** CRC-32C of `bytes` as an unsigned number; `seed` is the checksum of what came before them. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  const t = tables;
  const sliced = bytes.length - (bytes.length % SLICES);
  let crc = ~seed;
  let i = 0;
  for (; i < sliced; i += SLICES) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      t[1792 + (crc & 255)]! ^
      t[1536 + ((crc >>> 8) & 255)]! ^
      t[1280 + ((crc >>> 16) & 255)]! ^
      t[1024 + (crc >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}
