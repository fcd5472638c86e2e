// Classic histograms: quantiles and fractions from cumulative buckets, each its own series with a label `le`.

/** Relative differences up to this are rounding: a real one would need 10^12 observations in a bucket. */
const SMALL_DELTA_TOLERANCE = 1e-12;

/** Smallest positive number of full precision. */
const MIN_NORMAL = 2 ** -1022;

/**
 * The cumulative buckets of one classic histogram at one time, as columns: to be filled, asked, cleared
 * and filled again.
 */
export class ClassicBuckets {
  /** Upper bounds, ascending once sorted. */
  readonly bounds: number[] = [];
  /** Observations up to the bound, by row. */
  readonly counts: number[] = [];
  #isSorted = true;

  get length(): number {
    return this.bounds.length;
  }

  clear(): void {
    this.bounds.length = 0;
    this.counts.length = 0;
    this.#isSorted = true;
  }

  /** In any order; several with the same bound will be added up. */
  push(upperBound: number, count: number): void {
    const last = this.bounds.length - 1;
    if (last >= 0 && upperBound <= this.bounds[last]!) this.#isSorted = false;
    this.bounds.push(upperBound);
    this.counts.push(count);
  }

  /** Sorts by bound and makes equal bounds one. */
  normalize(): void {
    if (this.#isSorted) return;
    const { bounds, counts } = this;
    const order = Array.from(bounds.keys()).sort((a, b) => bounds[a]! - bounds[b]!);
    const sorted = order.map((row) => [bounds[row]!, counts[row]!] as const);
    this.clear();
    for (const [bound, count] of sorted) {
      const last = this.length - 1;
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
  /** Lowest and highest bound where a count was raised; +Inf and −Inf if none. */
  readonly minBucket: number;
  readonly maxBucket: number;
  /** By how much at most. */
  readonly maxDiff: number;
}

type Repair = Omit<ClassicQuantile, 'value'>;

const NO_REPAIR: Repair = {
  forcedMonotonic: false,
  fixedPrecision: false,
  minBucket: 0,
  maxBucket: 0,
  maxDiff: 0,
};

/**
 * The value below which the fraction `q` of observations lies, taken to be spread evenly in a bucket; the
 * first one starts at 0 if it has positive values. NaN without a +Inf bucket, with fewer than two
 * buckets, without observations, or for a `q` that is NaN; −Inf and +Inf for q < 0 and q > 1. Sorts and
 * repairs `buckets`, of which there must be one at least.
 */
export function bucketQuantile(q: number, buckets: ClassicBuckets): ClassicQuantile {
  if (Number.isNaN(q)) return { value: Number.NaN, ...NO_REPAIR };
  if (q < 0) return { value: Number.NEGATIVE_INFINITY, ...NO_REPAIR };
  if (q > 1) return { value: Number.POSITIVE_INFINITY, ...NO_REPAIR };
  buckets.normalize();
  const { bounds, counts } = buckets;
  const last = bounds.length - 1;
  if (bounds[last] !== Number.POSITIVE_INFINITY) return { value: Number.NaN, ...NO_REPAIR };
  const repair = repairCounts(buckets);
  return { value: valueOfRank(q, bounds, counts), ...repair };
}

function valueOfRank(q: number, bounds: readonly number[], counts: readonly number[]): number {
  const last = bounds.length - 1;
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

/** Makes the counts ascend: a bucket holds all that those below it hold. */
function repairCounts({ bounds, counts }: ClassicBuckets): Repair {
  let forcedMonotonic = false;
  let fixedPrecision = false;
  let minBucket = Number.POSITIVE_INFINITY;
  let maxBucket = Number.NEGATIVE_INFINITY;
  let maxDiff = 0;
  let previous = counts[0]!;
  for (let i = 1; i < counts.length; i++) {
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
  return { forcedMonotonic, fixedPrecision, minBucket, maxBucket, maxDiff };
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
  const last = bounds.length - 1;
  if (bounds[last] !== Number.POSITIVE_INFINITY) return Number.NaN;
  const observations = counts[last]!;
  if (observations === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, buckets) - rankOf(lower, buckets)) / observations;
}

/** How many observations are below `value`. */
function rankOf(value: number, { bounds, counts }: ClassicBuckets): number {
  const observations = counts[counts.length - 1]!;
  let rank = 0;
  let bound = bounds[0]! <= 0 ? Number.NEGATIVE_INFINITY : 0;
  for (let i = 0; i < bounds.length; i++) {
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
