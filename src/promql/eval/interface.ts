// What the evaluator is made with, what it gives, and what its parts see of it.

import type { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { SeriesSelection } from '../../storage/interface.ts';
import type { Annotation, Annotations } from '../annotations.ts';
import type { FunctionOptions } from '../functions/interface.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import type { AggregateExpr, Expr } from '../language/ast.ts';
import type { OperatorTrace } from './operator-trace.ts';
import type { RowBuffers } from './row-buffers.ts';
import type { SampleBudget, SampleStats } from './samples.ts';
import type { AggregateParts } from './split.ts';
import type { StepSeries } from './step-series.ts';
import type { Steps } from './steps.ts';

export interface EngineOptions extends FunctionOptions {
  /** Step of subqueries that name none, in ms. */
  readonly defaultSubqueryStepMs: number;
  /** Most samples a query may hold, counted as Prometheus does. */
  readonly maxSamples: number;
  /** Statistics also by step. */
  readonly perStepStats: boolean;
  /** Hot loops run in the WASM kernel, which must have been built. Results are the same without. */
  readonly useKernel: boolean;
}

/** Where series come from; a storage Querier is one. */
export interface SeriesSource {
  selection(matchers: readonly Matcher[], range: TimeRange): Promise<SeriesSelection>;
}

/** Who runs a query looks after it by this; both methods throw AppErrors to end it. */
export interface EvalControl {
  /** Called once per series and about every ten thousand steps of work. */
  checkpoint(): void;
  /** `bytes` are about to be taken for good, until the query ends. */
  reserve(bytes: number): void;
  /** Notes what the operators do; undefined: nobody wants to know. */
  readonly trace?: OperatorTrace | undefined;
}

/** Only a part of the series: the `index`-th of `count` parts of about equal size. */
export interface Partition {
  readonly index: number;
  readonly count: number;
}

/** One series of a range vector: its samples as they are. */
export interface PointSeries {
  labels: Labels;
  readonly dropName: boolean;
  /** ms, ascending */
  readonly t: Float64Array;
  readonly values: Float64Array;
  /** Row i is a histogram iff `histograms[i]` is defined. */
  readonly histograms: readonly (FloatHistogram | undefined)[] | undefined;
}

export type QueryValue =
  | { readonly type: 'scalar'; readonly t: number; readonly value: number }
  | { readonly type: 'string'; readonly t: number; readonly value: string }
  /** Of an instant query: one step per series; the order means something. */
  | { readonly type: 'vector'; readonly t: number; readonly series: readonly StepSeries[] }
  /** Of a range query; sorted by labels. */
  | { readonly type: 'steps'; readonly steps: Steps; readonly series: readonly StepSeries[] }
  /** Of an instant query for a range vector; sorted by labels. */
  | { readonly type: 'points'; readonly series: readonly PointSeries[] };

export interface QuerySampleStats {
  readonly totalQueryableSamples: number;
  readonly samplesRead: number;
  readonly peakSamples: number;
  /** By step; undefined unless asked for. */
  readonly totalQueryableSamplesPerStep: Float64Array | undefined;
  readonly samplesReadPerStep: Float64Array | undefined;
}

export interface QueryResult {
  readonly value: QueryValue;
  readonly annotations: readonly Annotation[];
  readonly stats: QuerySampleStats;
}

/** The steps a part of the tree is evaluated at, and the statistics it counts for. */
export interface Scope {
  readonly steps: Steps;
  readonly stats: SampleStats;
  /** Nobody looks at the labels of floats that a selector gives: such rows have none. Remarks on histograms name them. */
  readonly isUnlabeled?: boolean;
}

/** One query at work, as the parts of the evaluator see it. */
export interface Evaluator {
  readonly options: EngineOptions;
  readonly control: EvalControl;
  readonly annotations: Annotations;
  readonly budget: SampleBudget;
  readonly buffers: RowBuffers;

  /**
   * Rows of an instant vector, each with at least one value, valid until the next is asked for; the
   * caller may change a row in place. Must be read to the end.
   */
  rows(expr: Expr, scope: Scope): Iterable<StepSeries>;
  /** The same rows, all kept. */
  vector(expr: Expr, scope: Scope): StepSeries[];
  /** Values of a scalar by step. */
  scalar(expr: Expr, scope: Scope): Float64Array;
  /** The series found for a node that reads some. */
  selection(node: Expr): SeriesSelection;
  /** What an aggregation has come to already, in parts; undefined if it has not been evaluated. */
  parts(aggregate: AggregateExpr): AggregateParts | undefined;
  /** The part of a selection to read: [from, to). */
  part(selection: SeriesSelection): { readonly from: number; readonly to: number };
}
