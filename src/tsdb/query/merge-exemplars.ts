// Exemplars of one series from several sources.

import type { Exemplar } from '../../model/exemplar.ts';

/** Ascending by time; an exemplar with equal time, value and labels is kept once. */
export function mergeExemplars(lists: readonly (readonly Exemplar[])[]): Exemplar[] {
  const seen = new Set<string>();
  const merged: Exemplar[] = [];
  for (const exemplar of lists.flat()) {
    const key = JSON.stringify([exemplar.t, String(exemplar.value), exemplar.labels]);
    if (seen.has(key)) continue;
    seen.add(key);
    merged.push(exemplar);
  }
  return merged.sort((a, b) => a.t - b.t);
}
