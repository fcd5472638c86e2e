// A range query by way of the cache: what is kept and still true is taken, the steps around it are evaluated.

import type { EngineOptions, EvalControl, QueryResult } from '../../promql/eval/interface.ts';
import { planQuery, type QueryPlan } from '../../promql/eval/plan.ts';
import type { StepSeries } from '../../promql/eval/step-series.ts';
import { lastT, type Steps } from '../../promql/eval/steps.ts';
import type { ChangeLog } from '../../storage/change-log.ts';
import { type Dependencies, dependenciesOf } from './dependencies.ts';
import { type Extent, join, slice, stepIndex, subSteps } from './extent.ts';
import type { CachedExtent, ResultCache } from './result-cache.ts';

/** Steps that one extent keeps at most: what a query may ask for, twice. */
const MAX_EXTENT_STEPS = 22_000;

/** How the data stood when the view was opened. */
export interface ChangeState {
  readonly logId: number;
  readonly logBuffer: SharedArrayBuffer;
  /** Of the log, before the view was opened. */
  readonly seq: number;
}

export interface CachedEvaluation {
  readonly result: QueryResult;
  /** Steps that came out of the cache; undefined: the query cannot use it. */
  readonly cachedSteps: number | undefined;
}

/** Evaluates a plan over the same view, which has all samples of the whole query. */
export type EvaluatePlan = (plan: QueryPlan) => Promise<QueryResult>;

/** The same as `evaluate(plan)` but for the statistics, which tell what was evaluated. */
export async function evaluateRange(
  plan: QueryPlan,
  options: EngineOptions,
  cache: ResultCache,
  state: ChangeState,
  control: EvalControl,
  evaluate: EvaluatePlan,
): Promise<CachedEvaluation> {
  const dependencies = dependenciesOf(plan, options);
  if (dependencies === undefined) {
    return { result: await evaluate(plan), cachedSteps: undefined };
  }
  const { steps } = plan;
  const key = keyOf(plan, options, state);
  const log = cache.log(state.logId, state.logBuffer);
  const kept = validPart(cache.get(key), dependencies, log);
  const overlap = kept === undefined ? undefined : intersection(kept.steps, steps);
  if (kept === undefined || overlap === undefined) {
    const result = await evaluate(plan);
    store(cache, key, state, result, extentOf(result));
    return { result, cachedSteps: 0 };
  }

  const results: QueryResult[] = [];
  const parts: Extent[] = [kept];
  for (const gap of gapsOf(steps, overlap)) {
    const request = { ...plan.request, startT: gap.startT, endT: lastT(gap) };
    const result = await evaluate(planQuery(request, options));
    results.push(result);
    parts.push(extentOf(result));
  }
  const whole = parts.length === 1 ? kept : joined(parts, steps, control);
  const series = slice(whole, steps);
  const result = combined(steps, series, results);
  if (results.length > 0) store(cache, key, state, result, whole);
  else cache.set(key, { extent: whole, seq: state.seq });
  return { result, cachedSteps: overlap.count };
}

function keyOf(plan: QueryPlan, options: EngineOptions, { logId }: ChangeState): string {
  const { startT, stepMs } = plan.steps;
  const phase = startT - Math.floor(startT / stepMs) * stepMs;
  return `${logId} ${stepMs} ${phase} ${options.lookbackMs} ${plan.request.query}`;
}

/** The steps before the first that a change may have touched. */
function validPart(
  cached: CachedExtent | undefined,
  { beforeMs, afterMs, metricClasses }: Dependencies,
  log: ChangeLog,
): Extent | undefined {
  if (cached === undefined) return undefined;
  const { extent, seq } = cached;
  const { steps } = extent;
  const minT = steps.startT - beforeMs;
  const changedT = log.firstChange(seq, minT, lastT(steps) + afterMs, metricClasses);
  if (changedT === Number.POSITIVE_INFINITY) return extent;
  // Step t is true while t + afterMs < changedT.
  const count = Math.ceil((changedT - afterMs - steps.startT) / steps.stepMs);
  if (!(count > 0)) return undefined;
  if (count >= steps.count) return extent;
  const valid = subSteps(steps, 0, count);
  return { steps: valid, series: slice(extent, valid) };
}

function intersection(a: Steps, b: Steps): Steps | undefined {
  const startT = Math.max(a.startT, b.startT);
  const endT = Math.min(lastT(a), lastT(b));
  if (endT < startT) return undefined;
  return { startT, stepMs: b.stepMs, count: Math.round((endT - startT) / b.stepMs) + 1 };
}

/** Steps of `steps` before and after `part`. */
function gapsOf(steps: Steps, part: Steps): Steps[] {
  const before = stepIndex(steps, part.startT);
  const after = steps.count - before - part.count;
  const gaps: Steps[] = [];
  if (before > 0) gaps.push(subSteps(steps, 0, before));
  if (after > 0) gaps.push(subSteps(steps, before + part.count, after));
  return gaps;
}

/** All parts as one extent; the oldest steps go if it would be too long, but never those of `wanted`. */
function joined(parts: readonly Extent[], wanted: Steps, control: EvalControl): Extent {
  const startT = Math.min(...parts.map((part) => part.steps.startT));
  const endT = Math.max(...parts.map((part) => lastT(part.steps)));
  const { stepMs } = wanted;
  const count = Math.round((endT - startT) / stepMs) + 1;
  const all: Steps = { startT, stepMs, count };
  const isTooLong = count > Math.max(MAX_EXTENT_STEPS, wanted.count);
  const steps = isTooLong ? wanted : all;
  const cut = isTooLong ? parts.map((part) => cutTo(part, wanted)) : parts;
  return join(cut, steps, (bytes) => control.reserve(bytes));
}

function cutTo(part: Extent, steps: Steps): Extent {
  const common = intersection(part.steps, steps)!;
  return { steps: common, series: slice(part, common) };
}

function extentOf({ value }: QueryResult): Extent {
  if (value.type !== 'steps') throw new TypeError(`a range query gave a ${value.type}`);
  return { steps: value.steps, series: value.series };
}

/**
 * Remarks are not kept: they may speak of steps or counts that a later query does not have. So neither are
 * results with remarks.
 */
function store(
  cache: ResultCache,
  key: string,
  state: ChangeState,
  { annotations }: QueryResult,
  extent: Extent,
): void {
  if (annotations.length === 0) cache.set(key, { extent, seq: state.seq });
  else cache.delete(key);
}

function combined(
  steps: Steps,
  series: readonly StepSeries[],
  results: readonly QueryResult[],
): QueryResult {
  const sum = (pick: (result: QueryResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  return {
    value: { type: 'steps', steps, series },
    annotations: results.flatMap(({ annotations }) => annotations),
    stats: {
      totalQueryableSamples: sum(({ stats }) => stats.totalQueryableSamples),
      samplesRead: sum(({ stats }) => stats.samplesRead),
      peakSamples: Math.max(0, ...results.map(({ stats }) => stats.peakSamples)),
      totalQueryableSamplesPerStep: undefined,
      samplesReadPerStep: undefined,
    },
  };
}
