// The series a query has found: ids by source, in the order of their labels. Labels are made and
// samples decoded only when they are asked for.

import type { Labels } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { SeriesSelection } from '../../storage/interface.ts';
import type { MemberReader } from './member-reader.ts';
import { threadMerges } from './merge-memory.ts';
import { mergeSeries } from './merge-series.ts';
import type { Source } from './source.ts';

export class TsdbSelection implements SeriesSelection {
  readonly length: number;
  readonly #sources: readonly Source[];
  readonly #range: TimeRange;
  readonly #reader: MemberReader;
  readonly #ids: Uint32Array;
  /** Undefined where all series are of one source. */
  readonly #starts: Uint32Array | undefined;
  readonly #sourceOf: Uint32Array | undefined;

  /** `found`: by source, lowest priority first, the ids of the series in any order. */
  constructor(
    sources: readonly Source[],
    found: readonly Uint32Array[],
    range: TimeRange,
    reader: MemberReader,
  ) {
    this.#range = range;
    this.#reader = reader;
    const used = sources.filter((_, i) => found[i]!.length > 0);
    const ordered = found
      .filter((ids) => ids.length > 0)
      .map((ids, i) => used[i]!.index.inLabelOrder(ids));
    this.#sources = used;
    if (used.length === 1) {
      this.#ids = ordered[0]!;
      this.length = this.#ids.length;
      return;
    }
    const merged = mergeSeries(
      used.map(({ index, isFixed }, i) => ({ index, ids: ordered[i]!, isFixed })),
      threadMerges,
    );
    this.length = merged.length;
    this.#ids = merged.ids;
    this.#starts = merged.starts;
    this.#sourceOf = merged.sources;
  }

  labels(i: number): Labels {
    const member = this.#start(i);
    return this.#sourceAt(member).index.seriesLabels(this.#ids[member]!);
  }

  read(i: number, minT: number, maxT: number): SampleColumns {
    const from = Math.max(minT, this.#range.minT);
    const to = Math.min(maxT, this.#range.maxT);
    this.#reader.begin();
    const end = this.#start(i + 1);
    for (let member = this.#start(i); member < end; member++) {
      this.#reader.add(this.#sourceAt(member), this.#ids[member]!, from, to);
    }
    return this.#reader.finish();
  }

  /** Who has series `i`, lowest priority first. */
  members(i: number): { readonly source: Source; readonly id: number }[] {
    const members: { source: Source; id: number }[] = [];
    const end = this.#start(i + 1);
    for (let member = this.#start(i); member < end; member++) {
      members.push({ source: this.#sourceAt(member), id: this.#ids[member]! });
    }
    return members;
  }

  #start(i: number): number {
    return this.#starts === undefined ? i : this.#starts[i]!;
  }

  #sourceAt(member: number): Source {
    return this.#sources[this.#sourceOf === undefined ? 0 : this.#sourceOf[member]!]!;
  }
}
