// Classic histograms: quantiles and fractions from cumulative buckets, each its own series with a label `le`.

/** Relative differences up to this are rounding: a real one would need 10^12 observations in a bucket. */
const SMALL_DELTA_TOLERANCE = 1e-12;

/** Smallest positive number of full precision. */
const MIN_NORMAL = 2 ** -1022;

/**
 * The cumulative buckets of one classic histogram at one time, as columns: to be filled, asked, cleared
 * and filled again, which costs no allocation.
 */
export class ClassicBuckets {
  /** Upper bounds, ascending once normalized; rows from `length` on mean nothing. */
  bounds: Float64Array = new Float64Array(32);
  /** Observations up to the bound, by row. */
  counts: Float64Array = new Float64Array(32);
  #length = 0;
  #isSorted = true;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
    this.#isSorted = true;
  }

  /** In any order; several with the same bound will be added up. */
  push(upperBound: number, count: number): void {
    const at = this.#length;
    if (at === this.bounds.length) this.#grow();
    if (at > 0 && upperBound <= this.bounds[at - 1]!) this.#isSorted = false;
    this.bounds[at] = upperBound;
    this.counts[at] = count;
    this.#length = at + 1;
  }

  /**
   * Takes row `row` of several columns: those where `present` is 1, `bounds` being ascending. The same as
   * to clear and push one by one, but for the time it takes.
   */
  load(
    bounds: Float64Array,
    columns: readonly Float64Array[],
    present: readonly Uint8Array[],
    row: number,
  ): void {
    while (this.bounds.length < bounds.length) this.#grow();
    const { bounds: loadedBounds, counts } = this;
    let length = 0;
    let isSorted = true;
    let previous = Number.NaN;
    for (let k = 0; k < bounds.length; k++) {
      if (present[k]![row] !== 1) continue;
      const bound = bounds[k]!;
      if (bound === previous) isSorted = false;
      previous = bound;
      loadedBounds[length] = bound;
      counts[length] = columns[k]![row]!;
      length++;
    }
    this.#length = length;
    this.#isSorted = isSorted;
  }

  #grow(): void {
    const { bounds, counts } = this;
    this.bounds = new Float64Array(2 * bounds.length);
    this.counts = new Float64Array(2 * bounds.length);
    this.bounds.set(bounds);
    this.counts.set(counts);
  }

  /** Sorts by bound and makes equal bounds one. */
  normalize(): void {
    if (this.#isSorted) return;
    const { bounds, counts } = this;
    const order = Array.from({ length: this.#length }, (_, row) => row);
    order.sort((a, b) => bounds[a]! - bounds[b]!);
    const sorted = order.map((row) => [bounds[row]!, counts[row]!] as const);
    this.clear();
    for (const [bound, count] of sorted) {
      const last = this.#length - 1;
      if (last >= 0 && bounds[last] === bound) counts[last]! += count;
      else this.push(bound, count);
    }
  }
}

/** An estimated quantile, and what had to be repaired for it. */
export interface ClassicQuantile {
  readonly value: number;
  /** Counts fell from a bucket to the next by more than rounding explains. */
  readonly forcedMonotonic: boolean;
  /** Counts differed by what rounding explains. */
  readonly fixedPrecision: boolean;
  /** Lowest and highest bound where a count was raised; they mean nothing if none was. */
  readonly minBucket: number;
  readonly maxBucket: number;
  /** By how much at most. */
  readonly maxDiff: number;
}

function withoutRepair(value: number): ClassicQuantile {
  return {
    value,
    forcedMonotonic: false,
    fixedPrecision: false,
    minBucket: 0,
    maxBucket: 0,
    maxDiff: 0,
  };
}

/**
 * The value below which the fraction `q` of observations lies, taken to be spread evenly in a bucket; the
 * first one starts at 0 if it has positive values. NaN without a +Inf bucket, with fewer than two
 * buckets, without observations, or for a `q` that is NaN; −Inf and +Inf for q < 0 and q > 1. Sorts and
 * repairs `buckets`, of which there must be one at least.
 */
export function bucketQuantile(q: number, buckets: ClassicBuckets): ClassicQuantile {
  if (Number.isNaN(q)) return withoutRepair(Number.NaN);
  if (q < 0) return withoutRepair(Number.NEGATIVE_INFINITY);
  if (q > 1) return withoutRepair(Number.POSITIVE_INFINITY);
  buckets.normalize();
  const last = buckets.length - 1;
  if (buckets.bounds[last] !== Number.POSITIVE_INFINITY) return withoutRepair(Number.NaN);
  return isAscending(buckets)
    ? withoutRepair(valueOfRank(q, buckets))
    : repairedQuantile(q, buckets);
}

function valueOfRank(q: number, { bounds, counts, length }: ClassicBuckets): number {
  const last = length - 1;
  const observations = counts[last]!;
  if (last < 1 || observations === 0) return Number.NaN;
  const rank = q * observations;
  let i = 0;
  while (i < last && !(counts[i]! >= rank)) i++;
  if (i === last) return bounds[last - 1]!;
  if (i === 0 && bounds[0]! <= 0) return bounds[0]!;
  const lower = i === 0 ? 0 : bounds[i - 1]!;
  const before = i === 0 ? 0 : counts[i - 1]!;
  return lower + (bounds[i]! - lower) * ((rank - before) / (counts[i]! - before));
}

/** True if counts ascend so clearly that nothing can need a repair: the usual case, told in passing. */
function isAscending({ counts, length }: ClassicBuckets): boolean {
  if (!(counts[0]! >= 0)) return false;
  for (let i = 1; i < length; i++) {
    const count = counts[i]!;
    const rise = count - counts[i - 1]!;
    // A thousand times what counts as rounding.
    if (!(rise === 0 || rise > 1000 * SMALL_DELTA_TOLERANCE * count)) return false;
  }
  return true;
}

/** Makes the counts ascend first: a bucket holds all that those below it hold. */
function repairedQuantile(q: number, buckets: ClassicBuckets): ClassicQuantile {
  const { bounds, counts, length } = buckets;
  let forcedMonotonic = false;
  let fixedPrecision = false;
  let minBucket = Number.POSITIVE_INFINITY;
  let maxBucket = Number.NEGATIVE_INFINITY;
  let maxDiff = 0;
  let previous = counts[0]!;
  for (let i = 1; i < length; i++) {
    const count = counts[i]!;
    if (count === previous) continue;
    if (isNearlyEqual(previous, count)) {
      counts[i] = previous;
      fixedPrecision = true;
    } else if (count < previous) {
      counts[i] = previous;
      forcedMonotonic = true;
      minBucket = Math.min(minBucket, bounds[i]!);
      maxBucket = Math.max(maxBucket, bounds[i]!);
      maxDiff = Math.max(maxDiff, previous - count);
    } else previous = count;
  }
  const value = valueOfRank(q, buckets);
  return { value, forcedMonotonic, fixedPrecision, minBucket, maxBucket, maxDiff };
}

function isNearlyEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < MIN_NORMAL) {
    return difference < SMALL_DELTA_TOLERANCE * MIN_NORMAL;
  }
  return difference / Math.min(sum, Number.MAX_VALUE) < SMALL_DELTA_TOLERANCE;
}

/**
 * The fraction of observations between `lower` and `upper`, interpolated as in {@link bucketQuantile}.
 * NaN without a +Inf bucket, without observations, or for a bound that is NaN; 0 if lower ≥ upper. Sorts
 * `buckets`, of which there must be one at least.
 */
export function bucketFraction(lower: number, upper: number, buckets: ClassicBuckets): number {
  buckets.normalize();
  const { bounds, counts } = buckets;
  const last = buckets.length - 1;
  if (bounds[last] !== Number.POSITIVE_INFINITY) return Number.NaN;
  const observations = counts[last]!;
  if (observations === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, buckets) - rankOf(lower, buckets)) / observations;
}

/** How many observations are below `value`. */
function rankOf(value: number, { bounds, counts, length }: ClassicBuckets): number {
  const observations = counts[length - 1]!;
  let rank = 0;
  let bound = bounds[0]! <= 0 ? Number.NEGATIVE_INFINITY : 0;
  for (let i = 0; i < length; i++) {
    if (bound >= value) break;
    const upper = bounds[i]!;
    const count = counts[i]!;
    if (upper > value) {
      // A first bucket without lower end counts as a whole.
      if (bound === Number.NEGATIVE_INFINITY) rank = count;
      else rank += ((count - rank) * (value - bound)) / (upper - bound);
      break;
    }
    rank = count;
    bound = upper;
  }
  return Math.min(rank, observations);
}
