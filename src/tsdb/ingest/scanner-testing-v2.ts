// For tests of bodies of remote write 2.0: requests field by field, also such as no sender writes.

import { bytesOf, fixed64, message, tag, varint } from './scanner-testing.ts';

/** Fields of a Request that define symbols 0, 1, …. */
export function symbolTable(symbols: readonly (string | Uint8Array)[]): Uint8Array {
  return bytesOf(...symbols.map((symbol) => message(4, Buffer.from(symbol as string))));
}

/** A TimeSeries field of a Request. */
export function seriesV2(...fields: readonly Uint8Array[]): Uint8Array {
  return message(5, ...fields);
}

/** The packed label references of a TimeSeries. */
export function labelRefs(...refs: readonly number[]): Uint8Array {
  return message(1, bytesOf(...refs.map((ref) => varint(ref))));
}

/** A Sample field of a TimeSeries; zeros are left out as proto3 does. */
export function sampleV2(
  t: number | bigint,
  bits: bigint,
  startT: number | bigint = 0,
): Uint8Array {
  const int64 = (number: number, value: number | bigint): Uint8Array | number[] =>
    BigInt(value) === 0n ? [] : bytesOf(tag(number, 0), varint(value));
  return message(2, bytesOf(bits === 0n ? [] : fixed64(1, bits), int64(2, t), int64(3, startT)));
}

/** A Metadata field of a TimeSeries. */
export function metadataV2(type: number, help: number, unit: number): Uint8Array {
  const uint32 = (number: number, value: number): Uint8Array =>
    bytesOf(tag(number, 0), varint(value));
  return message(5, uint32(1, type), uint32(3, help), uint32(4, unit));
}
