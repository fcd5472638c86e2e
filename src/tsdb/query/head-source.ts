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

/** Work between two checkpoints. */
const SERIES_PER_CHECKPOINT = 256;

export class HeadSource implements Source {
  readonly index: MemoryIndex;
  readonly isFixed = false;
  readonly #reader: HeadReader;

  /** `index` names the series of one database, `reader` has their samples. */
  constructor(index: MemoryIndex, reader: HeadReader) {
    this.index = index;
    this.#reader = reader;
  }

  match(matchers: readonly CompiledMatcher[], { minT, maxT }: TimeRange): Uint32Array {
    return this.#reader.withSamples(matchSeries(this.index, matchers), minT, maxT);
  }

  labelNames(range: TimeRange, checkpoint: () => void): string[] {
    return this.index.namesWhere(this.#hasSamplesIn(range, checkpoint));
  }

  labelValues(name: string, range: TimeRange, limit: number, checkpoint: () => void): string[] {
    const hasSamples = this.#hasSamplesIn(range, checkpoint);
    return this.index.valuesWhere(name, hasSamples, limit, checkpoint);
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

  #hasSamplesIn({ minT, maxT }: TimeRange, checkpoint: () => void): (ref: number) => boolean {
    let asked = 0;
    return (ref) => {
      if (++asked % SERIES_PER_CHECKPOINT === 0) checkpoint();
      return this.#reader.hasSamples(ref, minT, maxT);
    };
  }

  exemplars(id: number, range: TimeRange): Exemplar[] {
    return this.#reader
      .exemplars(id)
      .filter(({ t }) => t >= range.minT && t <= range.maxT)
      .map(({ t, payload }) => decodeExemplarPayload(t, payload));
  }
}
