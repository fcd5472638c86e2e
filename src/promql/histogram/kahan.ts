// Compensated summation (Kahan, in Neumaier's variant) of columns: what rounding lost is kept beside.

/** Adds `value` to `sums[i]`, whose lost low-order part is in `compensations[i]`. */
export function addCompensated(
  sums: number[],
  compensations: number[],
  i: number,
  value: number,
): void {
  const sum = sums[i]!;
  const total = sum + value;
  // Once infinite, what was lost before does not matter, and would turn the result into NaN.
  if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) {
    compensations[i] = 0;
  } else if (Math.abs(sum) >= Math.abs(value)) {
    compensations[i]! += sum - total + value;
  } else {
    compensations[i]! += value - total + sum;
  }
  sums[i] = total;
}
