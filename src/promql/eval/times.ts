// Which times a selector or subquery looks at, seen from the steps it is evaluated at.

import type { TimeRange } from '../../model/time-range.ts';
import type { WindowFrame } from '../functions/interface.ts';
import type {
  MatrixSelector,
  SubqueryExpr,
  TimeModifiers,
  VectorSelector,
} from '../language/ast.ts';
import { rangeSteps, type Steps } from './steps.ts';

/** Reference times by step: `firstT + i × stepMs`; `stepMs` is 0 where `@` fixes them all. */
export interface ReferenceTimes {
  readonly firstT: number;
  readonly stepMs: number;
  readonly count: number;
}

/** Times that `@` and `offset` make of the steps. */
export function referenceTimes(modifiers: TimeModifiers, steps: Steps): ReferenceTimes {
  const { atT, offsetMs, drifts } = modifiers;
  if (atT === undefined) {
    return { firstT: steps.startT - offsetMs, stepMs: steps.stepMs, count: steps.count };
  }
  return { firstT: atT - offsetMs, stepMs: drifts ? steps.stepMs : 0, count: steps.count };
}

/** The last time as of which samples are selected: those that `@` does not name are not, even if it drifts. */
function lastSelectedT({ drifts }: TimeModifiers, reference: ReferenceTimes): number {
  return drifts ? reference.firstT : lastReferenceT(reference);
}

export function lastReferenceT({ firstT, stepMs, count }: ReferenceTimes): number {
  return firstT + stepMs * (count - 1);
}

/** Windows of a range selector or subquery. */
export function windowFrame(modifiers: TimeModifiers, rangeMs: number, steps: Steps): WindowFrame {
  const { firstT, stepMs, count } = referenceTimes(modifiers, steps);
  return { firstEndT: firstT, stepMs, count, rangeMs };
}

/** Steps a subquery's expression is evaluated at: multiples of its own step. undefined: there is none. */
export function subquerySteps(
  subquery: SubqueryExpr,
  steps: Steps,
  defaultStepMs: number,
): Steps | undefined {
  const reference = referenceTimes(subquery, steps);
  const stepMs = subquery.stepMs === 0 ? defaultStepMs : subquery.stepMs;
  const afterT = reference.firstT - subquery.rangeMs;
  let startT = stepMs * Math.trunc(afterT / stepMs);
  if (startT <= afterT) startT += stepMs;
  const endT = lastReferenceT(reference);
  if (endT < startT) return undefined;
  return rangeSteps(startT, endT, stepMs);
}

/** Samples an instant selector may need: (t − lookback, t], with `smoothed` the lookback after as well. */
export function instantRange(
  selector: VectorSelector,
  steps: Steps,
  lookbackMs: number,
): TimeRange {
  const reference = referenceTimes(selector, steps);
  return {
    minT: reference.firstT - lookbackMs + 1,
    maxT: lastSelectedT(selector, reference) + (selector.smoothed ? lookbackMs : 0),
  };
}

/** How far beyond its windows a range selector looks, before and after. */
export function windowMargins(
  selector: VectorSelector,
  lookbackMs: number,
): { readonly beforeMs: number; readonly afterMs: number } {
  return {
    beforeMs: selector.anchored || selector.smoothed ? lookbackMs : 0,
    afterMs: selector.smoothed ? lookbackMs : 0,
  };
}

/** Samples a range selector may need. */
export function windowRange(matrix: MatrixSelector, steps: Steps, lookbackMs: number): TimeRange {
  const reference = referenceTimes(matrix.selector, steps);
  const { beforeMs, afterMs } = windowMargins(matrix.selector, lookbackMs);
  return {
    minT: reference.firstT - matrix.rangeMs - beforeMs + 1,
    maxT: lastSelectedT(matrix.selector, reference) + afterMs,
  };
}

/** Steps of a subtree that is the same at every step: the first alone. */
export function invariantSteps(steps: Steps): Steps {
  return { startT: steps.startT, stepMs: steps.stepMs, count: 1 };
}
