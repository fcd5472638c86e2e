// A source is one place that holds samples of a database: a section of a part, or a generation of the
// head. All sources look the same to the querier: series in label order, each with its columns.

import type { Exemplar } from '../../model/exemplar.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';
import type { LabelIndex } from '../index/label-index.ts';

export interface Source {
  /** Decides conflicts (the higher wins) and which tombstones apply. */
  readonly maxSeq: number;
  readonly index: LabelIndex;
  /** Ids of series that match and have data in range, ordered by labels. */
  select(matchers: readonly CompiledMatcher[], range: TimeRange): Uint32Array;
  /** First and last time of a series here. */
  timeRange(id: number): TimeRange;
  /** Samples in range, ascending; valid until the next read from this source. */
  read(id: number, range: TimeRange): SampleColumns | undefined;
  /** Exemplars in range, ascending. */
  exemplars(id: number, range: TimeRange): Exemplar[];
  /** Series that may have exemplars in range. */
  selectWithExemplars(matchers: readonly CompiledMatcher[], range: TimeRange): Uint32Array;
}

export function overlaps(a: TimeRange, b: TimeRange): boolean {
  return a.minT <= b.maxT && a.maxT >= b.minT;
}
