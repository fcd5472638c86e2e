// Long work of a function over range vectors, cut into pieces of steps, so that a query can be stopped in
// between.

import type {
  FunctionCall,
  RangeFunction,
  RangeSamples,
  RangeSeries,
  WindowFrame,
} from '../functions/interface.ts';
import { firstAfter } from '../functions/windows.ts';
import type { EvalControl } from './interface.ts';
import type { RangeInput } from './range-input.ts';
import type { StepSeries } from './step-series.ts';

/** Rows in the windows of a piece: some milliseconds for most functions. */
const ROWS_PER_PIECE = 1_000_000;

/** Functions that go over a series once, however long its windows are. */
const SLIDING: ReadonlySet<string> = new Set([
  'changes',
  'count_over_time',
  'first_over_time',
  'idelta',
  'irate',
  'last_over_time',
  'max_over_time',
  'min_over_time',
  'present_over_time',
  'resets',
  'ts_of_first_over_time',
  'ts_of_last_over_time',
  'ts_of_max_over_time',
  'ts_of_min_over_time',
]);

/** A function, what it is called with, and the rows in its largest window. */
export interface RangeWork {
  readonly compute: RangeFunction;
  readonly call: FunctionCall;
  readonly input: Pick<RangeInput, 'frame' | 'beforeMs' | 'afterMs'>;
  readonly series: RangeSeries;
  readonly largestWindow: number;
}

/** Fills `out`, whose presence is all `none`, as the function does; checkpoints lie between the pieces. */
export function computeInPieces(
  work: RangeWork,
  out: StepSeries,
  control: EvalControl,
  rowsPerPiece: number = ROWS_PER_PIECE,
): void {
  const { compute, call, input, series, largestWindow } = work;
  const { frame } = input;
  const rowsPerStep = SLIDING.has(call.name) ? 1 : Math.max(1, largestWindow);
  const stepsPerPiece = Math.max(1, Math.floor(rowsPerPiece / rowsPerStep));
  if (frame.count <= stepsPerPiece) {
    compute(call, frame, series, out);
    return;
  }
  for (let from = 0; from < frame.count; from += stepsPerPiece) {
    control.checkpoint();
    const to = Math.min(from + stepsPerPiece, frame.count);
    const part = partOf(out, from, to);
    const piece = pieceOf(frame, from, to);
    const samples = samplesFor(piece, input, series.samples);
    compute(callAt(call, from, to), piece, { ...series, samples }, part);
    if (part.histograms === undefined) continue;
    out.histograms ??= new Array<undefined>(frame.count).fill(undefined);
    for (let i = from; i < to; i++) out.histograms[i] = part.histograms[i - from];
  }
}

function partOf(
  { labels, dropName, present, values }: StepSeries,
  from: number,
  to: number,
): StepSeries {
  return {
    labels,
    dropName,
    present: present.subarray(from, to),
    values: values.subarray(from, to),
    histograms: undefined,
  };
}

function pieceOf(
  { firstEndT, stepMs, rangeMs }: WindowFrame,
  from: number,
  to: number,
): WindowFrame {
  return { firstEndT: firstEndT + from * stepMs, stepMs, count: to - from, rangeMs };
}

function callAt(call: FunctionCall, from: number, to: number): FunctionCall {
  const { startT, stepMs } = call.steps;
  return {
    ...call,
    steps: { startT: startT + from * stepMs, stepMs, count: to - from },
    scalars: call.scalars.map((values) => values?.subarray(from, to)),
  };
}

/** The rows that the windows of a piece may need: to look for them among all others takes time, too. */
function samplesFor(
  { firstEndT, stepMs, count, rangeMs }: WindowFrame,
  { beforeMs, afterMs }: RangeWork['input'],
  { length, t, v, startT, histograms }: RangeSamples,
): RangeSamples {
  const from = firstAfter(t, 0, length, firstEndT - rangeMs - beforeMs);
  const to = firstAfter(t, from, length, firstEndT + stepMs * (count - 1) + afterMs);
  return {
    length: to - from,
    t: t.subarray(from, to),
    v: v.subarray(from, to),
    startT: startT?.subarray(from, to),
    histograms: histograms?.slice(from, to),
  };
}
