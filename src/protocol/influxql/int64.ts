// Go's int64 and uint64 in bigints: arithmetic wraps round.

export const MAX_INT64: bigint = 2n ** 63n - 1n;
export const MIN_INT64: bigint = -(2n ** 63n);
export const MAX_UINT64: bigint = 2n ** 64n - 1n;

export function wrapInt64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

export function wrapUint64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** As Go converts a float to int64 on amd64: what does not fit becomes the least integer. */
export function floatToInt64(value: number): bigint {
  const whole = Math.trunc(value);
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? BigInt(whole) : MIN_INT64;
}
