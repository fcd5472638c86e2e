// A generation as a source.

import type { Exemplar } from '../../model/exemplar.ts';
import { decodeHistogramPayload } from '../../model/histogram-payload.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';
import type { ColumnsBuilder } from '../chunk/columns-builder.ts';
import type { Generation } from '../generation.ts';
import type { HeadReader } from '../head/head-reader.ts';
import { FrozenRegistryReader } from '../index/frozen-registry.ts';
import { matchSeries } from '../index/label-match.ts';
import type { DatabaseIndex } from '../index/series-registry.ts';
import { sortByLabels } from '../index/sort-by-labels.ts';
import { decodeExemplarPayload } from '../ingest/exemplar-payload.ts';
import type { Source } from './source.ts';

/** Up to so many series are sorted by their labels as text. */
const FEW_SERIES = 2000;

export class HeadSource implements Source {
  readonly index: DatabaseIndex;
  readonly #generation: Generation;
  readonly #reader: HeadReader;

  constructor(generation: Generation, dbId: number) {
    this.#generation = generation;
    this.#reader = generation.head.reader;
    this.index = generation.registry.index(dbId);
  }

  match(matchers: readonly CompiledMatcher[], { minT, maxT }: TimeRange): Uint32Array {
    return this.#match(matchers).filter((ref) => this.#reader.hasSamples(ref, minT, maxT));
  }

  matchWithExemplars(matchers: readonly CompiledMatcher[]): Uint32Array {
    return this.#match(matchers).filter((ref) => this.#reader.hasExemplars(ref));
  }

  inLabelOrder(ids: Uint32Array): Uint32Array {
    if (ids.length <= FEW_SERIES) return sortByLabels(ids, (ref) => this.index.seriesLabels(ref));
    // Many: by the ranks of their label pairs, without making strings of each.
    return new FrozenRegistryReader(this.#generation.registry.freeze()).sortedRefs(ids);
  }

  read(id: number, minT: number, maxT: number, out: ColumnsBuilder): void {
    this.#reader.read(id, minT, maxT, out, decodeHistogramPayload);
  }

  exemplars(id: number, range: TimeRange): Exemplar[] {
    return this.#reader
      .exemplars(id)
      .filter(({ t }) => t >= range.minT && t <= range.maxT)
      .map(({ t, payload }) => decodeExemplarPayload(t, payload));
  }

  #match(matchers: readonly CompiledMatcher[]): Uint32Array {
    return matchSeries(this.index, () => this.index.allRefs(), matchers);
  }
}
