// The quantile of a list of numbers, as quantile_over_time and the aggregation compute it.

import type { EvalControl } from '../eval/interface.ts';

/** For each halving that the list needs, so many rounds; then its order is one of those that defeat selection. */
const ROUNDS_PER_HALVING = 4;
/** So few Go's `sort.Sort` puts in order by insertion, and -0 and 0, which are equal, stay as they came. */
const FEW = 12;

/**
 * Interpolated between the two nearest values; NaN counts as smaller than all numbers. ∓Inf for q outside
 * of [0, 1], NaN for no values or a q that is NaN. Changes the order of `values`. `control` is asked between goes
 * over the list.
 */
export function quantileOf(q: number, values: Float64Array, control: EvalControl): number {
  const { length } = values;
  if (length === 0 || Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const numbers = numbersFirst(values);
  const nans = length - numbers;
  const rank = q * (length - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(length - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  if (lower < nans || upper < nans) return NaN;
  const low = select(values, numbers, lower - nans, control);
  const high = upper === lower ? low : smallestFrom(values, upper - nans, numbers);
  return low * (1 - weight) + high * weight;
}

/** Moves NaNs to the end; how many are not NaN. */
function numbersFirst(values: Float64Array): number {
  let numbers = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    values[i] = values[numbers]!;
    values[numbers++] = value;
  }
  return numbers;
}

/**
 * The k-th smallest of the first `length` values, from 0; afterwards no value before place k is larger,
 * none after it smaller (Hoare's selection, the pivot the median of three).
 */
function select(values: Float64Array, length: number, k: number, control: EvalControl): number {
  if (length <= FEW) {
    sortFew(values, length);
    return values[k]!;
  }
  let from = 0;
  let to = length - 1;
  let roundsLeft = ROUNDS_PER_HALVING * Math.ceil(Math.log2(length + 1));
  while (from < to) {
    control.checkpoint();
    if (roundsLeft-- === 0) {
      values.subarray(from, to + 1).sort();
      break;
    }
    const pivot = medianOfThree(values[from]!, values[(from + to) >> 1]!, values[to]!);
    let i = from;
    let j = to;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (k <= j) to = j;
    else if (k >= i) from = i;
    else break;
  }
  return values[k]!;
}

function sortFew(values: Float64Array, length: number): void {
  for (let i = 1; i < length; i++) {
    const value = values[i]!;
    let at = i;
    for (; at > 0 && value < values[at - 1]!; at--) values[at] = values[at - 1]!;
    values[at] = value;
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function smallestFrom(values: Float64Array, from: number, to: number): number {
  let smallest = values[from]!;
  for (let i = from + 1; i < to; i++) if (values[i]! < smallest) smallest = values[i]!;
  return smallest;
}
