// A section of a part file as a source, seen through the tombstones that apply to it.

import type { Exemplar } from '../../model/exemplar.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';
import type { ColumnsBuilder } from '../chunk/columns-builder.ts';
import type { LabelIndex } from '../index/label-index.ts';
import { labelNamesOf, labelValuesOf } from '../index/label-match.ts';
import type { SectionReader } from '../partition/part-reader.ts';
import {
  type CompiledTombstone,
  concerns,
  coversAll,
  cutRanges,
  deletedRanges,
  type TombstoneTarget,
} from '../tombstones.ts';
import type { Source } from './source.ts';

/** Work between two checkpoints. */
const SERIES_PER_CHECKPOINT = 64;

export class SectionSource implements Source {
  readonly index: LabelIndex;
  readonly isFixed = true;
  readonly #section: SectionReader;
  readonly #tombstones: readonly CompiledTombstone[];

  constructor(
    entry: TombstoneTarget,
    section: SectionReader,
    tombstones: readonly CompiledTombstone[],
  ) {
    this.#section = section;
    this.index = section;
    this.#tombstones = tombstones.filter((tombstone) => concerns(tombstone, entry));
  }

  match(matchers: readonly CompiledMatcher[], range: TimeRange): Uint32Array {
    const { minT, maxT } = this.#section;
    if (range.minT > maxT || range.maxT < minT) return new Uint32Array(0);
    const ids = this.#section.matching(matchers);
    // The same array where all of them have: what is known of it stays known.
    if (this.#isWholeIn(range) || ids.every((id) => this.#hasSamples(id, range))) return ids;
    return ids.filter((id) => this.#hasSamples(id, range));
  }

  labelNames(range: TimeRange, checkpoint: () => void): string[] {
    if (this.#isWholeIn(range)) return this.index.labelNames();
    return labelNamesOf(this.index, this.#allIn(range, checkpoint));
  }

  labelValues(name: string, range: TimeRange, limit: number, checkpoint: () => void): string[] {
    if (this.#isWholeIn(range)) return this.index.labelValues(name, limit, checkpoint);
    return labelValuesOf(this.index, name, this.#allIn(range, checkpoint)).slice(0, limit);
  }

  #allIn(range: TimeRange, checkpoint: () => void): Uint32Array {
    return this.index.allIds().filter((id) => {
      if (id % SERIES_PER_CHECKPOINT === 0) checkpoint();
      return this.#hasSamples(id, range);
    });
  }

  #hasSamples(id: number, range: TimeRange): boolean {
    if (!this.#section.hasChunk(id, range.minT, range.maxT)) return false;
    if (this.#tombstones.length === 0) return true;
    const life = this.#section.seriesTimeRange(id);
    return !coversAll(
      this.#deleted(id),
      Math.max(life.minT, range.minT),
      Math.min(life.maxT, range.maxT),
    );
  }

  /** Do all series have samples in range, as far as is known without looking at them? */
  #isWholeIn({ minT, maxT }: TimeRange): boolean {
    const section = this.#section;
    if (minT > section.minT || maxT < section.maxT) return false;
    // A series with exemplars only has no samples and a life that overlaps nothing.
    return this.#tombstones.length === 0 && !section.hasExemplars;
  }

  matchWithExemplars(matchers: readonly CompiledMatcher[]): Uint32Array {
    return this.#section.hasExemplars ? this.#section.matching(matchers) : new Uint32Array(0);
  }

  read(id: number, minT: number, maxT: number, out: ColumnsBuilder): void {
    const base = out.length;
    this.#section.readSamples(id, minT, maxT, out);
    if (this.#tombstones.length === 0 || out.length === base) return;
    const deleted = this.#deleted(id);
    if (deleted.length === 0) return;
    const kept = cutRanges(out.slice(base, out.length), deleted);
    if (kept.length === out.length - base) return;
    out.clip(base, base, base);
    out.append(kept);
  }

  bounds(id: number): TimeRange {
    return this.#section.seriesTimeRange(id);
  }

  exemplars(id: number, range: TimeRange): Exemplar[] {
    const deleted = this.#deleted(id);
    return this.#section
      .exemplars(id)
      .filter(({ t }) => t >= range.minT && t <= range.maxT && !coversAll(deleted, t, t));
  }

  #deleted(id: number): readonly TimeRange[] {
    if (this.#tombstones.length === 0) return [];
    return deletedRanges(this.#tombstones, this.index.seriesLabels(id), this.#section.maxSeq);
  }
}
