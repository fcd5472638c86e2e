// What a PromQL function is to the evaluator. Signatures for the type checker are in
// `language/functions.ts`; here is how values are computed.

import type { Labels } from '../../model/labels.ts';
import type { Annotations } from '../annotations.ts';
import type { EvalControl } from '../eval/interface.ts';
import type { StepSeries } from '../eval/step-series.ts';
import type { Steps } from '../eval/steps.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import type { Expr } from '../language/ast.ts';

/** One call at work. */
export interface FunctionCall {
  readonly name: string;
  /** Argument expressions, for texts and positions of annotations. */
  readonly args: readonly Expr[];
  /** UTF-16 offset of the call in the query. */
  readonly position: number;
  readonly steps: Steps;
  readonly annotations: Annotations;
  /** For work that is long by itself, or makes more than the evaluator sees. */
  readonly control: EvalControl;
  /** Values of the scalar arguments by argument index, one per step; undefined at other arguments. */
  readonly scalars: readonly (Float64Array | undefined)[];
  /** Values of the string arguments by argument index. */
  readonly strings: readonly (string | undefined)[];
  readonly options: FunctionOptions;
}

export interface FunctionOptions {
  readonly delayedNameRemoval: boolean;
  readonly useStartTimestamps: boolean;
  /** `__type__` says what a metric is, instead of its suffix. */
  readonly typeAndUnitLabels: boolean;
  readonly lookbackMs: number;
}

/** How the windows of a range vector lie: step i sees (end − rangeMs, end], end = firstEndT + i × stepMs. */
export interface WindowFrame {
  readonly firstEndT: number;
  /** 0 if all steps see the same window. */
  readonly stepMs: number;
  readonly count: number;
  readonly rangeMs: number;
}

/** Columns like those of storage, with histograms ready for arithmetic. */
export interface RangeSamples {
  readonly length: number;
  /** Timestamps in ms, ascending. */
  readonly t: Float64Array;
  /** Values; the row of a histogram holds nothing meaningful. */
  readonly v: Float64Array;
  /** Start timestamps in ms, 0 = unset; undefined if unset everywhere. */
  readonly startT: Float64Array | undefined;
  /** Row i is a histogram iff `histograms[i]` is defined; undefined if all rows are floats. */
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
}

/** One series of a range vector. Stale markers have been taken out. */
export interface RangeSeries {
  readonly labels: Labels;
  /** The name will go at the end (subqueries under delayed name removal). */
  readonly dropName: boolean;
  /**
   * Ascending, covering all windows (and with `anchored` or `smoothed` the lookback before, with
   * `smoothed` also after); rows outside of them may be there.
   */
  readonly samples: RangeSamples;
}

/** Computes one series at all steps from its windows: fills `out`, whose presence is all `none` before. */
export type RangeFunction = (
  call: FunctionCall,
  frame: WindowFrame,
  input: RangeSeries,
  out: StepSeries,
) => void;

/** Changes one series of an instant vector in place; may change labels and presence too. */
export type RowFunction = (call: FunctionCall, row: StepSeries) => void;

/** Turns whole instant vectors (by argument index, scalars and strings excepted) into one. */
export type VectorFunction = (
  call: FunctionCall,
  vectors: readonly (readonly StepSeries[] | undefined)[],
) => StepSeries[];

/** Computes a scalar at every step. */
export type ScalarFunction = (
  call: FunctionCall,
  vectors: readonly (readonly StepSeries[] | undefined)[],
) => Float64Array;

/**
 * One entry of the table. `keepsName` false: the evaluator takes metric name, type and unit away from
 * the result (or marks it, with delayed name removal).
 */
export type FunctionEntry =
  | { readonly kind: 'range'; readonly keepsName: boolean; readonly compute: RangeFunction }
  | {
      readonly kind: 'row';
      readonly keepsName: boolean;
      /** Of the labels taken away at once, without delay, only the metric name: an oddity of Prometheus. */
      readonly keepsType?: true;
      readonly compute: RowFunction;
    }
  | { readonly kind: 'vector'; readonly keepsName: boolean; readonly compute: VectorFunction }
  | { readonly kind: 'scalar'; readonly compute: ScalarFunction }
  /** The evaluator has a case of its own (absent_over_time, info), or the planner (start, end, range, step). */
  | { readonly kind: 'special' };
