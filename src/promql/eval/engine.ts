// The PromQL engine: a parsed query and a source of series in, values out. No I/O of its own, no clock.

import type { SeriesSelection } from '../../storage/interface.ts';
import { rangeTypeInvalid } from '../errors.ts';
import type { Expr } from '../language/ast.ts';
import { documentedType, typeOf } from '../language/types.ts';
import { Evaluation } from './evaluation.ts';
import { finishPoints, finishSteps, finishVector } from './finish.ts';
import type {
  EngineOptions,
  EvalControl,
  Partition,
  PointSeries,
  QueryResult,
  QueryValue,
  Scope,
  SeriesSource,
} from './interface.ts';
import { type EvalRequest, planQuery, type QueryPlan } from './plan.ts';
import { isRangeExpr } from './range-input.ts';
import { rangeResult } from './range-result.ts';
import { SampleStats } from './samples.ts';
import { newStepSeries, Presence, type StepSeries } from './step-series.ts';

export const DEFAULT_ENGINE_OPTIONS: EngineOptions = {
  lookbackMs: 300_000,
  defaultSubqueryStepMs: 60_000,
  maxSamples: 50_000_000,
  delayedNameRemoval: false,
  useStartTimestamps: false,
  typeAndUnitLabels: false,
  perStepStats: false,
};

/** Lets a query run to its end, whatever it takes. */
const NO_CONTROL: EvalControl = { checkpoint() {}, reserve() {} };

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
   * this settles; nothing of the result belongs to it. With a `partition`, the plan must be of a row-wise
   * expression (see {@link isRowwise}), and the result is that part of its rows. Throws
   * PROMQL_EXECUTION, PROMQL_TOO_MANY_SAMPLES, what `control` and the source throw.
   */
  async run(
    plan: QueryPlan,
    source: SeriesSource,
    control: EvalControl = NO_CONTROL,
    partition?: Partition,
  ): Promise<QueryResult> {
    const selections = await selectAll(plan, source, control);
    const evaluation = new Evaluation(this.#options, plan, selections, control, partition);
    const scope = this.#scopeOf(plan);
    const value = this.#valueOf(evaluation, plan, scope);
    return resultOf(evaluation, scope, value);
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

async function selectAll(
  { selections }: QueryPlan,
  source: SeriesSource,
  control: EvalControl,
): Promise<SeriesSelection[]> {
  const found: SeriesSelection[] = [];
  for (const { matchers, range } of selections) {
    control.checkpoint();
    found.push(await source.selection(matchers, range));
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

function resultOf(evaluation: Evaluation, { stats }: Scope, value: QueryValue): QueryResult {
  return {
    value,
    annotations: evaluation.annotations.list(),
    stats: {
      totalQueryableSamples: stats.total,
      samplesRead: stats.read,
      peakSamples: stats.peak,
      totalQueryableSamplesPerStep: stats.totalPerStep,
      samplesReadPerStep: stats.readPerStep,
    },
  };
}
