// The buckets of one side under way to a sum: mutable, each with its compensation. Where a bucket is
// known already, adding to it allocates nothing.

import type { BucketSpan } from '../../model/native-histogram.ts';
import { bucketTargets } from './custom-buckets.ts';
import { addCompensated } from './kahan.ts';
import { coarserIndex } from './schema.ts';
import { bucketIndexes, compactBuckets, type SparseBuckets, sparseBuckets } from './spans.ts';

export class CompensatedBuckets {
  /** Strictly ascending; `#sums` and `#compensations` have a row for each. */
  #indexes: number[];
  #sums: number[];
  #compensations: number[];

  private constructor(indexes: number[], sums: number[], compensations: number[]) {
    this.#indexes = indexes;
    this.#sums = sums;
    this.#compensations = compensations;
  }

  static of(buckets: SparseBuckets): CompensatedBuckets {
    const sums = buckets.counts.slice();
    const indexes = bucketIndexes(buckets.spans);
    return new CompensatedBuckets(indexes, sums, new Array<number>(sums.length).fill(0));
  }

  copy(): CompensatedBuckets {
    return new CompensatedBuckets(this.#indexes, this.#sums.slice(), this.#compensations.slice());
  }

  /** Spans of the buckets held, for questions about the layout. */
  spans(): readonly BucketSpan[] {
    return sparseBuckets(this.#indexes, this.#sums).spans;
  }

  /** What is summed up so far, compensations left out. */
  uncompensated(): SparseBuckets {
    return sparseBuckets(this.#indexes, this.#sums);
  }

  addBuckets({ spans, counts }: SparseBuckets): void {
    let next = 0;
    let at = 0;
    let index = 0;
    for (const { offset, length } of spans) {
      index += offset;
      for (const end = next + length; next < end; next++, index++) {
        while (at < this.#indexes.length && this.#indexes[at]! < index) at++;
        if (this.#indexes[at] !== index) {
          this.#insertAll(spans);
          at = this.#indexes.indexOf(index);
        }
        addCompensated(this.#sums, this.#compensations, at, counts[next]!);
      }
    }
  }

  /** Adds another sum, bucket by bucket, and what it has beside. */
  addSums(other: CompensatedBuckets): void {
    this.addBuckets(other.uncompensated());
    const { spans } = other.uncompensated();
    this.addBuckets({ spans, counts: other.#compensations });
  }

  /** Makes room for the buckets that `spans` name. */
  #insertAll(spans: readonly BucketSpan[]): void {
    const added = bucketIndexes(spans);
    const indexes: number[] = [];
    const sums: number[] = [];
    const compensations: number[] = [];
    for (let i = 0, j = 0; i < this.#indexes.length || j < added.length; ) {
      const known = this.#indexes[i] ?? Number.POSITIVE_INFINITY;
      const index = added[j] ?? Number.POSITIVE_INFINITY;
      indexes.push(Math.min(known, index));
      sums.push(known <= index ? this.#sums[i]! : 0);
      compensations.push(known <= index ? this.#compensations[i]! : 0);
      if (known <= index) i++;
      if (index <= known) j++;
    }
    this.#indexes = indexes;
    this.#sums = sums;
    this.#compensations = compensations;
  }

  /** Makes 2^shift buckets one. */
  reduceSchema(shift: number): void {
    this.#regroup(this.#indexes.map((index) => coarserIndex(index, shift)));
  }

  /** Custom buckets under `bounds` become buckets under `target`, a subset of them. */
  mapToBounds(bounds: readonly number[], target: readonly number[]): void {
    this.#regroup(bucketTargets(this.spans(), bounds, target));
  }

  /** Bucket i becomes part of bucket `targets[i]`; targets ascend. */
  #regroup(targets: readonly number[]): void {
    const indexes: number[] = [];
    const sums: number[] = [];
    const compensations: number[] = [];
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i]!;
      const last = indexes.length - 1;
      if (last >= 0 && indexes[last] === target) {
        addCompensated(sums, compensations, last, this.#sums[i]!);
        addCompensated(sums, compensations, last, this.#compensations[i]!);
      } else {
        indexes.push(target);
        sums.push(this.#sums[i]!);
        compensations.push(this.#compensations[i]!);
      }
    }
    this.#indexes = indexes;
    this.#sums = sums;
    this.#compensations = compensations;
  }

  /** Moves the first `n` buckets into row `i` of `sums` and `compensations`. */
  moveFirst(n: number, sums: number[], compensations: number[], i: number): void {
    for (let k = 0; k < n; k++) {
      addCompensated(sums, compensations, i, this.#sums[k]!);
      addCompensated(sums, compensations, i, this.#compensations[k]!);
    }
    this.#indexes = this.#indexes.slice(n);
    this.#sums = this.#sums.slice(n);
    this.#compensations = this.#compensations.slice(n);
  }

  scale(factor: number): void {
    for (let i = 0; i < this.#sums.length; i++) {
      this.#sums[i]! *= factor;
      this.#compensations[i]! *= factor;
    }
  }

  divide(divisor: number): void {
    for (let i = 0; i < this.#sums.length; i++) {
      this.#sums[i]! /= divisor;
      this.#compensations[i]! /= divisor;
    }
  }

  hasInfinity(): boolean {
    for (const sum of this.#sums) {
      if (sum === Number.POSITIVE_INFINITY || sum === Number.NEGATIVE_INFINITY) return true;
    }
    return false;
  }

  /** The sums with their compensations over `divisor`, compact. */
  total(divisor: number): SparseBuckets {
    const counts = this.#sums.map((sum, i) => sum / divisor + this.#compensations[i]! / divisor);
    return compactBuckets(sparseBuckets(this.#indexes, counts));
  }
}
