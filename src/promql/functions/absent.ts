// absent() and the labels that it and absent_over_time() give their result.

import { type Labels, METRIC_NAME, normalizeLabels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { compileMatcher } from '../../storage/label-matcher.ts';
import { newStepSeries, Presence, type StepSeries } from '../eval/step-series.ts';
import type { Expr, VectorSelector } from '../language/ast.ts';
import type { FunctionCall } from './interface.ts';

/**
 * What is known about a series that is not there: the labels that a selector asks to be equal to one
 * value. A label that is asked for something else afterwards is left out, as is the metric name.
 */
export function absentLabels(expr: Expr): Labels {
  const selector = selectorIn(expr);
  if (selector === undefined) return [];
  const wanted = new Map<string, string>();
  const seen = new Set<string>();
  for (const { type, name, value } of inOrderOfLookup(selector.matchers)) {
    if (name === METRIC_NAME) continue;
    if (type === '=' && !seen.has(name)) {
      wanted.set(name, value);
      seen.add(name);
    } else {
      wanted.delete(name);
    }
  }
  return normalizeLabels([...wanted].map(([name, value]) => ({ name, value })));
}

/** Prometheus' storage looks up what must be there before what must not, and leaves matchers so. */
function inOrderOfLookup(matchers: readonly Matcher[]): Matcher[] {
  const excludes = (matcher: Matcher): boolean =>
    matcher.type.startsWith('!') && compileMatcher(matcher).matchesEmpty;
  return [...matchers.filter((matcher) => !excludes(matcher)), ...matchers.filter(excludes)];
}

function selectorIn(expr: Expr): VectorSelector | undefined {
  switch (expr.kind) {
    case 'vectorSelector':
      return expr;
    case 'matrixSelector':
      return expr.selector;
    case 'paren':
    case 'stepInvariant':
      return selectorIn(expr.expr);
    default:
      return undefined;
  }
}

/** absent(v): 1 at every step at which the vector is empty. */
export function absent(
  call: FunctionCall,
  vectors: readonly (readonly StepSeries[] | undefined)[],
): StepSeries[] {
  const out = newStepSeries(absentLabels(call.args[0]!), call.steps.count);
  markAbsent(vectors[0]!, out);
  return [out];
}

/** Sets `out` to 1 at every step at which no row has anything. */
export function markAbsent(rows: Iterable<StepSeries>, out: StepSeries): void {
  out.present.fill(Presence.float);
  out.values.fill(1);
  for (const { present } of rows) {
    for (let i = 0; i < present.length; i++) {
      if (present[i] !== Presence.none) out.present[i] = Presence.none;
    }
  }
}
