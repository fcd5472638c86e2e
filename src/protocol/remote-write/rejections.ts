// Collects what decoding had to refuse, without letting a bad sender fill memory.

import { type Labels, normalizeLabels, printLabels } from '../../model/labels.ts';
import type { Rejection } from '../../storage/errors.ts';

/** Past this many refusals, further ones are only counted, in one entry per reason. */
const MAX_LISTED = 100;

/** Longest print of a series in a refusal, in characters. */
const MAX_SERIES_CHARACTERS = 300;

/** The refusals of one batch; bounded whatever arrives. */
export class RejectionList {
  readonly #listed: Rejection[] = [];
  readonly #folded = new Map<string, Rejection>();

  add(rejection: Rejection): void {
    if (this.#listed.length < MAX_LISTED) {
      this.#listed.push(rejection);
      return;
    }
    const sum = this.#folded.get(rejection.reason);
    this.#folded.set(rejection.reason, {
      reason: rejection.reason,
      series: '',
      message: 'further refusals for the same reason',
      samples: (sum?.samples ?? 0) + rejection.samples,
      histograms: (sum?.histograms ?? 0) + rejection.histograms,
      exemplars: (sum?.exemplars ?? 0) + rejection.exemplars,
    });
  }

  /** All refusals: the first ones in order, then at most one per reason that stands for the rest. */
  list(): readonly Rejection[] {
    return this.#folded.size === 0 ? this.#listed : [...this.#listed, ...this.#folded.values()];
  }
}

/** A series as it is named in a refusal. */
export function printRejectedSeries(labels: Labels): string {
  const print = printLabels(normalizeLabels(labels));
  return print.length <= MAX_SERIES_CHARACTERS
    ? print
    : `${print.slice(0, MAX_SERIES_CHARACTERS)}…`;
}
