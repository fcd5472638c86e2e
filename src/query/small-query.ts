// Queries so small that the way to a thread and back would take about as long as they do: instant queries of
// some series over a short time. They are worked on at once, for a millisecond or so.

import type { QueryPlan } from '../promql/eval/plan.ts';
import type { Expr } from '../promql/language/ast.ts';
import { childrenOf } from '../promql/language/walk.ts';
import type { Database } from '../storage/interface.ts';
import { isQuickMatcher } from '../storage/label-matcher.ts';

const MAX_SAMPLES = 15_360;
const SAMPLE_INTERVAL_MS = 15_000;
/** Finding a series and decoding the chunk that has its newest samples takes as long as so many. */
const MIN_SAMPLES_OF_SERIES = 60;
const MAX_SPAN_MS = 3_600_000;
const MAX_NODES = 32;
/** UTF-16 units: lists of alternatives, say, cost by their length. */
const MAX_LENGTH = 2000;

export function isSmallQuery(
  { request, expr, selections }: QueryPlan,
  database: Database,
): boolean {
  const { query, stepMs } = request;
  if (stepMs !== undefined || query.length > MAX_LENGTH || !isSimple(expr)) return false;
  let samples = 0;
  for (const { matchers, range } of selections) {
    const spanMs = range.maxT - range.minT;
    if (database.mostSeries === undefined || spanMs > MAX_SPAN_MS) return false;
    if (!matchers.every(isQuickMatcher)) return false;
    const samplesEach = Math.max(MIN_SAMPLES_OF_SERIES, spanMs / SAMPLE_INTERVAL_MS);
    samples += samplesEach * database.mostSeries(matchers, range);
    if (samples > MAX_SAMPLES) return false;
  }
  return true;
}

/** Few operations, no subqueries, whose steps multiply, and no regular expressions. */
function isSimple(expr: Expr): boolean {
  let nodes = 0;
  const visit = (node: Expr): boolean =>
    ++nodes <= MAX_NODES &&
    node.kind !== 'subquery' &&
    !(node.kind === 'call' && node.func === 'label_replace') &&
    childrenOf(node).every(visit);
  return visit(expr);
}
