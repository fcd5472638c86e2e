// Most steps of a query may lie before the first sample of a series or long after its last. Kernels are
// not asked about them.

/** Times by step. */
export interface StepTimes {
  readonly firstT: number;
  /** 0 if all steps have the same time. */
  readonly stepMs: number;
  readonly count: number;
}

/** Steps [from, to); reused from call to call. */
export interface CoveredSteps {
  from: number;
  to: number;
}

const covered: CoveredSteps = { from: 0, to: 0 };

/**
 * Steps outside of which no time T sees a sample in (T − widthMs, T]; at most one too many on each side. Of
 * equal times the first step stands for all. Valid until the next call.
 */
export function coveredSteps(
  { firstT, stepMs, count }: StepTimes,
  widthMs: number,
  t: Float64Array,
  length: number,
): CoveredSteps {
  covered.from = 0;
  covered.to = 0;
  if (length === 0) return covered;
  if (stepMs === 0) {
    covered.to = 1;
    return covered;
  }
  // A step more on each side: quotients of large times are rounded.
  const from = Math.ceil((t[0]! - firstT) / stepMs) - 1;
  const to = Math.ceil((t[length - 1]! + widthMs - firstT) / stepMs) + 1;
  covered.to = Math.max(0, Math.min(to, count));
  covered.from = Math.min(Math.max(0, from), covered.to);
  return covered;
}
