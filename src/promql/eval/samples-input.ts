// Samples as storage gives them, made ready for windows and lookups: stale markers known or taken out,
// histograms in the form that arithmetic wants.

import { isStaleHistogram } from '../../model/native-histogram-stale.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { isStaleAt } from '../../model/stale.ts';
import type { RangeSamples } from '../functions/interface.ts';
import { FloatHistogram } from '../histogram/float-histogram.ts';
import { withoutBuckets } from '../histogram/stats.ts';

/** True if row `i` is a stale marker, of either kind. */
export function isStaleRow(samples: SampleColumns, i: number): boolean {
  const histogram = samples.histograms?.[i];
  if (histogram !== undefined) return isStaleHistogram(histogram);
  const value = samples.v[i]!;
  // Only a NaN can be one, and most values are none.
  return Number.isNaN(value) && isStaleAt(samples.v, i);
}

/**
 * Without stale markers, and with `statsOnly` without buckets; shares the columns if there are no markers
 * and all rows are floats.
 */
export function rangeSamples(samples: SampleColumns, statsOnly: boolean): RangeSamples {
  const { length, v, histograms } = samples;
  if (histograms === undefined && !hasStale(v, length)) {
    return { length, t: samples.t, v, startT: samples.startT, histograms: undefined };
  }
  return withoutStale(samples, statsOnly);
}

function hasStale(v: Float64Array, length: number): boolean {
  for (let i = 0; i < length; i++) {
    const value = v[i]!;
    // biome-ignore lint/suspicious/noSelfCompare: the fastest test for NaN, once per sample.
    if (value !== value && isStaleAt(v, i)) return true;
  }
  return false;
}

function withoutStale(samples: SampleColumns, statsOnly: boolean): RangeSamples {
  const { length, startT } = samples;
  const t = new Float64Array(length);
  const v = new Float64Array(length);
  const keptStartT = startT === undefined ? undefined : new Float64Array(length);
  let histograms: (FloatHistogram | undefined)[] | undefined;
  let previous: FloatHistogram | undefined;
  let kept = 0;
  for (let i = 0; i < length; i++) {
    if (isStaleRow(samples, i)) continue;
    t[kept] = samples.t[i]!;
    const histogram = samples.histograms?.[i];
    if (histogram === undefined) {
      v[kept] = samples.v[i]!;
    } else {
      histograms ??= new Array<FloatHistogram | undefined>(length).fill(undefined);
      const converted = FloatHistogram.fromNative(histogram);
      histograms[kept] = statsOnly ? withoutBuckets(converted, previous) : converted;
      previous = converted;
    }
    if (keptStartT !== undefined) keptStartT[kept] = startT![i]!;
    kept++;
  }
  return { length: kept, t, v, startT: keptStartT, histograms };
}

/** The histogram of row `i`, which must have one; with `statsOnly` without buckets. */
export function histogramAt(samples: SampleColumns, i: number, statsOnly: boolean): FloatHistogram {
  const histogram = FloatHistogram.fromNative(samples.histograms![i]!);
  if (!statsOnly) return histogram;
  let before = i - 1;
  while (
    before >= 0 &&
    (samples.histograms![before] === undefined || isStaleRow(samples, before))
  ) {
    before--;
  }
  const previous = before < 0 ? undefined : FloatHistogram.fromNative(samples.histograms![before]!);
  return withoutBuckets(histogram, previous);
}
