// What matching needs of an index, whether it lives in memory or in a part file.

import type { Label, Labels } from '../../model/labels.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';

/**
 * What was found of a matcher: ids of series in a section, in memory pairs, of which those up to `newest` have been
 * judged. Plain data, good for every reader of the same index.
 */
export interface Matched {
  readonly list: Uint32Array;
  readonly newest: number;
}

/** Longer lists are not passed on. */
export const MAX_MATCHED = 64;

/** Label pairs of one database, each with the series that carry it. Ids are u32, unique inside. */
export interface LabelIndex {
  readonly seriesCount: number;
  /** All label names, sorted. */
  labelNames(): string[];
  /**
   * Distinct values of one label, sorted, the first `limit` of them; empty for an unknown name. `checkpoint` is called
   * now and then, and ends it by throwing.
   */
  labelValues(name: string, limit?: number, checkpoint?: () => void): string[];
  /** Names of the labels that the given series have, sorted. */
  namesOf(ids: Uint32Array): string[];
  /** Distinct values of one label that the given series have, sorted. */
  valuesOf(name: string, ids: Uint32Array): string[];
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
  /** How many {@link tellingPostings} there are, if that has been worked out or {@link learn}ed; else undefined. */
  knownPostings(matcher: CompiledMatcher): number | undefined;
  /** What is known of them, to be learned by other readers, if it is at most {@link MAX_MATCHED} long. */
  matched(matcher: CompiledMatcher): Matched | undefined;
  /** Takes over what another reader of this index found. */
  learn(key: string, matched: Matched): void;
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
