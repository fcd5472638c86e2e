// A source is one place that holds samples of a database: a section of a part, or a generation of the
// head. All sources look the same to the querier: an index, and columns by series id.

import type { Exemplar } from '../../model/exemplar.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';
import type { ColumnsBuilder } from '../chunk/columns-builder.ts';
import type { LabelIndex } from '../index/label-index.ts';

export interface Source {
  readonly index: LabelIndex;
  /** Does it never change, so that the same array of ids always means the same series? */
  readonly isFixed: boolean;
  /** Ids of series that match and have samples in range, exact to a chunk; ascending. Not to be written to. */
  match(matchers: readonly CompiledMatcher[], range: TimeRange): Uint32Array;
  /** Names of the labels on all series with samples in range, sorted. `checkpoint` as in {@link labelValues}. */
  labelNames(range: TimeRange, checkpoint: () => void): string[];
  /**
   * Values of one label likewise, the first `limit` of them. `checkpoint` is called every few hundred steps of the
   * work, and ends it by throwing.
   */
  labelValues(name: string, range: TimeRange, limit: number, checkpoint: () => void): string[];
  /** Ids of matching series that may have exemplars; ascending. */
  matchWithExemplars(matchers: readonly CompiledMatcher[]): Uint32Array;
  /** Appends the samples in [minT, maxT], ascending. */
  read(id: number, minT: number, maxT: number, out: ColumnsBuilder): void;
  /** Outside of it the series has no samples here; minT > maxT if it has none. */
  bounds(id: number): TimeRange;
  /** Exemplars in range, ascending. */
  exemplars(id: number, range: TimeRange): Exemplar[];
}
