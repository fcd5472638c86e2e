// Sum and difference of two histograms. Layouts that differ meet on what both can express: the wider
// zero bucket, the coarser schema, the bounds in common.

import { commonBounds, mapToBounds, sameBounds } from './custom-buckets.ts';
import { FloatHistogram } from './float-histogram.ts';
import { combineResetHints, resetHintsCollide } from './reset-hints.ts';
import { reduceSchema } from './schema.ts';
import { mergeBuckets, type SparseBuckets } from './spans.ts';
import { widenZeroBucket, withoutHidden, type ZeroAndBuckets } from './zero-bucket.ts';

/** Result of an operation on two histograms. */
export interface Combined {
  /** Compact; undefined if one histogram is exponential and the other has custom buckets. */
  readonly histogram: FloatHistogram | undefined;
  /** One hint says that the counter was reset, the other that it was not. */
  readonly counterResetCollision: boolean;
  /** Custom bounds differed; the result has those in common. */
  readonly boundsReconciled: boolean;
}

const INCOMPATIBLE: Combined = {
  histogram: undefined,
  counterResetCollision: false,
  boundsReconciled: false,
};

/** a + b. */
export function addHistograms(a: FloatHistogram, b: FloatHistogram): Combined {
  return combine(a, b, 1);
}

/**
 * a − b. The reset hint is that of a sum, as means and interpolations need it; the operator `-` and
 * rates make a gauge of the result.
 */
export function subtractHistograms(a: FloatHistogram, b: FloatHistogram): Combined {
  return combine(a, b, -1);
}

function combine(a: FloatHistogram, b: FloatHistogram, sign: 1 | -1): Combined {
  if (a.usesCustomBuckets !== b.usesCustomBuckets) return INCOMPATIBLE;
  const isCustom = a.usesCustomBuckets;
  return {
    histogram: (isCustom ? combineCustom(a, b, sign) : combineExponential(a, b, sign)).compact(),
    counterResetCollision: resetHintsCollide(a.resetHint, b.resetHint),
    boundsReconciled: isCustom && !sameBounds(a.customValues, b.customValues),
  };
}

function combineCustom(a: FloatHistogram, b: FloatHistogram, sign: 1 | -1): FloatHistogram {
  let left: SparseBuckets = { spans: a.positiveSpans, counts: a.positiveBuckets };
  let right: SparseBuckets = { spans: b.positiveSpans, counts: b.positiveBuckets };
  let { customValues } = a;
  if (!sameBounds(a.customValues, b.customValues)) {
    customValues = commonBounds(a.customValues, b.customValues);
    left = mapToBounds(left, a.customValues, customValues);
    right = mapToBounds(right, b.customValues, customValues);
  }
  const positive = mergeBuckets(left, right, sign);
  return new FloatHistogram({
    schema: a.schema,
    count: a.count + sign * b.count,
    sum: a.sum + sign * b.sum,
    positiveSpans: positive.spans,
    positiveBuckets: positive.counts,
    customValues,
    resetHint: combineResetHints(a.resetHint, b.resetHint),
  });
}

function combineExponential(a: FloatHistogram, b: FloatHistogram, sign: 1 | -1): FloatHistogram {
  const schema = Math.min(a.schema, b.schema);
  const [left, right] = reconcileZeroBuckets(exponentialParts(a), exponentialParts(b));
  const positive = mergeBuckets(
    reduceSchema(left.positive, a.schema, schema),
    addend(right.positive, b.schema, schema, right.zeroThreshold),
    sign,
  );
  const negative = mergeBuckets(
    reduceSchema(left.negative, a.schema, schema),
    addend(right.negative, b.schema, schema, right.zeroThreshold),
    sign,
  );
  return new FloatHistogram({
    schema,
    zeroThreshold: left.zeroThreshold,
    zeroCount: left.zeroCount + sign * right.zeroCount,
    count: a.count + sign * b.count,
    sum: a.sum + sign * b.sum,
    positiveSpans: positive.spans,
    positiveBuckets: positive.counts,
    negativeSpans: negative.spans,
    negativeBuckets: negative.counts,
    resetHint: combineResetHints(a.resetHint, b.resetHint),
  });
}

function addend(
  buckets: SparseBuckets,
  fromSchema: number,
  toSchema: number,
  zeroThreshold: number,
): SparseBuckets {
  return reduceSchema(withoutHidden(buckets, fromSchema, zeroThreshold), fromSchema, toSchema);
}

function exponentialParts(h: FloatHistogram): ZeroAndBuckets {
  return {
    schema: h.schema,
    zeroThreshold: h.zeroThreshold,
    zeroCount: h.zeroCount,
    positive: { spans: h.positiveSpans, counts: h.positiveBuckets },
    negative: { spans: h.negativeSpans, counts: h.negativeBuckets },
  };
}

/** Both with the same zero threshold: widening one can make it wider than the other, in turns. */
function reconcileZeroBuckets(
  a: ZeroAndBuckets,
  b: ZeroAndBuckets,
): [left: ZeroAndBuckets, right: ZeroAndBuckets] {
  let left = a;
  let right = b;
  // Not while they differ: a threshold that is NaN would do so for ever.
  while (left.zeroThreshold < right.zeroThreshold || left.zeroThreshold > right.zeroThreshold) {
    if (left.zeroThreshold < right.zeroThreshold) left = widenZeroBucket(left, right.zeroThreshold);
    else right = widenZeroBucket(right, left.zeroThreshold);
  }
  return [left, right];
}
