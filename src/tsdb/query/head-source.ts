// A generation as a source.

import type { Exemplar } from '../../model/exemplar.ts';
import { decodeHistogramPayload } from '../../model/histogram-payload.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';
import type { Generation } from '../generation.ts';
import { HeadReader } from '../head/head-reader.ts';
import { matchSeries } from '../index/label-match.ts';
import type { DatabaseIndex } from '../index/series-registry.ts';
import { sortByLabels } from '../index/sort-by-labels.ts';
import { decodeExemplarPayload } from '../ingest/exemplar-payload.ts';
import { overlaps, type Source } from './source.ts';

export class HeadSource implements Source {
  readonly maxSeq: number;
  readonly index: DatabaseIndex;
  readonly #generation: Generation;
  #reader: HeadReader | undefined;

  constructor(generation: Generation, dbId: number) {
    this.#generation = generation;
    // The active generation grows; whatever it holds is newer than every part.
    this.maxSeq = Number.MAX_SAFE_INTEGER;
    this.index = generation.registry.index(dbId);
  }

  select(matchers: readonly CompiledMatcher[], range: TimeRange): Uint32Array {
    const refs = matchSeries(this.index, () => this.index.allRefs(), matchers).filter((ref) =>
      overlaps(this.timeRange(ref), range),
    );
    return sortByLabels(refs, (ref) => this.index.seriesLabels(ref));
  }

  selectWithExemplars(matchers: readonly CompiledMatcher[]): Uint32Array {
    const { head } = this.#generation;
    const refs = matchSeries(this.index, () => this.index.allRefs(), matchers).filter((ref) =>
      head.has(ref),
    );
    return sortByLabels(refs, (ref) => this.index.seriesLabels(ref));
  }

  timeRange(id: number): TimeRange {
    const { head } = this.#generation;
    return { minT: head.seriesMinT(id), maxT: head.seriesMaxT(id) };
  }

  read(id: number, range: TimeRange): SampleColumns | undefined {
    this.#reader ??= new HeadReader(this.#generation.head.memory);
    return this.#reader.read(id, range.minT, range.maxT, decodeHistogramPayload);
  }

  exemplars(id: number, range: TimeRange): Exemplar[] {
    this.#reader ??= new HeadReader(this.#generation.head.memory);
    return this.#reader
      .exemplars(id)
      .filter(({ t }) => t >= range.minT && t <= range.maxT)
      .map(({ t, payload }) => decodeExemplarPayload(t, payload));
  }
}
