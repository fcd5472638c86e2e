// The engine's Querier: a consistent set of sources, merged by labels and, per series, by priority.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Labels } from '../../model/labels.ts';
import { compareStrings } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { NO_SAMPLES, type SampleColumns } from '../../model/sample.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { AppError } from '../../runtime/error.ts';
import type {
  Querier,
  SelectHints,
  SeriesEntry,
  SeriesExemplars,
} from '../../storage/interface.ts';
import { type CompiledMatcher, compileMatcher } from '../../storage/label-matcher.ts';
import { ColumnsBuilder } from '../chunk/columns-builder.ts';
import { labelNamesOf, labelValuesOf } from '../index/label-match.ts';
import { union } from '../index/postings.ts';
import { PartCorruptError } from '../partition/errors.ts';
import { mergeByPriority } from '../sample-merge.ts';
import { type MergedSeries, mergeSeries, type SelectedSeries } from './merge-series.ts';
import type { Source } from './source.ts';

type Selector = readonly Matcher[];

/** Work on the main thread is cut into slices of this length, so that ingest never waits long. */
const SLICE_MS = 8;

export interface QuerierHooks {
  /** Gives back the pins on files and generations; called once. */
  release(): void;
  /** A part turned out to be damaged; this query fails, later ones should do without it. */
  damaged(error: PartCorruptError): void;
}

export class TsdbQuerier implements Querier {
  readonly #range: TimeRange;
  /** Lowest priority first. */
  readonly #sources: readonly Source[];
  readonly #hooks: QuerierHooks;
  readonly #merged = new ColumnsBuilder();
  #isClosed = false;
  #sliceEnd = 0;

  constructor(range: TimeRange, sources: readonly Source[], hooks: QuerierHooks) {
    this.#range = range;
    this.#sources = sources;
    this.#hooks = hooks;
  }

  async *select(matchers: Selector, hints?: SelectHints): AsyncGenerator<SeriesEntry> {
    try {
      for (const { labels, members } of this.#mergedSeries([matchers])) {
        await this.#breathe(hints?.signal);
        const samples = this.#readMerged(members);
        if (samples.length > 0) yield { labels, samples };
      }
    } catch (error) {
      throw this.#noteDamage(error);
    }
  }

  selectExemplars(selectors: readonly Selector[]): Promise<SeriesExemplars[]> {
    return this.#reading(() => this.#selectExemplars(selectors));
  }

  labelNames(selectors: readonly Selector[], limit?: number): Promise<string[]> {
    return this.#reading(() => this.#labelNames(selectors, limit));
  }

  labelValues(name: string, selectors: readonly Selector[], limit?: number): Promise<string[]> {
    return this.#reading(() => this.#labelValues(name, selectors, limit));
  }

  series(selectors: readonly Selector[], limit?: number): Promise<Labels[]> {
    return this.#reading(() => this.#series(selectors, limit));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hooks.release();
  }

  async #selectExemplars(selectors: readonly Selector[]): Promise<SeriesExemplars[]> {
    const found: SeriesExemplars[] = [];
    const compiled = compileAll(selectors);
    const selections = this.#sources.map((source) => {
      const ids = union(compiled.map((matchers) => source.matchWithExemplars(matchers)));
      return selectedSeries(source, ids);
    });
    for (const { labels, members } of mergeSeries(selections)) {
      await this.#breathe();
      const exemplars = mergeExemplars(
        members.map(({ source, id }) => source.exemplars(id, this.#range)),
      );
      if (exemplars.length > 0) found.push({ labels, exemplars });
    }
    return found;
  }

  async #labelNames(selectors: readonly Selector[], limit?: number): Promise<string[]> {
    const compiled = compileAll(selectors);
    const names = new Set<string>();
    for (const source of this.#sources) {
      await this.#breathe();
      for (const name of labelNamesOf(source.index, this.#match(source, compiled))) names.add(name);
    }
    return sortedUpTo(names, limit);
  }

  async #labelValues(
    name: string,
    selectors: readonly Selector[],
    limit?: number,
  ): Promise<string[]> {
    const compiled = compileAll(selectors);
    const values = new Set<string>();
    for (const source of this.#sources) {
      await this.#breathe();
      const ids = this.#match(source, compiled);
      for (const value of labelValuesOf(source.index, name, ids)) values.add(value);
    }
    return sortedUpTo(values, limit);
  }

  async #series(
    selectors: readonly Selector[],
    limit: number = Number.POSITIVE_INFINITY,
  ): Promise<Labels[]> {
    const found: Labels[] = [];
    for (const { labels } of this.#mergedSeries(selectors)) {
      if (found.length >= limit) break;
      found.push(labels);
      if (performance.now() > this.#sliceEnd) await this.#breathe();
    }
    return found;
  }

  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw this.#noteDamage(error);
    }
  }

  #noteDamage(error: unknown): unknown {
    if (error instanceof PartCorruptError) this.#hooks.damaged(error);
    return error;
  }

  /** Ids of one source that match any of the selectors. */
  #match(source: Source, selectors: readonly (readonly CompiledMatcher[])[]): Uint32Array {
    return union(selectors.map((matchers) => source.match(matchers, this.#range)));
  }

  #mergedSeries(selectors: readonly Selector[]): Generator<MergedSeries<Source>> {
    if (this.#isClosed) throw new AppError('internal', 'TSDB_QUERIER_CLOSED', 'querier is closed');
    const compiled = compileAll(selectors);
    return mergeSeries(
      this.#sources.map((source) => selectedSeries(source, this.#match(source, compiled))),
    );
  }

  #readMerged(members: MergedSeries<Source>['members']): SampleColumns {
    const columns: SampleColumns[] = [];
    for (const { source, id } of members) {
      const read = source.read(id, this.#range);
      // Sources share scratch, so all but a single member's columns must be copied.
      if (read !== undefined && read.length > 0) {
        columns.push(members.length === 1 ? read : copyColumns(read));
      }
    }
    if (columns.length === 0) return NO_SAMPLES;
    if (columns.length === 1) return columns[0]!;
    this.#merged.reset();
    mergeByPriority(columns, this.#merged);
    return this.#merged.columns();
  }

  /** Lets other work run once the slice is used up; stops a query whose client has gone. */
  async #breathe(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted)
      throw new AppError('canceled', 'TSDB_QUERY_CANCELED', 'query was canceled');
    if (performance.now() <= this.#sliceEnd) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#sliceEnd = performance.now() + SLICE_MS;
  }
}

/** No selector at all selects everything. */
function compileAll(selectors: readonly Selector[]): (readonly CompiledMatcher[])[] {
  return selectors.length === 0 ? [[]] : selectors.map((matchers) => matchers.map(compileMatcher));
}

function selectedSeries(source: Source, ids: Uint32Array): SelectedSeries<Source> {
  return {
    source,
    ids: source.inLabelOrder(ids),
    labelsOf: (id) => source.index.seriesLabels(id),
  };
}

/** Bit-exact copy of the used rows. */
function copyColumns(columns: SampleColumns): SampleColumns {
  const { length } = columns;
  return {
    length,
    t: columns.t.slice(0, length),
    v: columns.v.slice(0, length),
    startT: columns.startT?.slice(0, length),
    histograms: columns.histograms?.slice(0, length),
  };
}

/** Ascending by time; an exemplar with equal time, value and labels is kept once. */
export function mergeExemplars(lists: readonly (readonly Exemplar[])[]): Exemplar[] {
  const seen = new Set<string>();
  const merged: Exemplar[] = [];
  for (const exemplar of lists.flat()) {
    const key = JSON.stringify([exemplar.t, String(exemplar.value), exemplar.labels]);
    if (seen.has(key)) continue;
    seen.add(key);
    merged.push(exemplar);
  }
  return merged.sort((a, b) => a.t - b.t);
}

function sortedUpTo(strings: Set<string>, limit = Number.POSITIVE_INFINITY): string[] {
  const sorted = [...strings].sort(compareStrings);
  return sorted.length > limit ? sorted.slice(0, limit) : sorted;
}
