// Histograms of which only count and sum are asked for: without their buckets they are added up in no
// time. Where counters were reset must be known before the buckets go.

import { ResetHint } from '../../model/native-histogram.ts';
import { FloatHistogram } from './float-histogram.ts';

/**
 * Schema, count, sum and reset hint of `h`. The hint, unless it is known, comes from comparing with the
 * histogram before it in its series, `previous`; without one it stays unknown.
 */
export function withoutBuckets(
  h: FloatHistogram,
  previous: FloatHistogram | undefined,
): FloatHistogram {
  const { schema, count, sum } = h;
  let { resetHint } = h;
  if (resetHint === ResetHint.unknown && previous !== undefined) {
    resetHint = h.detectReset(previous) ? ResetHint.yes : ResetHint.no;
  }
  return new FloatHistogram({ schema, count, sum, resetHint });
}
