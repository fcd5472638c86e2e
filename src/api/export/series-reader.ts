// Reads all samples of a series in runs that are small however many there are, and that stay as they are while others
// use the memory of the thread.

import { copyColumns, type SampleColumns } from '../../model/sample.ts';
import type { WholeSelection } from '../../storage/interface.ts';

const HOUR_MS = 3_600_000;
/** Of each series: a run of a hundred samples a second is still no more than some ten megabytes. */
const FIRST_SPAN_MS = 6 * HOUR_MS;
/** A run of so many floats takes about two megabytes, and some 50 ms to write. */
const TARGET_WEIGHT = 2 ** 17;
/** A histogram is an object of some kilobytes. */
const HISTOGRAM_WEIGHT = 64;

/** Copies of the samples of series `i`, run by run in the order of time; gaps in time are passed over. */
export function* readSeries(selection: WholeSelection, i: number): Generator<SampleColumns, void> {
  const { minT, maxT } = selection.bounds(i);
  let spanMs = FIRST_SPAN_MS;
  for (let from = minT; from <= maxT; ) {
    const run = selection.read(i, from, Math.min(maxT, from + spanMs - 1));
    from += spanMs;
    const weight = weightOf(run);
    if (weight > TARGET_WEIGHT) spanMs = Math.max(1, Math.floor(spanMs / 2));
    else if (weight < TARGET_WEIGHT / 4) spanMs *= 2;
    if (run.length > 0) yield copyColumns(run);
  }
}

function weightOf({ length, histograms }: SampleColumns): number {
  return histograms === undefined ? length : length * HISTOGRAM_WEIGHT;
}
