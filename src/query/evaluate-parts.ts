// Aggregations of one query on several threads: each takes a part of the series, this one merges.

import type { TimeRange } from '../model/time-range.ts';
import type { Engine } from '../promql/eval/engine.ts';
import type { EvalControl, QueryResult, SeriesSource } from '../promql/eval/interface.ts';
import type { EvalRequest, QueryPlan } from '../promql/eval/plan.ts';
import {
  type OpenPart,
  type PostedPart,
  selectionsNeeded,
  splitAggregates,
} from '../promql/eval/split.ts';
import type { SeriesSelection } from '../storage/interface.ts';

/** Other threads that may take parts. */
export interface Helpers {
  /** Hands out parts of a request to threads that are free, as many as there are. */
  recruit(request: EvalRequest): Promise<Recruits>;
}

export interface Recruits {
  /** Threads at work besides this one. They have the parts from 1 on. */
  readonly count: number;
  /**
   * What they made: by thread, by index into `splitAggregates`. Rejects with the error of one that failed,
   * or when the query is stopped.
   */
  parts(): Promise<readonly (readonly PostedPart[])[]>;
}

/**
 * Samples read and steps computed from which a second thread is worth asking for: about a millisecond, many
 * times what a message to a thread and back takes.
 */
const MIN_WORK = 300_000;
const SAMPLE_INTERVAL_MS = 15_000;
/** Finding a series, its labels and chunks takes as long as so many samples. */
const SERIES_WORK = 200;

/** As `engine.run`, with help if the plan has much to aggregate. Sums may differ in the last bits. */
export async function evaluateInParts(
  engine: Engine,
  plan: QueryPlan,
  source: SeriesSource,
  control: EvalControl,
  helpers: Helpers,
): Promise<QueryResult> {
  const splits = splitAggregates(plan);
  if (splits.length === 0) return engine.run(plan, source, control);
  const once = selectingOnce(source);
  if ((await workOf(plan, once)) < MIN_WORK) return engine.run(plan, once, control);
  const recruits = await helpers.recruit(plan.request);
  if (recruits.count === 0) return engine.run(plan, once, control);
  const partition = { index: 0, count: recruits.count + 1 };
  const own: OpenPart[] = [];
  try {
    for (let split = 0; split < splits.length; split++) {
      own.push(await engine.openPart(plan, split, partition, once, control));
    }
    const others = await recruits.parts();
    const parts = own.map((first, split) => {
      const all = { first, others: others.map((ofThread) => ofThread[split]!) };
      // Sums of histograms are made on one thread.
      const areFloats = all.others.every(({ groups }) => groups !== undefined);
      return areFloats && !first.partial.hasHistograms ? all : undefined;
    });
    return await engine.run(plan, once, control, { parts });
  } finally {
    for (const part of own) part.close();
  }
}

/** One helper's part of every aggregation of the plan that can be split. */
export async function evaluatePart(
  engine: Engine,
  plan: QueryPlan,
  partition: { readonly index: number; readonly count: number },
  source: SeriesSource,
  control: EvalControl,
): Promise<PostedPart[]> {
  const parts: PostedPart[] = [];
  for (let split = 0; split < splitAggregates(plan).length; split++) {
    parts.push(await engine.runPart(plan, split, partition, source, control));
  }
  return parts;
}

/** What can be moved to another thread instead of being copied. */
export function transferables(parts: readonly PostedPart[]): ArrayBuffer[] {
  return parts.flatMap(({ groups }) => groups?.columns ?? []);
}

/** About how many samples are read and steps computed for the aggregations. */
async function workOf(plan: QueryPlan, source: SeriesSource): Promise<number> {
  let work = 0;
  for (const aggregate of splitAggregates(plan)) {
    for (const index of selectionsNeeded(aggregate, plan)) {
      const { matchers, range } = plan.selections[index]!;
      const { length } = await source.selection(matchers, range);
      const samples = (range.maxT - range.minT) / SAMPLE_INTERVAL_MS;
      work += length * (samples + plan.steps.count + SERIES_WORK);
    }
  }
  return work;
}

/** Finds the series of each range object, of which a plan has one per selection, once. */
function selectingOnce(source: SeriesSource): SeriesSource {
  const found = new Map<TimeRange, Promise<SeriesSelection>>();
  return {
    selection(matchers, range) {
      let selection = found.get(range);
      if (selection === undefined) {
        selection = source.selection(matchers, range);
        found.set(range, selection);
      }
      return selection;
    },
  };
}
