// An instant vector sorted into histograms: native ones are elements by themselves, classic ones are
// spread over series that differ only in the label `le`.

import { type Labels, labelValue, METRIC_NAME } from '../../model/labels.ts';
import { badBucketLabel, mixedClassicNativeHistograms } from '../annotation-texts.ts';
import { deleteLabels, labelsKey } from '../eval/label-sets.ts';
import { Presence, type StepSeries } from '../eval/step-series.ts';
import type { ClassicBuckets } from '../histogram/classic.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import type { FunctionCall } from './interface.ts';
import { parseBound } from './le-label.ts';

const BUCKET_LABEL = 'le';

/** One bucket of a classic histogram over all steps. */
interface BucketRow {
  readonly bound: number;
  readonly row: StepSeries;
}

/** The histograms of one label set: at each step a native one, a classic one, or none. */
export class HistogramGroup {
  /** Without `le` if it is classic. */
  readonly labels: Labels;
  /** For remarks: '' unless series still carry their names at the end. */
  readonly metricName: string;
  native: StepSeries | undefined;
  /** By bound, ascending. */
  readonly classic: BucketRow[] = [];

  constructor(labels: Labels, metricName: string) {
    this.labels = labels;
    this.metricName = metricName;
  }

  /** The native histogram at step `i`. */
  nativeAt(i: number): FloatHistogram | undefined {
    const row = this.native;
    return row?.present[i] === Presence.histogram ? row.histograms![i] : undefined;
  }

  /** Fills `buckets` with the classic histogram at step `i`. False if there is none. */
  classicAt(i: number, buckets: ClassicBuckets): boolean {
    buckets.clear();
    for (const { bound, row } of this.classic) {
      if (row.present[i] === Presence.float) buckets.push(bound, row.values[i]!);
    }
    return buckets.length > 0;
  }
}

/**
 * Groups the rows of the vector argument at `argument`. Warns of buckets without a proper bound, and of
 * classic and native histograms under one label set at one step, which are then both taken out.
 */
export function groupHistograms(
  call: FunctionCall,
  rows: readonly StepSeries[],
  argument: number,
): HistogramGroup[] {
  const groups = new Map<string, HistogramGroup>();
  const position = call.args[argument]!.span.start;
  const { annotations, options } = call;
  const nameOf = (labels: Labels): string =>
    options.delayedNameRemoval ? labelValue(labels, METRIC_NAME) : '';
  const groupOf = (labels: Labels): HistogramGroup => {
    const key = labelsKey(labels);
    let group = groups.get(key);
    if (group === undefined) {
      group = new HistogramGroup(labels, nameOf(labels));
      groups.set(key, group);
    }
    return group;
  };
  for (const row of rows) {
    if (row.histograms !== undefined) groupOf(row.labels).native = row;
    if (!row.present.includes(Presence.float)) continue;
    const text = labelValue(row.labels, BUCKET_LABEL);
    const bound = parseBound(text);
    if (bound === undefined) {
      annotations.warn(badBucketLabel(nameOf(row.labels), text), position);
    } else {
      groupOf(deleteLabels(row.labels, [BUCKET_LABEL])).classic.push({ bound, row });
    }
  }
  for (const group of groups.values()) {
    group.classic.sort((a, b) => (a.bound < b.bound ? -1 : a.bound > b.bound ? 1 : 0));
    if (group.native !== undefined && separateKinds(group, group.native)) {
      annotations.warn(mixedClassicNativeHistograms(group.metricName), position);
    }
  }
  return [...groups.values()];
}

/** Takes out steps at which both kinds are present. True if there were any. */
function separateKinds(group: HistogramGroup, native: StepSeries): boolean {
  let found = false;
  for (let i = 0; i < native.present.length; i++) {
    if (native.present[i] !== Presence.histogram) continue;
    const both = group.classic.filter(({ row }) => row.present[i] === Presence.float);
    if (both.length === 0) continue;
    found = true;
    native.present[i] = Presence.none;
    for (const { row } of both) row.present[i] = Presence.none;
  }
  return found;
}
