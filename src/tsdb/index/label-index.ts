// What matching needs of an index, whether it lives in memory or in a part file.

import type { Label, Labels } from '../../model/labels.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';

/** Label pairs of one database, each with the series that carry it. Ids are u32, unique inside. */
export interface LabelIndex {
  readonly seriesCount: number;
  /** All label names, sorted. */
  labelNames(): string[];
  /** Distinct values of one label, sorted; empty for an unknown name. */
  labelValues(name: string): string[];
  /**
   * Ids of the series with this pair, ascending; empty if there are none. The result belongs to the
   * index: callers must not write to it.
   */
  postings(name: string, value: string): Uint32Array;
  /** How many {@link postings} there are, without reading them. */
  postingCount(name: string, value: string): number;
  /** Ids of the series that have the label at all, ascending; likewise not to be written to. */
  postingsOfName(name: string): Uint32Array;
  /**
   * Ids of the series whose value of the matcher's label gets another verdict than an absent label
   * would, ascending; likewise.
   */
  tellingPostings(matcher: CompiledMatcher): Uint32Array;
  /** All ids, ascending; likewise. */
  allIds(): Uint32Array;
  /** The ids in the order of their labels. */
  inLabelOrder(ids: Uint32Array): Uint32Array;
  /** Labels of a series of this index. */
  seriesLabels(id: number): Labels;
  /** Label pairs are numbered below this. */
  readonly pairCount: number;
  pair(id: number): Label;
  /** Writes the pair ids of a series to `out`, in the order of labels, unless they do not fit; how many there are. */
  pairsOf(id: number, out: Uint32Array): number;
}
