// Several series as one: a point for each time at which any of them has one.

import type { AggregatorName } from '../protocol/opentsdb/query/query.ts';
import type { Points } from './points.ts';
import { type Interpolation, interpolationOf, reduce } from './reduce.ts';

/** Values looked at between two calls of `checkpoint`. */
const CHECK_INTERVAL = 65_536;

/**
 * Aggregates series, at least one. A series counts from its first point to its last; between its points it has the value
 * that the aggregator interpolates, or, of rates, its last. `checkpoint` may throw.
 */
export function mergeSeries(
  series: readonly Points[],
  aggregator: AggregatorName,
  areRates: boolean,
  checkpoint: () => void,
): Points {
  const total = series.reduce((sum, { t }) => sum + t.length, 0);
  const t = new Float64Array(total);
  const v = new Float64Array(total);
  const interpolation = areRates ? 'previous' : interpolationOf(aggregator);
  /** By series: how many of its points are not later than now. */
  const passed = new Uint32Array(series.length);
  const values = new Float64Array(series.length);
  let count = 0;
  let looked = 0;
  for (;;) {
    const now = nextTime(series, passed);
    if (now === Number.POSITIVE_INFINITY) break;
    let present = 0;
    for (let i = 0; i < series.length; i++) {
      const points = series[i]!;
      if (points.t[passed[i]!] === now) passed[i]!++;
      const at = passed[i]! - 1;
      if (at < 0) continue;
      if (points.t[at] === now) values[present++] = points.v[at]!;
      else if (at + 1 < points.t.length) {
        values[present++] = between(points, at, now, interpolation);
      }
    }
    t[count] = now;
    v[count++] = reduce(aggregator, values, present);
    looked += series.length;
    if (looked >= CHECK_INTERVAL) {
      looked = 0;
      checkpoint();
    }
  }
  return { t: t.subarray(0, count), v: v.subarray(0, count) };
}

/** Of the first point that has not been passed in any series. */
function nextTime(series: readonly Points[], passed: Uint32Array): number {
  let next = Number.POSITIVE_INFINITY;
  for (let i = 0; i < series.length; i++) {
    const time = series[i]!.t[passed[i]!];
    if (time !== undefined && time < next) next = time;
  }
  return next;
}

/** The value at a time between points `at` and `at + 1`. */
function between({ t, v }: Points, at: number, now: number, how: Interpolation): number {
  switch (how) {
    case 'previous':
      return v[at]!;
    case 'zero':
      return 0;
    case 'largest':
      return Number.MAX_VALUE;
    case 'smallest':
      return -Number.MAX_VALUE;
    case 'linear': {
      const slope = (v[at + 1]! - v[at]!) / (t[at + 1]! - t[at]!);
      return v[at]! + (now - t[at]!) * slope;
    }
  }
}
