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
  readonly #classic: BucketRow[] = [];
  // The same as columns, by bound, ascending.
  #bounds: Float64Array = new Float64Array(0);
  #counts: Float64Array[] = [];
  #present: Uint8Array[] = [];

  constructor(labels: Labels, metricName: string) {
    this.labels = labels;
    this.metricName = metricName;
  }

  addBucket(bound: number, row: StepSeries): void {
    this.#classic.push({ bound, row });
  }

  /** To be called once all buckets are there. */
  seal(): void {
    const sorted = this.#classic.sort((a, b) => compareBounds(a.bound, b.bound));
    this.#bounds = Float64Array.from(sorted, ({ bound }) => bound);
    this.#counts = sorted.map(({ row }) => row.values);
    this.#present = sorted.map(({ row }) => row.present);
  }

  /** Takes out steps at which both kinds are present. True if there were any. */
  separateKinds(): boolean {
    const native = this.native?.present;
    if (native === undefined) return false;
    let found = false;
    for (let i = 0; i < native.length; i++) {
      if (native[i] !== Presence.histogram) continue;
      for (const present of this.#present) {
        if (present[i] !== Presence.float) continue;
        present[i] = Presence.none;
        native[i] = Presence.none;
        found = true;
      }
    }
    return found;
  }

  /** The native histogram at step `i`. */
  nativeAt(i: number): FloatHistogram | undefined {
    const row = this.native;
    return row?.present[i] === Presence.histogram ? row.histograms![i] : undefined;
  }

  /** Fills `buckets` with the classic histogram at step `i`. False if there is none. */
  classicAt(i: number, buckets: ClassicBuckets): boolean {
    buckets.load(this.#bounds, this.#counts, this.#present, i);
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
      groupOf(deleteLabels(row.labels, [BUCKET_LABEL])).addBucket(bound, row);
    }
  }
  for (const group of groups.values()) {
    group.seal();
    if (group.separateKinds()) {
      annotations.warn(mixedClassicNativeHistograms(group.metricName), position);
    }
  }
  return [...groups.values()];
}

/** Of numbers or equal infinities. */
function compareBounds(a: number, b: number): number {
  return a === b ? 0 : a - b;
}
