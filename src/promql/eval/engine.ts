// The PromQL engine: a parsed query and a source of series in, values out. No I/O of its own, no clock.

import type { SeriesSelection } from '../../storage/interface.ts';
import { rangeTypeInvalid } from '../errors.ts';
import type { AggregateExpr, Expr } from '../language/ast.ts';
import { documentedType, typeOf } from '../language/types.ts';
import { newPartialAggregate, scopeOfAggregated } from './aggregate.ts';
import { Evaluation } from './evaluation.ts';
import { finishPoints, finishSteps, finishVector } from './finish.ts';
import type {
  EngineOptions,
  EvalControl,
  Partition,
  PointSeries,
  QueryResult,
  QuerySampleStats,
  QueryValue,
  Scope,
  SeriesSource,
} from './interface.ts';
import { type EvalRequest, planQuery, type QueryPlan } from './plan.ts';
import { isRangeExpr } from './range-input.ts';
import { rangeResult } from './range-result.ts';
import { SampleStats } from './samples.ts';
import {
  type AggregateParts,
  type OpenPart,
  type PostedPart,
  selectionsNeeded,
  splitAggregates,
} from './split.ts';
import { newStepSeries, Presence, type StepSeries } from './step-series.ts';

export const DEFAULT_ENGINE_OPTIONS: EngineOptions = {
  lookbackMs: 300_000,
  defaultSubqueryStepMs: 60_000,
  maxSamples: 50_000_000,
  delayedNameRemoval: false,
  useStartTimestamps: false,
  typeAndUnitLabels: false,
  perStepStats: false,
  useKernel: false,
};

/** Lets a query run to its end, whatever it takes. */
const NO_CONTROL: EvalControl = { checkpoint() {}, reserve() {} };

export interface RunOptions {
  /**
   * Only this part of the series. The plan must be of an expression whose rows come of one series each
   * (see `isRowwise`); the result is that part of its rows.
   */
  readonly partition?: Partition;
  /** By index into {@link splitAggregates} of the plan: its parts, if it has been evaluated. They stay open. */
  readonly parts?: readonly (AggregateParts | undefined)[];
}

export class Engine {
  readonly #options: EngineOptions;

  constructor(options: Partial<EngineOptions> = {}) {
    this.#options = { ...DEFAULT_ENGINE_OPTIONS, ...options };
  }

  /**
   * Resolves what can be resolved before any data is seen: what to select, from when to when. Throws
   * PROMQL_RANGE_TYPE for range queries of other than vectors and scalars, PROMQL_DURATION.
   */
  plan(request: EvalRequest): QueryPlan {
    const type = typeOf(request.expr);
    if (request.stepMs !== undefined && type !== 'vector' && type !== 'scalar') {
      throw rangeTypeInvalid(documentedType(type));
    }
    return planQuery(request, this.#options);
  }

  /** Plans and runs. Throws what these do. */
  evaluate(
    request: EvalRequest,
    source: SeriesSource,
    control: EvalControl = NO_CONTROL,
  ): Promise<QueryResult> {
    return this.run(this.plan(request), source, control);
  }

  /**
   * Finds the series of a plan, then evaluates it without interruption. The source must stay open until
   * this settles; nothing of the result belongs to it. Throws PROMQL_EXECUTION,
   * PROMQL_TOO_MANY_SAMPLES, what `control` and the source throw.
   */
  async run(
    plan: QueryPlan,
    source: SeriesSource,
    control: EvalControl = NO_CONTROL,
    { partition, parts = [] }: RunOptions = {},
  ): Promise<QueryResult> {
    const known = new Map<AggregateExpr, AggregateParts>();
    const splits = splitAggregates(plan);
    parts.forEach((of, index) => {
      if (of !== undefined) known.set(splits[index]!, of);
    });
    const needed = selectionsNeeded(plan.expr, plan, new Set(known.keys()));
    const selections = await selectAll(plan, needed, source, control);
    const evaluation = new Evaluation(this.#options, plan, selections, control, partition, known);
    const scope = this.#scopeOf(plan);
    try {
      const value = this.#valueOf(evaluation, plan, scope);
      return { value, annotations: evaluation.annotations.list(), stats: statsOf(scope) };
    } finally {
      evaluation.buffers.close();
    }
  }

  /**
   * Evaluates a part of the `split`-th of the plan's {@link splitAggregates}, to be merged by {@link run} on
   * another thread. Throws what `run` does.
   */
  async runPart(
    plan: QueryPlan,
    split: number,
    partition: Partition,
    source: SeriesSource,
    control: EvalControl = NO_CONTROL,
  ): Promise<PostedPart> {
    const part = await this.openPart(plan, split, partition, source, control);
    try {
      const { partial, annotations, stats, heldSamples } = part;
      const groups = partial.hasHistograms ? undefined : partial.pack();
      return { groups, annotations, stats, heldSamples };
    } finally {
      part.close();
    }
  }

  /** The same, to be merged on this thread: the caller closes it. */
  async openPart(
    plan: QueryPlan,
    split: number,
    partition: Partition,
    source: SeriesSource,
    control: EvalControl = NO_CONTROL,
  ): Promise<OpenPart> {
    const aggregate = splitAggregates(plan)[split]!;
    const needed = selectionsNeeded(aggregate, plan);
    const selections = await selectAll(plan, needed, source, control);
    const none = new Map<AggregateExpr, AggregateParts>();
    const evaluation = new Evaluation(this.#options, plan, selections, control, partition, none);
    const scope = this.#scopeOf(plan);
    const close = (): void => evaluation.buffers.close();
    try {
      const partial = newPartialAggregate(evaluation.at(aggregate), aggregate, scope);
      const inner = scopeOfAggregated(aggregate, scope);
      const add = (): void => partial.addAll(evaluation.rows(aggregate.expr, inner));
      if (control.trace === undefined) add();
      else control.trace.part(aggregate, partition.count, add);
      return {
        partial,
        annotations: evaluation.annotations.list(),
        stats: statsOf(scope),
        heldSamples: evaluation.budget.held,
        close,
      };
    } catch (error) {
      close();
      throw error;
    }
  }

  #scopeOf({ steps }: QueryPlan): Scope {
    return { steps, stats: new SampleStats(steps.count, this.#options.perStepStats) };
  }

  #valueOf(evaluation: Evaluation, { request, expr, steps }: QueryPlan, scope: Scope): QueryValue {
    const t = request.startT;
    if (request.stepMs !== undefined) {
      const series =
        typeOf(expr) === 'scalar'
          ? [scalarSeries(evaluation.scalar(expr, scope))]
          : evaluation.vector(expr, scope);
      return { type: 'steps', steps, series: finishSteps(series, this.#options) };
    }
    switch (typeOf(expr)) {
      case 'scalar':
        return { type: 'scalar', t, value: evaluation.scalar(expr, scope)[0]! };
      case 'string':
        return { type: 'string', t, value: stringOf(expr) };
      case 'matrix': {
        const series = rangeOf(evaluation, expr, scope);
        return { type: 'points', series: finishPoints(series, this.#options) };
      }
      default: {
        const series = evaluation.vector(expr, scope);
        return { type: 'vector', t, series: finishVector(series, this.#options) };
      }
    }
  }
}

/** Only those needed; the others stay undefined. */
async function selectAll(
  { selections }: QueryPlan,
  needed: ReadonlySet<number>,
  source: SeriesSource,
  control: EvalControl,
): Promise<(SeriesSelection | undefined)[]> {
  const found = new Array<SeriesSelection | undefined>(selections.length).fill(undefined);
  for (const index of needed) {
    control.checkpoint();
    const { matchers, range } = selections[index]!;
    found[index] = await source.selection(matchers, range);
  }
  return found;
}

function scalarSeries(values: Float64Array): StepSeries {
  const series = newStepSeries([], values.length);
  series.present.fill(Presence.float);
  series.values.set(values);
  return series;
}

function stringOf(expr: Expr): string {
  if (expr.kind === 'paren') return stringOf(expr.expr);
  return expr.kind === 'string' ? expr.value : '';
}

function rangeOf(evaluation: Evaluation, expr: Expr, scope: Scope): PointSeries[] {
  if (expr.kind === 'paren' || expr.kind === 'stepInvariant') {
    return rangeOf(evaluation, expr.expr, scope);
  }
  if (!isRangeExpr(expr)) throw new Error(`a ${expr.kind} is no range vector`);
  return rangeResult(evaluation, expr, scope);
}

function statsOf({ stats }: Scope): QuerySampleStats {
  return {
    totalQueryableSamples: stats.total,
    samplesRead: stats.read,
    peakSamples: stats.peak,
    totalQueryableSamplesPerStep: stats.totalPerStep,
    samplesReadPerStep: stats.readPerStep,
  };
}
