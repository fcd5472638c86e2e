// Plain twin of kernel/times.ts, which explains the layout: same bytes, same verdicts, no hurry.

import { AppError } from '../runtime/error.ts';
import { KernelCode } from './errors.ts';
import { ByteList, type Order, packResiduals, residualsOf, unpackIntegers } from './residuals.ts';
import { VarintReader } from './varint.ts';

const CONSTANT_INTERVAL = 3;
const IN_SECONDS = 4;

/** Encodes 1…8192 times; undefined if one is not an integer within ±2^53. */
export function encodeTimes(times: Float64Array): Uint8Array | undefined {
  const isEncodable = (t: number) => Number.isInteger(t) && Math.abs(t) <= 2 ** 53;
  if (!times.every(isEncodable)) return undefined;
  const first = BigInt(times[0]!);
  const offsets = Array.from(times, (t) => BigInt(t) - first);
  const isWhole = offsets.every((offset) => offset % 1000n === 0n);
  const unitFlag = isWhole ? IN_SECONDS : 0;
  const ints = isWhole ? offsets.map((offset) => offset / 1000n) : offsets;

  const out = new ByteList();
  const interval = ints[1] ?? 0n;
  if (ints.every((x, i) => x === BigInt(i) * interval)) {
    out.byte(unitFlag | CONSTANT_INTERVAL);
    out.varint(first);
    out.varint(interval);
    return out.toUint8Array();
  }

  const gaps = BigInt(ints.length - 1);
  const step = (ints.at(-1)! + (gaps >> 1n)) / gaps;
  const candidates = ([0, 1, 2] as const).map((order) => encodeBody(ints, order, step, interval));
  let order: Order = 0;
  if (candidates[1]!.length < candidates[order]!.length) order = 1;
  if (candidates[2]!.length < candidates[order]!.length) order = 2;
  out.byte(unitFlag | order);
  out.varint(first);
  out.append(candidates[order]!);
  return out.toUint8Array();
}

function encodeBody(
  ints: readonly bigint[],
  order: Order,
  step: bigint,
  interval: bigint,
): ByteList {
  const body = new ByteList();
  if (order === 0) body.varint(step);
  if (order === 2) body.varint(interval);
  body.append(packResiduals(residualsOf(ints, order, step), 0n));
  return body;
}

/** Decodes a block of `n` times into `out` and returns the bytes it took, or KernelCode.corrupt. */
export function decodeTimes(bytes: Uint8Array, n: number, out: Float64Array): number {
  try {
    return decode(new VarintReader(bytes), n, out);
  } catch (error) {
    if (error instanceof AppError) return KernelCode.corrupt;
    throw error;
  }
}

function decode(reader: VarintReader, n: number, out: Float64Array): number {
  const header = reader.byte();
  if (header > 7) return KernelCode.corrupt;
  const order = header & 3;
  const unit = header & IN_SECONDS ? 1000n : 1n;
  const first = reader.bigVarint();
  const slope = order === 1 ? 0n : reader.bigVarint();
  const ints =
    order === CONSTANT_INTERVAL
      ? Array.from({ length: n }, (_, i) => BigInt(i) * slope)
      : unpackIntegers(reader, n, order as Order, 0n, 0n, slope);
  if (ints === undefined) return KernelCode.corrupt;
  for (let i = 0; i < n; i++) out[i] = Number(BigInt.asIntN(64, first + ints[i]! * unit));
  return reader.at;
}
