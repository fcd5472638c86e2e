// Where in a bucket observations are taken to lie: evenly over the values in custom buckets and around zero,
// evenly over their logarithm in other exponential buckets.

interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** The value that the part `fraction` of a bucket's observations is below. The bounds must be finite. */
export function valueAtFraction(bucket: Bounds, fraction: number, isCustom: boolean): number {
  const { lower, upper } = bucket;
  if (isCustom || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * fraction);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)));
}

/**
 * The part of a bucket's observations that is below `value`, which must be inside of its finite bounds.
 * The inverse of what quantiles do.
 */
export function fractionBelow(bucket: Bounds, value: number, isLinear: boolean): number {
  const { lower, upper } = bucket;
  if (isLinear) return (value - lower) / (upper - lower);
  const logLower = Math.log2(Math.abs(lower));
  const logUpper = Math.log2(Math.abs(upper));
  const logValue = Math.log2(Math.abs(value));
  if (value > 0) return (logValue - logLower) / (logUpper - logLower);
  return 1 - (logValue - logUpper) / (logLower - logUpper);
}
