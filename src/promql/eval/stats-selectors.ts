// Which selectors are asked only for counts and sums of histograms: most panels about native histograms
// show rates and averages, and need no buckets for them.

import type { Expr } from '../language/ast.ts';
import { mapChildren, walk } from '../language/walk.ts';

const FOR_STATS: ReadonlySet<string> = new Set([
  'histogram_count',
  'histogram_sum',
  'histogram_avg',
]);

const FOR_BUCKETS: ReadonlySet<string> = new Set([
  'histogram_quantile',
  'histogram_quantiles',
  'histogram_fraction',
]);

/**
 * The tree with `statsOnly` set on selectors below a function that gives count or sum, unless there is
 * something above them that needs buckets. Returns the same tree if there is none.
 */
export function markStatsSelectors(expr: Expr): Expr {
  let isAsked = false;
  walk(expr, (node) => {
    if (node.kind === 'call' && FOR_STATS.has(node.func)) isAsked = true;
  });
  return isAsked ? mark(expr, false) : expr;
}

function mark(expr: Expr, isForStats: boolean): Expr {
  if (expr.kind === 'vectorSelector') return isForStats ? { ...expr, statsOnly: true } : expr;
  if (needsBuckets(expr)) return expr;
  const isStats = isForStats || (expr.kind === 'call' && FOR_STATS.has(expr.func));
  return mapChildren(expr, (child) => mark(child, isStats));
}

/** Subqueries look at samples that are not neighbours, where hints do not help. */
function needsBuckets(expr: Expr): boolean {
  return (
    expr.kind === 'subquery' ||
    (expr.kind === 'call' && FOR_BUCKETS.has(expr.func)) ||
    (expr.kind === 'binary' && (expr.op === '</' || expr.op === '>/'))
  );
}
