// Two series of one result must not have the same labels at the same time. Names may have told them
// apart that an operation took away.

import type { Labels } from '../../model/labels.ts';
import { executionFailed } from '../errors.ts';
import { isMetadataLabel, labelsKey } from './label-sets.ts';
import { Presence, type StepSeries, setHistogram } from './step-series.ts';

export function sameLabelset(): Error {
  return executionFailed('vector cannot contain metrics with the same labelset');
}

/**
 * Joins series with equal labels, in the order first met. The series are the caller's to change. Throws
 * PROMQL_EXECUTION where two have something at the same step.
 */
export function mergeSeries(all: readonly StepSeries[]): StepSeries[] {
  if (all.length < 2) return [...all];
  const byKey = new Map<string, StepSeries>();
  for (const series of all) {
    const key = labelsKey(series.labels);
    const first = byKey.get(key);
    if (first === undefined) byKey.set(key, series);
    else mergeInto(first, series);
  }
  return byKey.size === all.length ? [...all] : [...byKey.values()];
}

function mergeInto(target: StepSeries, source: StepSeries): void {
  for (let i = 0; i < source.present.length; i++) {
    if (source.present[i] === Presence.none) continue;
    if (target.present[i] !== Presence.none) throw sameLabelset();
    target.present[i] = source.present[i]!;
    target.values[i] = source.values[i]!;
    if (source.present[i] === Presence.histogram) setHistogram(target, i, source.histograms![i]!);
  }
}

/** Throws PROMQL_EXECUTION if two series have equal labels. */
export function refuseSameLabelset(all: readonly { readonly labels: Labels }[]): void {
  if (all.length < 2) return;
  const seen = new Set<string>();
  for (const { labels } of all) {
    const key = labelsKey(labels);
    if (seen.has(key)) throw sameLabelset();
    seen.add(key);
  }
}

/**
 * Watches rows whose metadata labels are taken away one by one. As long as all rows lose the same, they
 * cannot become equal and nothing is compared.
 */
export class CollisionWatch {
  readonly #before: Labels[] = [];
  /** Metadata labels that the first row lost. */
  #lost: Labels | undefined;
  #seen: Set<string> | undefined;

  /** `labels` as they were and as they are now. Throws PROMQL_EXECUTION if a row before is equal now. */
  add(labels: Labels, without: Labels): void {
    this.#lost ??= labels.filter(({ name }) => isMetadataLabel(name));
    if (this.#seen === undefined) {
      if (hasMetadata(labels, this.#lost)) {
        this.#before.push(without);
        return;
      }
      this.#seen = new Set(this.#before.map(labelsKey));
    }
    const key = labelsKey(without);
    if (this.#seen.has(key)) throw sameLabelset();
    this.#seen.add(key);
  }
}

/** True if the metadata labels among `labels` are just these. */
function hasMetadata(labels: Labels, metadata: Labels): boolean {
  let met = 0;
  for (const { name, value } of labels) {
    if (!isMetadataLabel(name)) continue;
    const expected = metadata[met++];
    if (expected?.name !== name || expected.value !== value) return false;
  }
  return met === metadata.length;
}
