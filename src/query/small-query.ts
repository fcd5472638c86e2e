// Queries so small that the way to a thread and back would take longer than they do: instant queries of a
// handful of series over a short time. They are worked on at once, for less than a millisecond.

import type { QueryPlan } from '../promql/eval/plan.ts';
import type { Expr } from '../promql/language/ast.ts';
import { childrenOf } from '../promql/language/walk.ts';
import type { Database } from '../storage/interface.ts';

const MAX_SERIES = 64;
/** 240 samples a series at 15 s. */
const MAX_SPAN_MS = 3_600_000;
const MAX_NODES = 32;

export function isSmallQuery(
  { request, expr, selections }: QueryPlan,
  database: Database,
): boolean {
  if (request.stepMs !== undefined || !isSimple(expr)) return false;
  let series = 0;
  for (const { matchers, range } of selections) {
    if (database.mostSeries === undefined || range.maxT - range.minT > MAX_SPAN_MS) return false;
    series += database.mostSeries(matchers, range);
    if (series > MAX_SERIES) return false;
  }
  return true;
}

/** No subqueries, whose steps multiply, and few operations. */
function isSimple(expr: Expr): boolean {
  let nodes = 0;
  const visit = (node: Expr): boolean =>
    ++nodes <= MAX_NODES && node.kind !== 'subquery' && childrenOf(node).every(visit);
  return visit(expr);
}
