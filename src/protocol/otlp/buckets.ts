// Dense buckets of OpenTelemetry as the sparse ones of native histograms.

import type { BucketSpan } from '../../model/native-histogram.ts';
import { addCounts } from './counts.ts';
import type { Count, ExponentialBuckets } from './model.ts';

/** Up to so many empty buckets between used ones are written out: a new span costs more. */
const MAX_WRITTEN_GAP = 2;

const MAX_INT32 = 0x7fff_ffff;

export interface SparseBuckets {
  readonly spans: readonly BucketSpan[];
  readonly counts: readonly bigint[];
}

/** Builds spans from buckets that come in the order of their indices. */
class SparseBuilder {
  readonly spans: { offset: number; length: number }[] = [];
  readonly counts: bigint[] = [];
  /** Index of the bucket behind the last one written. */
  #next = 0;
  #index = 0;
  #pending: Count = 0;

  /** Counts for bucket `index`; the same index may come several times in a row. */
  add(index: number, count: Count): void {
    if (count === 0 || count === 0n) return;
    if (index !== this.#index) this.#flush();
    this.#index = index;
    this.#pending = addCounts(this.#pending, count);
  }

  finish(): SparseBuckets {
    this.#flush();
    return { spans: this.spans, counts: this.counts };
  }

  #flush(): void {
    if (this.#pending === 0) return;
    const gap = this.#index - this.#next;
    const span = this.spans.at(-1);
    if (span === undefined || gap > MAX_WRITTEN_GAP) {
      this.spans.push({ offset: gap, length: 1 });
    } else {
      for (let i = 0; i < gap; i++) this.counts.push(0n);
      span.length += gap + 1;
    }
    this.counts.push(BigInt(this.#pending));
    this.#next = this.#index + 1;
    this.#pending = 0;
  }
}

/**
 * Buckets of a scale as those of a schema that is `shift` coarser: runs of 2^shift are added up. A native
 * histogram's bucket i ends at base^i, OpenTelemetry's at base^(i + 1). Undefined if an index passes 32 bits.
 */
export function sparseExponential(
  { offset, counts }: ExponentialBuckets,
  shift: number,
): SparseBuckets | undefined {
  if (offset + counts.length > MAX_INT32) return undefined;
  const builder = new SparseBuilder();
  const width = 2 ** Math.min(shift, 32);
  for (let i = 0; i < counts.length; i++) {
    builder.add(Math.floor((offset + i) / width) + 1, counts[i]!);
  }
  return builder.finish();
}

/** Buckets with bounds of their own: bucket i ends at bound i in both worlds. */
export function sparseCustom(counts: readonly Count[]): SparseBuckets {
  const builder = new SparseBuilder();
  for (let i = 0; i < counts.length; i++) builder.add(i, counts[i]!);
  return builder.finish();
}
