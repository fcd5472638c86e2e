// The last steps to a result: names that are to go go now, equal series become one or an error, series
// of range queries and range vectors are sorted.

import { compareLabels } from '../../model/labels.ts';
import { mergeSeries, sameLabelset } from './collisions.ts';
import type { EngineOptions, PointSeries } from './interface.ts';
import { labelsKey, withoutMetadata } from './label-sets.ts';
import type { StepSeries } from './step-series.ts';

/** Final series of an instant vector; takes `series` over. Throws PROMQL_EXECUTION. */
export function finishVector(series: StepSeries[], options: EngineOptions): StepSeries[] {
  if (!options.delayedNameRemoval) return series;
  for (const one of series) {
    if (one.dropName) one.labels = withoutMetadata(one.labels);
    one.dropName = false;
  }
  return mergeSeries(series);
}

/** Final series of a range query; takes `series` over. Throws PROMQL_EXECUTION. */
export function finishSteps(series: StepSeries[], options: EngineOptions): StepSeries[] {
  return finishVector(series, options).sort((a, b) => compareLabels(a.labels, b.labels));
}

/** Final series of a range vector; takes `series` over. Throws PROMQL_EXECUTION. */
export function finishPoints(series: PointSeries[], options: EngineOptions): PointSeries[] {
  let result = series;
  if (options.delayedNameRemoval) {
    for (const one of series) if (one.dropName) one.labels = withoutMetadata(one.labels);
    result = mergePoints(series);
  }
  return result.sort((a, b) => compareLabels(a.labels, b.labels));
}

function mergePoints(series: PointSeries[]): PointSeries[] {
  const byKey = new Map<string, PointSeries>();
  for (const one of series) {
    const key = labelsKey(one.labels);
    const other = byKey.get(key);
    byKey.set(key, other === undefined ? one : mergeTwo(other, one));
  }
  return [...byKey.values()];
}

/** Both in the order of time. */
function mergeTwo(a: PointSeries, b: PointSeries): PointSeries {
  const length = a.t.length + b.t.length;
  const t = new Float64Array(length);
  const values = new Float64Array(length);
  const hasHistograms = a.histograms !== undefined || b.histograms !== undefined;
  const histograms = hasHistograms ? new Array(length).fill(undefined) : undefined;
  let i = 0;
  let j = 0;
  for (let k = 0; k < length; k++) {
    if (i < a.t.length && a.t[i] === b.t[j]) throw sameLabelset();
    const isFromA = j >= b.t.length || (i < a.t.length && a.t[i]! < b.t[j]!);
    const source = isFromA ? a : b;
    const at = isFromA ? i++ : j++;
    t[k] = source.t[at]!;
    values[k] = source.values[at]!;
    if (histograms !== undefined) histograms[k] = source.histograms?.[at];
  }
  return { labels: a.labels, dropName: a.dropName, t, values, histograms };
}
