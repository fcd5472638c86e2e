// Gathers what a write had to refuse: the first refusals one by one, the rest as counts.

import type { Rejection, RejectReason } from './errors.ts';
import { MAX_LISTED_REJECTIONS } from './interface.ts';

export class RejectionCollector {
  readonly #list: Rejection[] = [];
  readonly #counts = new Map<RejectReason, number>();
  #total = 0;

  add(rejection: Rejection): void {
    const items = rejection.samples + rejection.histograms + rejection.exemplars;
    this.#total += items;
    const { reason } = rejection;
    // A series without anything in it is refused too, and must show in the counts.
    this.#counts.set(reason, this.countOf(reason) + Math.max(items, 1));
    if (this.#list.length < MAX_LISTED_REJECTIONS) this.#list.push(rejection);
  }

  addAll(rejections: readonly Rejection[]): void {
    for (const rejection of rejections) this.add(rejection);
  }

  /** The first {@link MAX_LISTED_REJECTIONS} refusals. */
  get list(): readonly Rejection[] {
    return this.#list;
  }

  /** How many samples, histograms and exemplars were refused. */
  get total(): number {
    return this.#total;
  }

  /** How many of them for this reason; a series that held none counts as one. */
  countOf(reason: RejectReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** {@link countOf} for every reason that occurred. */
  counts(): ReadonlyMap<RejectReason, number> {
    return this.#counts;
  }
}
