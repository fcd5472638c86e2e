// The times a query is evaluated at: an instant query has one, a range query many.

/** startT, startT + stepMs, … ; `count` of them. */
export interface Steps {
  /** ms */
  readonly startT: number;
  /** ms, > 0 (1 where there is one step only). */
  readonly stepMs: number;
  /** ≥ 1 */
  readonly count: number;
  /** Where the range that was asked for ends, if that is after the last step. */
  readonly endT?: number;
}

/** In loops over steps, of which subqueries have millions, a query is asked so often whether it is to stop. */
export const STEPS_PER_CHECKPOINT: number = 2 ** 14;

export function instantSteps(t: number): Steps {
  return { startT: t, stepMs: 1, count: 1 };
}

/** Steps from `startT` to at most `endT`, both in ms. */
export function rangeSteps(startT: number, endT: number, stepMs: number): Steps {
  return { startT, stepMs, count: Math.floor((endT - startT) / stepMs) + 1, endT };
}

/** Time of step `i`. */
export function stepT(steps: Steps, i: number): number {
  return steps.startT + i * steps.stepMs;
}

/** Time of the last step. */
export function lastT(steps: Steps): number {
  return stepT(steps, steps.count - 1);
}

/** Whether more than an instant was asked for, even if there is one step only. */
export function spansTime(steps: Steps): boolean {
  return (steps.endT ?? lastT(steps)) > steps.startT;
}
