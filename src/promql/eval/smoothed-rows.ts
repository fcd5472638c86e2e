// Rows of an instant selector that is `smoothed`.

import { smoothedSelector } from '../functions/smoothed-selector.ts';
import type { VectorSelector } from '../language/ast.ts';
import type { Evaluator, Scope } from './interface.ts';
import { clearRow } from './rows.ts';
import { weightOf } from './samples.ts';
import { rangeSamples } from './samples-input.ts';
import { newStepSeries, type StepSeries } from './step-series.ts';
import { instantRange, windowFrame } from './times.ts';

export function* smoothedRows(
  ev: Evaluator,
  selector: VectorSelector,
  { steps, stats }: Scope,
): Iterable<StepSeries> {
  const { lookbackMs } = ev.options;
  const selection = ev.selection(selector);
  const { from, to } = ev.part(selection);
  const { minT, maxT } = instantRange(selector, steps, lookbackMs);
  const frame = windowFrame(selector, 0, steps);
  const row = newStepSeries([], steps.count);
  for (let i = from; i < to; i++) {
    ev.control.checkpoint();
    const samples = rangeSamples(selection.read(i, minT, maxT), selector.statsOnly === true);
    if (samples.length === 0) continue;
    clearRow(row);
    row.labels = selection.labels(i);
    const position = selector.span.start;
    smoothedSelector(samples, row.labels, frame, lookbackMs, ev.annotations, position, row);
    const weight = weightOf(row);
    if (weight === 0) continue;
    ev.budget.hold(weight, stats);
    yield row;
  }
}
