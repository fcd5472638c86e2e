// Instant selectors: at each step the newest sample that is not older than the lookback, unless it is
// a stale marker.

import type { Labels } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { lookbackValues } from '../kernel/index.ts';
import type { VectorSelector } from '../language/ast.ts';
import type { EvalControl, Evaluator, Scope } from './interface.ts';
import { usesKernel } from './kernel-use.ts';
import { clearRow } from './rows.ts';
import { weightAt, weightOf } from './samples.ts';
import { histogramAt, isStaleRow } from './samples-input.ts';
import { Presence, type StepSeries, setFloat, setHistogram } from './step-series.ts';
import { STEPS_PER_CHECKPOINT } from './steps.ts';
import { instantRange, type ReferenceTimes, referenceTimes } from './times.ts';

const NO_LABELS: Labels = [];

/** Rows of a selector, as {@link Evaluator.rows} gives them. */
export function* selectorRows(
  ev: Evaluator,
  selector: VectorSelector,
  scope: Scope,
): Iterable<StepSeries> {
  const { steps, stats } = scope;
  const { lookbackMs } = ev.options;
  const isForKernel = usesKernel(ev.options, steps.count);
  const reference = referenceTimes(selector, steps);
  const found = new Int32Array(steps.count);
  for (const { row, samples } of selected(ev, selector, scope)) {
    const inKernel = isForKernel ? lookbackValues(samples, reference, lookbackMs, row) : -1;
    if (inKernel === 0) continue;
    if (inKernel < 0) {
      if (!lookUp(samples, reference, lookbackMs, found, ev.control)) continue;
      fillValues(row, samples, found, selector.statsOnly === true);
    }
    ev.budget.hold(countRow(row, scope), stats);
    yield row;
  }
}

/** One series with, by step, the index of the sample that counts there, or -1. */
export interface Lookup {
  /** Has the labels, and nothing present yet. */
  readonly row: StepSeries;
  readonly samples: SampleColumns;
  readonly found: Int32Array;
}

/**
 * All series that have a sample at some step of those that the selector covers, looked up as of
 * `reference`. An entry is valid until the next is asked for.
 */
export function* lookups(
  ev: Evaluator,
  selector: VectorSelector,
  scope: Scope,
  reference: ReferenceTimes,
): Iterable<Lookup> {
  const found = new Int32Array(scope.steps.count);
  for (const { row, samples } of selected(ev, selector, scope)) {
    if (lookUp(samples, reference, ev.options.lookbackMs, found, ev.control)) {
      yield { row, samples, found };
    }
  }
}

/** All series of the selection with their samples, and an empty row for each. */
function* selected(
  ev: Evaluator,
  selector: VectorSelector,
  { steps, isUnlabeled = false }: Scope,
): Iterable<Omit<Lookup, 'found'>> {
  const selection = ev.selection(selector);
  const { from, to } = ev.part(selection);
  const { minT, maxT } = instantRange(selector, steps, ev.options.lookbackMs);
  const row = ev.buffers.row(steps.count);
  for (let i = from; i < to; i++) {
    ev.control.checkpoint();
    const samples = selection.read(i, minT, maxT);
    if (samples.length === 0) continue;
    clearRow(row);
    const needsLabels = !isUnlabeled || samples.histograms !== undefined;
    row.labels = needsLabels ? selection.labels(i) : NO_LABELS;
    yield { row, samples };
  }
}

/**
 * Fills `found` with the row of the newest sample in (t − lookback, t] for each reference time, -1 where
 * there is none or it is a stale marker. False if all are -1.
 */
export function lookUp(
  samples: SampleColumns,
  { firstT, stepMs, count }: ReferenceTimes,
  lookbackMs: number,
  found: Int32Array,
  control: EvalControl,
): boolean {
  const { t, length } = samples;
  let any = false;
  let next = 0;
  let stale = false;
  for (let i = 0; i < count; i++) {
    if (i % STEPS_PER_CHECKPOINT === 0) control.checkpoint();
    const referenceT = firstT + i * stepMs;
    const before = next;
    while (next < length && t[next]! <= referenceT) next++;
    if (next > 0 && (next !== before || i === 0)) stale = isStaleRow(samples, next - 1);
    if (next === 0 || stale || t[next - 1]! <= referenceT - lookbackMs) {
      found[i] = -1;
    } else {
      found[i] = next - 1;
      any = true;
    }
  }
  return any;
}

function fillValues(
  row: StepSeries,
  samples: SampleColumns,
  found: Int32Array,
  statsOnly: boolean,
): void {
  const { present, values } = row;
  const { v, histograms } = samples;
  if (histograms === undefined) {
    for (let i = 0; i < found.length; i++) {
      const at = found[i]!;
      if (at < 0) continue;
      present[i] = Presence.float;
      values[i] = v[at]!;
    }
    return;
  }
  let last = -1;
  let converted: FloatHistogram | undefined;
  for (let i = 0; i < found.length; i++) {
    const at = found[i]!;
    if (at < 0) continue;
    if (at !== last) {
      converted = histograms[at] === undefined ? undefined : histogramAt(samples, at, statsOnly);
      last = at;
    }
    if (converted === undefined) setFloat(row, i, v[at]!);
    else setHistogram(row, i, converted);
  }
}

/** Counts what a row reads; every value is looked at once. Gives the weight of the row. */
function countRow(row: StepSeries, { stats }: Scope): number {
  if (stats.totalPerStep === undefined) {
    const weight = weightOf(row);
    stats.total += weight;
    stats.read += weight;
    return weight;
  }
  let weight = 0;
  for (let i = 0; i < row.present.length; i++) {
    if (row.present[i] === Presence.none) continue;
    const samples = weightAt(row, i);
    stats.countTotal(i, samples);
    stats.countRead(i, samples);
    weight += samples;
  }
  return weight;
}
