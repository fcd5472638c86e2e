// The quantile of a list of numbers, as quantile_over_time and the aggregation compute it.

/**
 * Interpolated between the two nearest values; NaN counts as smaller than all numbers. ∓Inf for q outside
 * of [0, 1], NaN for no values or a q that is NaN. Sorts `values` (NaN at the end).
 */
export function quantileOf(q: number, values: Float64Array): number {
  const { length } = values;
  if (length === 0 || Number.isNaN(q)) return NaN;
  values.sort();
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  let nans = 0;
  while (nans < length && Number.isNaN(values[length - 1 - nans]!)) nans++;
  const rank = q * (length - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(length - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  if (lower < nans || upper < nans) return NaN;
  return values[lower - nans]! * (1 - weight) + values[upper - nans]! * weight;
}
