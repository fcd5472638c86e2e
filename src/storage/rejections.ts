// Gathers what a write had to refuse: the first refusals one by one, the rest as counts.

import type { Rejection, RejectReason } from './errors.ts';
import { MAX_LISTED_REJECTIONS, type WriteResult } from './interface.ts';

export class RejectionCollector {
  readonly #list: Rejection[] = [];
  readonly #counts = new Map<RejectReason, number>();
  readonly #series: number[] = [];
  #total = 0;
  #rows = 0;

  add(rejection: Rejection): void {
    const rows = rejection.samples + rejection.histograms;
    const items = rows + rejection.exemplars;
    this.#rows += rows;
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

  /** How many samples and histograms were refused. */
  get rows(): number {
    return this.#rows;
  }

  /** Notes that of the batch's series `i` a sample or histogram was refused. Call in order. */
  addSeries(i: number): void {
    this.#series.push(i);
  }

  /** What of a write's result is about refusals. */
  result(): Pick<WriteResult, 'rejections' | 'rejectedTotal' | 'refusedSeries'> {
    return {
      rejections: this.#list,
      rejectedTotal: this.#total,
      ...(this.#series.length > 0 && { refusedSeries: this.#series }),
    };
  }

  /** How many samples, histograms and exemplars for this reason; a series that held none counts as one. */
  countOf(reason: RejectReason): number {
    return this.#counts.get(reason) ?? 0;
  }

  /** {@link countOf} for every reason that occurred. */
  counts(): ReadonlyMap<RejectReason, number> {
    return this.#counts;
  }
}
