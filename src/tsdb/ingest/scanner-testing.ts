// For tests of the scanner: a protobuf encoder that can also write what no sender writes, snappy
// without compression, a scanner of modest size, and rows in a form that can be compared.

import { AliasTableTwin } from './alias-table-twin.ts';
import type { TwinScan } from './scan-twin.ts';
import { scanTwin } from './scan-twin.ts';
import type { ScanLimits, ScannedWrite, ScannerOptions } from './scanner.ts';
import { RemoteWriteScanner } from './scanner.ts';

export const TEST_LIMITS: ScanLimits = { maxCompressedBytes: 1 << 20, maxDecodedBytes: 2 << 20 };
const TEST_ALIASES = { maxEntries: 10_000, maxKeyBytes: 4 << 20 };

export function testScanner(options: ScannerOptions = {}): RemoteWriteScanner {
  return new RemoteWriteScanner(TEST_LIMITS, { alias: TEST_ALIASES, ...options });
}

export function bytesOf(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
}

/** As a 64-bit number; `padding` adds bytes that mean nothing. */
export function varint(value: number | bigint, padding = 0): Uint8Array {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  } while (left > 0n);
  for (let i = 0; i < padding; i++) bytes.push(0x80);
  bytes[bytes.length - 1]! &= 0x7f;
  return Uint8Array.from(bytes);
}

export function tag(number: number, wireType: number): Uint8Array {
  return varint(number * 8 + wireType);
}

/** A length-delimited field. */
export function message(number: number, ...payload: readonly Uint8Array[]): Uint8Array {
  const bytes = bytesOf(...payload);
  return bytesOf(tag(number, 2), varint(bytes.length), bytes);
}

export function fixed64(number: number, bits: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, bits, true);
  return bytesOf(tag(number, 1), bytes);
}

/** A Label field of a TimeSeries. */
export function label(name: string, value: string): Uint8Array {
  return message(1, message(1, Buffer.from(name)), message(2, Buffer.from(value)));
}

export function labels(object: Readonly<Record<string, string>>): Uint8Array {
  return bytesOf(...Object.entries(object).map(([name, value]) => label(name, value)));
}

/** A Sample field of a TimeSeries; zeros are left out as proto3 does. */
export function sample(t: number | bigint, bits: bigint): Uint8Array {
  const value = bits === 0n ? [] : fixed64(1, bits);
  const time = BigInt(t) === 0n ? [] : bytesOf(tag(2, 0), varint(t));
  return message(2, bytesOf(value, time));
}

/** A TimeSeries field of a WriteRequest. */
export function series(...fields: readonly Uint8Array[]): Uint8Array {
  return message(1, ...fields);
}

export function metadata(name: string): Uint8Array {
  return message(3, bytesOf(tag(1, 0), varint(1)), message(2, Buffer.from(name)));
}

/** The 64 bits of a number. */
export function bitsOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

/** A snappy block of literals. */
export function snappy(decoded: Uint8Array): Uint8Array {
  const parts: (Uint8Array | number[])[] = [varint(decoded.length)];
  for (let p = 0; p < decoded.length; p += 65_536) {
    const chunk = decoded.subarray(p, p + 65_536);
    const size = chunk.length - 1;
    parts.push([61 << 2, size & 0xff, size >> 8], chunk);
  }
  return bytesOf(...parts);
}

/** A scan in the twin's form. */
export function plainScan(scan: ScannedWrite): TwinScan {
  const bits = new BigUint64Array(scan.v.buffer, scan.v.byteOffset, scan.rows);
  return {
    rows: Array.from(scan.refs, (ref, i) => ({ ref, t: scan.t[i]!, v: bits[i]! })),
    slow: Array.from(scan.slowOffset, (offset, i) => ({
      field: scan.slowField[i]!,
      offset,
      length: scan.slowLength[i]!,
      row: scan.slowRow[i]!,
    })),
  };
}

/** What the scanner makes of a decoded body: its scan, or the message of its error. */
export function scanOutcome(
  scanner: RemoteWriteScanner,
  dbId: number,
  body: Uint8Array,
): TwinScan | string {
  try {
    return plainScan(scanner.scan(dbId, snappy(body)));
  } catch (error) {
    return (error as Error).message;
  }
}

/** The alias table's oracle, joined with the scan's. */
export class ScannerTwin {
  readonly aliases: AliasTableTwin = new AliasTableTwin();

  scan(dbId: number, body: Uint8Array): TwinScan {
    return scanTwin(body, (bytes) => this.aliases.find(dbId, bytes));
  }
}
