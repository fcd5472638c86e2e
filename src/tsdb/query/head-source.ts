// A generation of the head as a source.

import type { Exemplar } from '../../model/exemplar.ts';
import { decodeHistogramPayload } from '../../model/histogram-payload.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';
import type { ColumnsBuilder } from '../chunk/columns-builder.ts';
import type { HeadReader } from '../head/head-reader.ts';
import { matchSeries } from '../index/label-match.ts';
import type { MemoryIndex } from '../index/memory-index.ts';
import { decodeExemplarPayload } from '../ingest/exemplar-payload.ts';
import type { Source } from './source.ts';

export class HeadSource implements Source {
  readonly index: MemoryIndex;
  readonly #reader: HeadReader;

  /** `index` names the series of one database, `reader` has their samples. */
  constructor(index: MemoryIndex, reader: HeadReader) {
    this.index = index;
    this.#reader = reader;
  }

  match(matchers: readonly CompiledMatcher[], { minT, maxT }: TimeRange): Uint32Array {
    return matchSeries(this.index, matchers).filter((ref) =>
      this.#reader.hasSamples(ref, minT, maxT),
    );
  }

  matchWithExemplars(matchers: readonly CompiledMatcher[]): Uint32Array {
    return matchSeries(this.index, matchers).filter((ref) => this.#reader.hasExemplars(ref));
  }

  read(id: number, minT: number, maxT: number, out: ColumnsBuilder): void {
    this.#reader.read(id, minT, maxT, out, decodeHistogramPayload);
  }

  bounds(id: number): TimeRange {
    return { minT: this.#reader.seriesMinT(id), maxT: this.#reader.seriesMaxT(id) };
  }

  exemplars(id: number, range: TimeRange): Exemplar[] {
    return this.#reader
      .exemplars(id)
      .filter(({ t }) => t >= range.minT && t <= range.maxT)
      .map(({ t, payload }) => decodeExemplarPayload(t, payload));
  }
}
