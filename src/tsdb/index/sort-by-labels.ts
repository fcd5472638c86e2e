import type { Labels } from '../../model/labels.ts';
import { compareLabels } from '../../model/labels.ts';

/** Ids ordered by the labels of their series. Each id's labels are asked for once. */
export function sortByLabels(ids: Uint32Array, labelsOf: (id: number) => Labels): Uint32Array {
  const series = Array.from(ids, (id) => ({ id, labels: labelsOf(id) }));
  series.sort((a, b) => compareLabels(a.labels, b.labels));
  return Uint32Array.from(series, ({ id }) => id);
}
