// Was the counter behind a series of histograms reset between two of them?

import { ResetHint } from '../../model/native-histogram.ts';
import { commonBounds, mapToBounds, sameBounds } from './custom-buckets.ts';
import type { FloatHistogram } from './float-histogram.ts';
import { reduceSchema } from './schema.ts';
import { bucketIndexes, type SparseBuckets, sameSpans } from './spans.ts';
import { widenZeroBucket, withoutHidden } from './zero-bucket.ts';

/**
 * True if `current` says that it starts anew, or cannot have grown from `previous`: any count is lower, a
 * bucket is gone, or the layout changed in a way that only a restart explains (a finer schema, a narrower
 * zero bucket, exponential instead of custom or the reverse).
 */
export function detectReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  // Gauges are compared too: who applies counter functions to them gets a warning elsewhere.
  if (current.resetHint === ResetHint.yes) return true;
  if (current.resetHint === ResetHint.no) return false;
  if (current.count < previous.count) return true;
  if (current.usesCustomBuckets) {
    return !previous.usesCustomBuckets || customBucketShrank(current, previous);
  }
  // A custom schema's number is below all exponential ones, so a change from custom is covered.
  if (current.schema > previous.schema) return true;
  if (current.zeroThreshold < previous.zeroThreshold) return true;
  return exponentialBucketShrank(current, previous);
}

function customBucketShrank(current: FloatHistogram, previous: FloatHistogram): boolean {
  const now = positive(current);
  const before = positive(previous);
  if (sameBounds(current.customValues, previous.customValues)) return anyShrank(now, before);
  const common = commonBounds(current.customValues, previous.customValues);
  return anyShrank(
    mapToBounds(now, current.customValues, common),
    mapToBounds(before, previous.customValues, common),
  );
}

function exponentialBucketShrank(current: FloatHistogram, previous: FloatHistogram): boolean {
  const { schema, zeroThreshold } = current;
  const before = widenZeroBucket(
    {
      schema: previous.schema,
      zeroThreshold: previous.zeroThreshold,
      zeroCount: previous.zeroCount,
      positive: positive(previous),
      negative: negative(previous),
    },
    zeroThreshold,
  );
  // The wider zero bucket would cut a bucket that had observations: not possible without a reset.
  if (before.zeroThreshold !== zeroThreshold) return true;
  if (current.zeroCount < before.zeroCount) return true;
  return (
    anyShrank(
      withoutHidden(positive(current), schema, zeroThreshold),
      withoutHidden(reduceSchema(before.positive, previous.schema, schema), schema, zeroThreshold),
    ) ||
    anyShrank(
      withoutHidden(negative(current), schema, zeroThreshold),
      withoutHidden(reduceSchema(before.negative, previous.schema, schema), schema, zeroThreshold),
    )
  );
}

/** True if a bucket has fewer observations than before, or had some and is gone. */
function anyShrank(now: SparseBuckets, before: SparseBuckets): boolean {
  if (sameSpans(now.spans, before.spans)) {
    for (let i = 0; i < now.counts.length; i++) {
      if (now.counts[i]! < before.counts[i]!) return true;
    }
    return false;
  }
  const indexes = bucketIndexes(now.spans);
  const indexesBefore = bucketIndexes(before.spans);
  for (let i = 0, j = 0; j < indexesBefore.length; j++) {
    const index = indexesBefore[j]!;
    while (i < indexes.length && indexes[i]! < index) i++;
    const isThere = indexes[i] === index;
    if (isThere ? now.counts[i]! < before.counts[j]! : before.counts[j] !== 0) return true;
  }
  return false;
}

function positive(h: FloatHistogram): SparseBuckets {
  return { spans: h.positiveSpans, counts: h.positiveBuckets };
}

function negative(h: FloatHistogram): SparseBuckets {
  return { spans: h.negativeSpans, counts: h.negativeBuckets };
}
