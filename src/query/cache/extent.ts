// Rows of a range query over a run of steps, kept to be used again.

import { compareLabels } from '../../model/labels.ts';
import { Presence, type StepSeries } from '../../promql/eval/step-series.ts';
import type { Steps } from '../../promql/eval/steps.ts';

/** Sorted by labels. Nobody changes rows or their columns any more. */
export interface Extent {
  readonly steps: Steps;
  readonly series: readonly StepSeries[];
}

/** Index of the step at `t` in `steps`, which need not reach so far. */
export function stepIndex(steps: Steps, t: number): number {
  return Math.round((t - steps.startT) / steps.stepMs);
}

/** `count` steps from the `from`-th on. */
export function subSteps(steps: Steps, from: number, count: number): Steps {
  return { startT: steps.startT + from * steps.stepMs, stepMs: steps.stepMs, count };
}

/** Rows of some of an extent's steps, without those that have no value there. Shares the columns. */
export function slice(extent: Extent, steps: Steps): StepSeries[] {
  const from = stepIndex(extent.steps, steps.startT);
  const to = from + steps.count;
  if (from === 0 && to === extent.steps.count) return [...extent.series];
  const rows: StepSeries[] = [];
  for (const { labels, dropName, present, values, histograms } of extent.series) {
    const part = present.subarray(from, to);
    if (!hasValue(part)) continue;
    rows.push({
      labels,
      dropName,
      present: part,
      values: values.subarray(from, to),
      histograms: histograms?.slice(from, to),
    });
  }
  return rows;
}

function hasValue(present: Uint8Array): boolean {
  for (let i = 0; i < present.length; i++) if (present[i] !== Presence.none) return true;
  return false;
}

/**
 * One extent of several that do not overlap, over `steps`, which cover them all. Calls `reserve` with the
 * bytes of its columns before it makes them.
 */
export function join(
  parts: readonly Extent[],
  steps: Steps,
  reserve: (bytes: number) => void,
): Extent {
  const next = parts.map(() => 0);
  const series: StepSeries[] = [];
  for (;;) {
    const first = leastOf(parts, next);
    if (first === undefined) return { steps, series };
    reserve(steps.count * 9);
    const row: StepSeries = {
      labels: first.labels,
      dropName: first.dropName,
      present: new Uint8Array(steps.count),
      values: new Float64Array(steps.count),
      histograms: undefined,
    };
    parts.forEach((part, i) => {
      const source = part.series[next[i]!];
      if (source === undefined || compareLabels(source.labels, row.labels) !== 0) return;
      next[i]!++;
      copyInto(row, stepIndex(steps, part.steps.startT), source);
    });
    series.push(row);
  }
}

/** The row whose labels come first among the next ones. */
function leastOf(parts: readonly Extent[], next: readonly number[]): StepSeries | undefined {
  let least: StepSeries | undefined;
  parts.forEach(({ series }, i) => {
    const candidate = series[next[i]!];
    if (candidate === undefined) return;
    if (least === undefined || compareLabels(candidate.labels, least.labels) < 0) least = candidate;
  });
  return least;
}

function copyInto(row: StepSeries, at: number, source: StepSeries): void {
  row.present.set(source.present, at);
  row.values.set(source.values, at);
  if (source.histograms === undefined) return;
  row.histograms ??= new Array<undefined>(row.present.length).fill(undefined);
  for (let i = 0; i < source.histograms.length; i++) row.histograms[at + i] = source.histograms[i];
}

/** Objects, strings and pointers per row and label, about. */
const ROW_BYTES = 300;
const LABEL_BYTES = 100;
/** Of one histogram beside its buckets. */
const HISTOGRAM_BYTES = 200;

/** About what the extent takes. */
export function extentBytes({ series }: Extent): number {
  let bytes = 0;
  for (const { labels, present, histograms } of series) {
    bytes += ROW_BYTES + labels.length * LABEL_BYTES + present.length * 9;
    if (histograms === undefined) continue;
    for (const histogram of histograms) {
      bytes += 8 + (histogram === undefined ? 0 : HISTOGRAM_BYTES + histogram.sizeBytes());
    }
  }
  return bytes;
}
