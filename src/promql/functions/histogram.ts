// histogram_quantile, histogram_quantiles, histogram_fraction, and the figures of native histograms.

import { formatG } from '../../model/go-text.ts';
import {
  fractionNaNs,
  invalidQuantile,
  quantileNaNResult,
  quantileNaNSkew,
} from '../annotation-texts.ts';
import type { ForcedMonotonicity } from '../annotations.ts';
import { mergeSeries } from '../eval/collisions.ts';
import { setLabel } from '../eval/label-sets.ts';
import { newStepSeries, Presence, type StepSeries, setFloat } from '../eval/step-series.ts';
import { spansTime, stepT } from '../eval/steps.ts';
import { bucketFraction, bucketQuantile, ClassicBuckets } from '../histogram/classic.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { nativeFraction, nativeQuantile } from '../histogram/quantile.ts';
import { groupHistograms, type HistogramGroup } from './histogram-groups.ts';
import type { FunctionCall, RowFunction } from './interface.ts';

type Vectors = readonly (readonly StepSeries[] | undefined)[];

/** Buckets of one classic histogram at one step. */
const buckets = new ClassicBuckets();

/** A number of each native histogram; floats are left out. */
export function ofNative(f: (h: FloatHistogram) => number): RowFunction {
  return (_call, row) => {
    const { present, histograms } = row;
    for (let i = 0; i < present.length; i++) {
      if (present[i] === Presence.histogram) setFloat(row, i, f(histograms![i]!));
      else present[i] = Presence.none;
    }
    row.histograms = undefined;
  };
}

/** histogram_quantile(q, v) */
export function histogramQuantile(call: FunctionCall, vectors: Vectors): StepSeries[] {
  const q = call.scalars[0]!;
  noteQuantiles(call, 0);
  const groups = groupHistograms(call, vectors[1]!, 1);
  return groups.map((group) => {
    const out = newStepSeries(group.labels, call.steps.count);
    quantilesOf(call, group, q, 1, () => out);
    return out;
  });
}

/** histogram_quantiles(v, label, q…): a series per quantile, told apart by a label with its number. */
export function histogramQuantiles(call: FunctionCall, vectors: Vectors): StepSeries[] {
  const label = call.strings[1]!;
  for (let k = 2; k < call.args.length; k++) noteQuantiles(call, k);
  const groups = groupHistograms(call, vectors[0]!, 0);
  const rows: StepSeries[] = [];
  for (let k = 2; k < call.args.length; k++) {
    const q = call.scalars[k]!;
    for (const group of groups) {
      const byQuantile = new Map<number, StepSeries>();
      quantilesOf(call, group, q, 0, (i) => {
        let out = byQuantile.get(q[i]!);
        if (out === undefined) {
          out = newStepSeries(setLabel(group.labels, label, quantileText(q[i]!)), q.length);
          byQuantile.set(q[i]!, out);
          rows.push(out);
        }
        return out;
      });
    }
  }
  // Two quantiles may be equal, and at some steps only: those would be one series twice. Prometheus
  // lets that pass within an instant query while names are still to be removed.
  if (call.options.delayedNameRemoval && !spansTime(call.steps)) return rows;
  return mergeSeries(rows);
}

/** As OpenMetrics writes floats: never looking like an integer. */
function quantileText(q: number): string {
  const text = formatG(q === 0 ? 0 : q);
  return /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}

function noteQuantiles(call: FunctionCall, argument: number): void {
  for (const q of call.scalars[argument]!.subarray(0, call.steps.count)) {
    if (q >= 0 && q <= 1) continue;
    call.annotations.warn(invalidQuantile(q), call.args[argument]!.span.start);
  }
}

/** Quantiles of one group, `q` by step; `argument` is the vector's. */
function quantilesOf(
  call: FunctionCall,
  group: HistogramGroup,
  q: Float64Array,
  argument: number,
  rowOf: (i: number) => StepSeries,
): void {
  const { annotations, steps } = call;
  const position = call.args[argument]!.span.start;
  const { metricName } = group;
  let forced: ForcedMonotonicity | undefined;
  for (let i = 0; i < steps.count; i++) {
    const native = group.nativeAt(i);
    if (native !== undefined) {
      const { value, nanObservations } = nativeQuantile(q[i]!, native);
      setFloat(rowOf(i), i, value);
      if (nanObservations === 'result') annotations.info(quantileNaNResult(metricName), position);
      if (nanObservations === 'skewed') annotations.info(quantileNaNSkew(metricName), position);
    } else if (group.classicAt(i, buckets)) {
      const result = bucketQuantile(q[i]!, buckets);
      setFloat(rowOf(i), i, result.value);
      if (result.forcedMonotonic) forced = addForced(forced, metricName, stepT(steps, i), result);
    }
  }
  if (forced !== undefined) annotations.count(forced, position);
}

function addForced(
  soFar: ForcedMonotonicity | undefined,
  metricName: string,
  t: number,
  by: Pick<ForcedMonotonicity, 'minBucket' | 'maxBucket' | 'maxDiff'>,
): ForcedMonotonicity {
  return {
    kind: 'forcedMonotonicity',
    metricName,
    minT: soFar?.minT ?? t,
    maxT: t,
    minBucket: Math.min(soFar?.minBucket ?? Infinity, by.minBucket),
    maxBucket: Math.max(soFar?.maxBucket ?? -Infinity, by.maxBucket),
    maxDiff: Math.max(soFar?.maxDiff ?? 0, by.maxDiff),
    samples: (soFar?.samples ?? 0) + 1,
  };
}

/** histogram_fraction(lower, upper, v) */
export function histogramFraction(call: FunctionCall, vectors: Vectors): StepSeries[] {
  const [lower, upper] = [call.scalars[0]!, call.scalars[1]!];
  const position = call.args[2]!.span.start;
  return groupHistograms(call, vectors[2]!, 2).map((group) => {
    const out = newStepSeries(group.labels, call.steps.count);
    for (let i = 0; i < call.steps.count; i++) {
      const native = group.nativeAt(i);
      if (native !== undefined) {
        const { value, hasNaNObservations } = nativeFraction(lower[i]!, upper[i]!, native);
        setFloat(out, i, value);
        if (hasNaNObservations) call.annotations.info(fractionNaNs(group.metricName), position);
      } else if (group.classicAt(i, buckets)) {
        setFloat(out, i, bucketFraction(lower[i]!, upper[i]!, buckets));
      }
    }
    return out;
  });
}
