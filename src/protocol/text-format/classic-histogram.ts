// Native histograms with custom buckets are classic histograms in another form; formats that know
// only those get them as such.

import { type FloatHistogram, floatOfRaw } from '../../model/native-histogram.ts';

export interface ClassicHistogram {
  readonly count: number;
  readonly sum: number;
  /** Ascending; +Inf is left out. */
  readonly buckets: readonly { readonly upperBound: number; readonly cumulativeCount: number }[];
}

/** The same buckets with cumulative counts. Only for histograms with custom buckets. */
export function toClassicHistogram(histogram: FloatHistogram): ClassicHistogram {
  const counts = new Float64Array(histogram.customValues.length + 1);
  let bucket = 0;
  let next = 0;
  for (const { offset, length } of histogram.positiveSpans) {
    bucket += offset;
    for (let i = 0; i < length; i++) counts[bucket++] = histogram.positiveCounts[next++]!;
  }
  let cumulativeCount = 0;
  const buckets = histogram.customValues.map((upperBound, i) => {
    cumulativeCount += counts[i]!;
    return { upperBound, cumulativeCount };
  });
  return { count: histogram.count, sum: floatOfRaw(histogram.sum), buckets };
}
