// A series of a range vector split by kind, and what its arguments say about the range.

import { labelValue, METRIC_NAME } from '../../model/labels.ts';
import { mixedFloatsHistograms } from '../annotation-texts.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import type { Expr, MatrixSelector } from '../language/ast.ts';
import { HistogramNotes } from './histogram-notes.ts';
import type { FunctionCall, RangeSamples, RangeSeries } from './interface.ts';

/** The floats of a series. */
export interface FloatPoints {
  readonly length: number;
  /** ms, ascending */
  readonly t: Float64Array;
  readonly v: Float64Array;
  /** ms, 0 = unset; undefined if unset everywhere. */
  readonly startT: Float64Array | undefined;
}

/** The histograms of a series. */
export interface HistogramPoints {
  readonly length: number;
  /** ms, ascending */
  readonly t: Float64Array;
  readonly h: readonly FloatHistogram[];
  /** ms, 0 = unset; undefined if unset everywhere. */
  readonly startT: Float64Array | undefined;
}

export interface SplitPoints {
  readonly floats: FloatPoints;
  /** Undefined if there is none. */
  readonly histograms: HistogramPoints | undefined;
}

/** Splits a series; one of floats only is not copied. */
export function splitPoints(samples: RangeSamples): SplitPoints {
  const { length, histograms } = samples;
  if (histograms === undefined) return { floats: samples, histograms: undefined };
  let count = 0;
  for (let i = 0; i < length; i++) if (histograms[i] !== undefined) count++;
  if (count === 0) return { floats: samples, histograms: undefined };
  const isHistogram = (i: number): boolean => histograms[i] !== undefined;
  const isFloat = (i: number): boolean => histograms[i] === undefined;
  const pick = (column: Float64Array, wanted: (i: number) => boolean): Float64Array =>
    column.subarray(0, length).filter((_value, i) => wanted(i));
  const { t, v, startT } = samples;
  return {
    floats: {
      length: length - count,
      t: pick(t, isFloat),
      v: pick(v, isFloat),
      startT: startT === undefined ? undefined : pick(startT, isFloat),
    },
    histograms: {
      length: count,
      t: pick(t, isHistogram),
      h: histograms.slice(0, length).filter((h) => h !== undefined),
      startT: startT === undefined ? undefined : pick(startT, isHistogram),
    },
  };
}

/** The range selector among the arguments, if the range vector is not that of a subquery. */
export function matrixSelectorOf(call: FunctionCall): MatrixSelector | undefined {
  for (const arg of call.args) {
    const expr = unwrap(arg);
    if (expr.kind === 'matrixSelector') return expr;
  }
  return undefined;
}

/**
 * Where remarks about the range vector are shown: at the first argument, whichever that is. Prometheus
 * has lost the place of a subquery by then, and names the start of the query.
 */
export function rangePosition({ args }: Pick<FunctionCall, 'args'>): number {
  const first = unwrap(args[0]!);
  return first.kind === 'subquery' ? 0 : first.span.start;
}

/** Parentheses have no meaning of their own, nor does the planner's mark. */
function unwrap(expr: Expr): Expr {
  return expr.kind === 'paren' || expr.kind === 'stepInvariant' ? unwrap(expr.expr) : expr;
}

/** Floats and histograms in one window: a warning, and no result. */
export function noteMixed(call: FunctionCall, input: RangeSeries): void {
  const name = labelValue(input.labels, METRIC_NAME);
  call.annotations.warn(mixedFloatsHistograms(name), rangePosition(call));
}

/** For remarks about the histograms of the series. */
export function notesOf(call: FunctionCall, input: RangeSeries): HistogramNotes {
  const name = labelValue(input.labels, METRIC_NAME);
  return new HistogramNotes(call.annotations, rangePosition(call), name);
}
