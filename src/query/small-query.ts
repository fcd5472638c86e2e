// Queries so small that the way to a thread and back would take longer than they do: instant queries of a
// handful of series over a short time. They are worked on at once, for less than a millisecond.

import type { QueryPlan } from '../promql/eval/plan.ts';
import type { Expr } from '../promql/language/ast.ts';
import { childrenOf } from '../promql/language/walk.ts';
import type { Database } from '../storage/interface.ts';
import { isQuickMatcher } from '../storage/label-matcher.ts';

const MAX_SERIES = 64;
/** 240 samples a series at 15 s. */
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
  let series = 0;
  for (const { matchers, range } of selections) {
    if (database.mostSeries === undefined || range.maxT - range.minT > MAX_SPAN_MS) return false;
    if (!matchers.every(isQuickMatcher)) return false;
    series += database.mostSeries(matchers, range);
    if (series > MAX_SERIES) return false;
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
