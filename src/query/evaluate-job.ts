// The evaluation of a job and what its answer says beside the value.

import { Engine } from '../promql/eval/engine.ts';
import type { EvalControl, QueryResult, QueryValue } from '../promql/eval/interface.ts';
import { OperatorTrace } from '../promql/eval/operator-trace.ts';
import type { QueryPlan } from '../promql/eval/plan.ts';
import type { Querier } from '../storage/interface.ts';
import type { Answer } from './answer/answer-pieces.ts';
import { remarksOf, TRUNCATED_WARNING } from './answer/remarks.ts';
import type { QueryStats } from './answer/stats-json.ts';
import { type CachedEvaluation, evaluateRange } from './cache/evaluate-range.ts';
import type { ResultCache } from './cache/result-cache.ts';
import { evaluateInParts, type Helpers } from './evaluate-parts.ts';
import type { Interrupt } from './interrupt.ts';
import type { QueryFigures, QueryJob } from './job.ts';
import type { MemoryAccount } from './memory-ledger.ts';
import { parseRequest } from './prepare.ts';
import { operatorNode, queryTrace, type TraceNode, tracedSource } from './trace.ts';

/** What evaluation needs of the thread it is on. */
export interface EvaluationHost {
  readonly interrupt: Interrupt;
  readonly memory: MemoryAccount;
  /** Of this thread, if it has one. */
  readonly cache: ResultCache | undefined;
  /** Other threads, if there are any. */
  readonly helpers: Helpers | undefined;
  /** Steady, ms. */
  readonly now: () => number;
}

/** Closes the querier. Throws AppError. */
export async function evaluateJob(
  job: QueryJob,
  querier: Querier,
  { interrupt, memory, cache, helpers, now }: EvaluationHost,
): Promise<{ readonly answer: Answer; readonly figures: QueryFigures }> {
  const started = now();
  const operators = job.trace ? new OperatorTrace(now) : undefined;
  const control: EvalControl = {
    checkpoint: () => interrupt.check(),
    reserve: (bytes: number) => memory.hold(bytes),
    trace: operators,
  };
  const engine = new Engine(job.engine);
  const plan = engine.plan(parseRequest(job.request));
  const selections: TraceNode[] = [];
  const source = job.trace ? tracedSource(querier, now, selections) : querier;
  const evaluated: QueryPlan[] = [];
  const evaluate = (part: QueryPlan): Promise<QueryResult> => {
    evaluated.push(part);
    return helpers === undefined
      ? engine.run(part, source, control)
      : evaluateInParts(engine, part, source, control, helpers);
  };
  let evaluation: CachedEvaluation;
  try {
    evaluation =
      cache === undefined || job.changes === undefined
        ? { result: await evaluate(plan), cachedSteps: undefined }
        : await evaluateRange(plan, job.engine, cache, job.changes, control, evaluate);
  } finally {
    querier.close();
  }
  const { result, cachedSteps } = evaluation;
  const { value, isCut } = limited(result.value, job.limit);
  const warnings = isCut ? [...job.warnings, TRUNCATED_WARNING] : job.warnings;
  const evaluationMs = now() - started;
  const figures = {
    evaluationMs,
    samplesRead: result.stats.samplesRead,
    peakSamples: result.stats.peakSamples,
    peakBytes: memory.peakBytes,
    seriesReturned: seriesOf(value),
    cachedSteps,
  };
  const evaluatedAt = now();
  return {
    answer: {
      value,
      stats: job.stats === 'none' ? undefined : statsOf(job, plan, result, evaluationMs),
      trace:
        operators === undefined
          ? undefined
          : () => {
              const tops = evaluated.flatMap((part) => operators.operators(part));
              const parts = [...selections, ...tops.map(operatorNode)];
              return queryTrace(job, plan.steps.count, figures, parts, now() - evaluatedAt);
            },
      ...remarksOf(job.request.query, result.annotations, warnings),
    },
    figures,
  };
}

function statsOf(
  job: QueryJob,
  { steps }: QueryPlan,
  { stats }: QueryResult,
  evaluationMs: number,
): QueryStats {
  const { queuedMs, preparationMs } = job;
  return {
    evaluationMs: evaluationMs + preparationMs,
    sortMs: 0,
    preparationMs,
    innerEvaluationMs: evaluationMs,
    queuedMs,
    totalMs: queuedMs + preparationMs + evaluationMs,
    steps,
    samples: stats,
  };
}

/** At most `limit` series, 0 for all. */
function limited(value: QueryValue, limit: number): { value: QueryValue; isCut: boolean } {
  if (limit === 0 || seriesOf(value) <= limit) return { value, isCut: false };
  switch (value.type) {
    case 'vector':
    case 'steps':
      return { value: { ...value, series: value.series.slice(0, limit) }, isCut: true };
    case 'points':
      return { value: { ...value, series: value.series.slice(0, limit) }, isCut: true };
    case 'scalar':
    case 'string':
      return { value, isCut: false };
  }
}

function seriesOf(value: QueryValue): number {
  return value.type === 'scalar' || value.type === 'string' ? 0 : value.series.length;
}
