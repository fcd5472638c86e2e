// sort, sort_desc, sort_by_label and sort_by_label_desc: the order of an instant query's result. A range
// query's result is ordered by labels, so there they do nothing.

import { compareLabels, labelValue } from '../../model/labels.ts';
import { Presence, type StepSeries } from '../eval/step-series.ts';
import type { VectorFunction } from './interface.ts';
import { dropHistograms } from './math.ts';
import { compareNatural } from './natural-order.ts';

/** sort and sort_desc: floats by value, NaN last in both. */
export function sortByValue(descending: boolean): VectorFunction {
  return (call, vectors) => {
    const rows = [...vectors[0]!];
    for (const row of rows) dropHistograms(row);
    if (call.steps.count > 1) return rows;
    const compare = descending ? compareDescending : compareAscending;
    return rows.filter(isPresent).sort((a, b) => compare(a.values[0]!, b.values[0]!));
  };
}

/** sort_by_label and sort_by_label_desc: by the given labels in natural order, then by all labels. */
export function sortByLabel(descending: boolean): VectorFunction {
  return (call, vectors) => {
    const rows = [...vectors[0]!];
    if (call.steps.count > 1) return rows;
    const names = call.strings.slice(1).filter((name) => name !== undefined);
    const direction = descending ? -1 : 1;
    return rows.filter(isPresent).sort((a, b) => {
      for (const name of names) {
        const order = compareNatural(labelValue(a.labels, name), labelValue(b.labels, name));
        if (order !== 0) return direction * order;
      }
      return direction * compareLabels(a.labels, b.labels);
    });
  };
}

function isPresent(row: StepSeries): boolean {
  return row.present[0] !== Presence.none;
}

function compareAscending(a: number, b: number): number {
  return nanLast(a, b) ?? a - b;
}

function compareDescending(a: number, b: number): number {
  return nanLast(a, b) ?? b - a;
}

/** Undefined if neither is NaN, or if they are equal infinities, whose difference would be NaN. */
function nanLast(a: number, b: number): number | undefined {
  if (a === b) return 0;
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  return Number.isNaN(b) ? -1 : undefined;
}
