// Exports of the kernel that evaluate queries over columns. Addresses are byte offsets, columns are
// float64, `present` and `seen` are bytes. Meaning of the parameters: kernel/window.ts,
// lookback.ts, group.ts, json-points.ts.

type PlainWindowKernel = (
  v: number,
  windows: number,
  steps: number,
  values: number,
  present: number,
) => void;

/** With room for one u32 per row. */
type QueueWindowKernel = (
  v: number,
  windows: number,
  steps: number,
  values: number,
  present: number,
  perRow: number,
) => void;

/** The same over all `n` rows. */
type TotalsWindowKernel = (
  v: number,
  n: number,
  windows: number,
  steps: number,
  values: number,
  present: number,
  perRow: number,
) => void;

type RowsWindowKernel = (windows: number, steps: number, values: number, present: number) => void;

type ExtremeGroupKernel = (
  values: number,
  present: number,
  steps: number,
  best: number,
  seen: number,
) => void;

export interface QueryKernel {
  findWindows(
    t: number,
    n: number,
    firstEndT: number,
    stepMs: number,
    steps: number,
    rangeMs: number,
    windows: number,
  ): void;
  countWindowRows(windows: number, steps: number, most: number): number;
  windowRate(
    t: number,
    v: number,
    n: number,
    firstEndT: number,
    stepMs: number,
    steps: number,
    rangeMs: number,
    isCounter: number,
    perSeconds: number,
    windows: number,
    values: number,
    present: number,
    perRow: number,
  ): void;
  windowInstantRate(
    t: number,
    v: number,
    isCounter: number,
    windows: number,
    steps: number,
    values: number,
    present: number,
  ): void;
  windowVariance(
    v: number,
    root: number,
    windows: number,
    steps: number,
    values: number,
    present: number,
  ): void;
  readonly windowSum: PlainWindowKernel;
  readonly windowAvg: PlainWindowKernel;
  readonly windowFirst: PlainWindowKernel;
  readonly windowLast: PlainWindowKernel;
  readonly windowMax: QueueWindowKernel;
  readonly windowMin: QueueWindowKernel;
  readonly windowResets: TotalsWindowKernel;
  readonly windowChanges: TotalsWindowKernel;
  readonly windowCount: RowsWindowKernel;
  readonly windowPresent: RowsWindowKernel;

  lookbackLast(
    t: number,
    v: number,
    from: number,
    n: number,
    firstT: number,
    stepMs: number,
    steps: number,
    lookbackMs: number,
    values: number,
    present: number,
  ): number;
  dropStale(t: number, v: number, n: number): number;
  firstStale(v: number, n: number): number;
  countPresent(present: number, steps: number): number;

  writeStepTexts(texts: number, startT: number, stepMs: number, steps: number): void;
  writePoints(
    values: number,
    present: number,
    steps: number,
    texts: number,
    tenPowers: number,
    dst: number,
    capacity: number,
    next: number,
  ): number;

  groupSum(
    values: number,
    present: number,
    steps: number,
    sums: number,
    losts: number,
    seen: number,
  ): void;
  groupAvg(
    values: number,
    present: number,
    steps: number,
    sums: number,
    losts: number,
    counts: number,
    seen: number,
  ): void;
  readonly groupMax: ExtremeGroupKernel;
  readonly groupMin: ExtremeGroupKernel;
  groupCount(present: number, steps: number, counts: number, seen: number): void;
  groupMark(present: number, steps: number, ones: number, seen: number): void;
  groupFinishSum(steps: number, sums: number, losts: number): void;
  groupFinishAvg(steps: number, sums: number, losts: number, counts: number, seen: number): void;
}
