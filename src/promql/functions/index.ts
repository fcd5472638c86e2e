// The table of PromQL functions: name → how its values are computed.

import { nativeStddev, nativeStdvar } from '../histogram/variance.ts';
import { absent } from './absent.ts';
import { changes, resets } from './changes.ts';
import { delta, increase, rate } from './counters.ts';
import * as date from './date.ts';
import * as extremes from './extremes.ts';
import { histogramFraction, histogramQuantile, histogramQuantiles, ofNative } from './histogram.ts';
import { idelta, irate } from './instant-rates.ts';
import type { FunctionEntry, RangeFunction, RowFunction, VectorFunction } from './interface.ts';
import { labelJoin, labelReplace } from './labels.ts';
import * as math from './math.ts';
import * as overTime from './over-time.ts';
import { deriv, predictLinear } from './regression.ts';
import * as scalar from './scalar.ts';
import { doubleExponentialSmoothing } from './smoothing.ts';
import { sortByLabel, sortByValue } from './sort.ts';
import * as spread from './spread.ts';

/** Changes every float, or takes elements away; the metric name goes. */
function row(compute: RowFunction): FunctionEntry {
  return { kind: 'row', keepsName: false, compute };
}

function float(f: (value: number) => number): FunctionEntry {
  return row(math.elementwise(f));
}

/** A number that describes a histogram. */
function figure(compute: RowFunction): FunctionEntry {
  return { kind: 'row', keepsName: false, keepsType: true, compute };
}

function vector(compute: VectorFunction): FunctionEntry {
  return { kind: 'vector', keepsName: false, compute };
}

/** A vector function whose result is still the metric that it was. */
function samePlace(compute: VectorFunction): FunctionEntry {
  return { kind: 'vector', keepsName: true, compute };
}

function range(compute: RangeFunction): FunctionEntry {
  return { kind: 'range', keepsName: false, compute };
}

function datePart(part: date.DatePart): FunctionEntry {
  return vector(date.datePart(part));
}

const SPECIAL: FunctionEntry = { kind: 'special' };

/** Every function of PromQL, experimental ones too; which are allowed is the type checker's affair. */
export const FUNCTIONS: ReadonlyMap<string, FunctionEntry> = new Map<string, FunctionEntry>([
  // Numbers
  ['abs', float(Math.abs)],
  ['ceil', float(Math.ceil)],
  ['floor', float(Math.floor)],
  ['exp', float(Math.exp)],
  ['ln', float(Math.log)],
  ['log2', float(Math.log2)],
  ['log10', float(Math.log10)],
  ['sqrt', float(Math.sqrt)],
  ['sgn', float(math.sign)],
  ['acos', float(Math.acos)],
  ['acosh', float(Math.acosh)],
  ['asin', float(Math.asin)],
  ['asinh', float(Math.asinh)],
  ['atan', float(Math.atan)],
  ['atanh', float(Math.atanh)],
  ['cos', float(Math.cos)],
  ['cosh', float(math.cosh)],
  ['sin', float(Math.sin)],
  ['sinh', float(math.sinh)],
  ['tan', float(Math.tan)],
  ['tanh', float(Math.tanh)],
  ['deg', float(math.toDegrees)],
  ['rad', float(math.toRadians)],
  ['round', row(math.round)],
  ['clamp', row(math.clamp)],
  ['clamp_min', row(math.clampMin)],
  ['clamp_max', row(math.clampMax)],

  // Time
  ['minute', datePart(date.minute)],
  ['hour', datePart(date.hour)],
  ['day_of_week', datePart(date.dayOfWeek)],
  ['day_of_month', datePart(date.dayOfMonth)],
  ['day_of_year', datePart(date.dayOfYear)],
  ['days_in_month', datePart(date.daysInMonth)],
  ['month', datePart(date.month)],
  ['year', datePart(date.year)],
  ['timestamp', row(scalar.timestampOfStep)],
  ['start_timestamp', row(scalar.startTimestampOfStep)],

  // Scalars
  ['time', { kind: 'scalar', compute: scalar.time }],
  ['pi', { kind: 'scalar', compute: scalar.pi }],
  ['scalar', { kind: 'scalar', compute: scalar.scalar }],
  ['min_of', { kind: 'scalar', compute: scalar.minOfScalars }],
  ['max_of', { kind: 'scalar', compute: scalar.maxOfScalars }],
  ['vector', vector(scalar.vector)],
  // Constants of the query, put in when it is planned.
  ['start', SPECIAL],
  ['end', SPECIAL],
  ['range', SPECIAL],
  ['step', SPECIAL],

  // Counters and differences
  ['rate', range(rate)],
  ['increase', range(increase)],
  ['delta', range(delta)],
  ['irate', range(irate)],
  ['idelta', range(idelta)],
  ['resets', range(resets)],
  ['changes', range(changes)],

  ['deriv', range(deriv)],
  ['predict_linear', range(predictLinear)],
  ['double_exponential_smoothing', range(doubleExponentialSmoothing)],

  // Over time
  ['sum_over_time', range(overTime.sumOverTime)],
  ['avg_over_time', range(overTime.avgOverTime)],
  ['min_over_time', range(extremes.minOverTime)],
  ['max_over_time', range(extremes.maxOverTime)],
  ['count_over_time', range(overTime.countOverTime)],
  ['first_over_time', { kind: 'range', keepsName: true, compute: overTime.firstOverTime }],
  ['last_over_time', { kind: 'range', keepsName: true, compute: overTime.lastOverTime }],
  ['present_over_time', range(overTime.presentOverTime)],
  ['stddev_over_time', range(spread.stddevOverTime)],
  ['stdvar_over_time', range(spread.stdvarOverTime)],
  ['quantile_over_time', range(spread.quantileOverTime)],
  ['mad_over_time', range(spread.madOverTime)],
  ['ts_of_first_over_time', range(overTime.tsOfFirstOverTime)],
  ['ts_of_last_over_time', range(overTime.tsOfLastOverTime)],
  ['ts_of_min_over_time', range(extremes.tsOfMinOverTime)],
  ['ts_of_max_over_time', range(extremes.tsOfMaxOverTime)],
  ['absent_over_time', SPECIAL],

  // Histograms
  ['histogram_quantile', vector(histogramQuantile)],
  ['histogram_quantiles', vector(histogramQuantiles)],
  ['histogram_fraction', vector(histogramFraction)],
  ['histogram_count', figure(ofNative((h) => h.count))],
  ['histogram_sum', figure(ofNative((h) => h.sum))],
  ['histogram_avg', figure(ofNative((h) => h.sum / h.count))],
  ['histogram_stddev', figure(ofNative(nativeStddev))],
  ['histogram_stdvar', figure(ofNative(nativeStdvar))],

  // Labels and order
  ['label_replace', samePlace(labelReplace)],
  ['label_join', samePlace(labelJoin)],
  ['sort', samePlace(sortByValue(false))],
  ['sort_desc', samePlace(sortByValue(true))],
  ['sort_by_label', samePlace(sortByLabel(false))],
  ['sort_by_label_desc', samePlace(sortByLabel(true))],
  ['absent', vector(absent)],
  ['info', SPECIAL],
]);
