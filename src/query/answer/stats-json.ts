// `data.stats` of an answer.

import type { QuerySampleStats } from '../../promql/eval/interface.ts';
import { type Steps, stepT } from '../../promql/eval/steps.ts';

/** Times in ms. */
export interface QueryStats {
  readonly evaluationMs: number;
  readonly sortMs: number;
  readonly preparationMs: number;
  readonly innerEvaluationMs: number;
  readonly queuedMs: number;
  readonly totalMs: number;
  readonly steps: Steps;
  readonly samples: QuerySampleStats;
}

export function statsJson(stats: QueryStats): string {
  const timings = {
    evalTotalTime: stats.evaluationMs / 1000,
    resultSortTime: stats.sortMs / 1000,
    queryPreparationTime: stats.preparationMs / 1000,
    innerEvalTime: stats.innerEvaluationMs / 1000,
    execQueueTime: stats.queuedMs / 1000,
    execTotalTime: stats.totalMs / 1000,
  };
  const { steps, samples } = stats;
  const counts = {
    totalQueryableSamplesPerStep: perStep(steps, samples.totalQueryableSamplesPerStep),
    totalQueryableSamples: samples.totalQueryableSamples,
    samplesReadPerStep: perStep(steps, samples.samplesReadPerStep),
    samplesRead: samples.samplesRead,
    peakSamples: samples.peakSamples,
  };
  return JSON.stringify({ timings, samples: counts });
}

/** `[[<seconds>,<count>],…]` */
function perStep(steps: Steps, counts: Float64Array | undefined): number[][] | undefined {
  if (counts === undefined || counts.length === 0) return undefined;
  return Array.from(counts, (count, i) => [stepT(steps, i) / 1000, count]);
}
