// The engine's Querier: a consistent set of sources, merged by labels and, per series, by priority.

import type { Labels } from '../../model/labels.ts';
import { compareStrings } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { AppError } from '../../runtime/error.ts';
import { Slices } from '../../runtime/slices.ts';
import type { StopSignal } from '../../runtime/stop-signal.ts';
import type {
  Querier,
  SelectHints,
  SelectionStats,
  SeriesEntry,
  SeriesExemplars,
  SeriesSelection,
  WholeSelection,
} from '../../storage/interface.ts';
import { type CompiledMatcher, compileMatcher } from '../../storage/label-matcher.ts';
import { querierClosed } from '../errors.ts';
import type { Matched } from '../index/label-index.ts';
import { labelNamesOf, labelValuesOf } from '../index/label-match.ts';
import { union } from '../index/postings.ts';
import { PartCorruptError } from '../partition/errors.ts';
import { MemberReader } from './member-reader.ts';
import { mergeExemplars } from './merge-exemplars.ts';
import { QuerierStats } from './querier-stats.ts';
import { TsdbSelection } from './series-selection.ts';
import type { Source } from './source.ts';
import { TsdbWholeSelection } from './whole-selection.ts';

type Selector = readonly Matcher[];

/** What one of a view's sources is known to have for a matcher. */
export interface Finding {
  /** Of the source among the view's sections and, after them, heads. */
  readonly place: number;
  /** The matcher's. */
  readonly key: string;
  readonly matched: Matched;
}

export interface QuerierHooks {
  /** Gives back the pins on files and generations; called once. */
  release(): void;
  /** A part turned out to be damaged; this query fails, later ones should do without it. */
  damaged(error: PartCorruptError): void;
  /** Called every few milliseconds while labels are looked through; what it throws ends that. */
  checkpoint?(): void;
}

/** Matchers of one querier whose findings are told, and findings of all: where there are more, nothing is small. */
const MAX_JUDGED = 8;
const MAX_FINDINGS = 64;
/** Most of them take a microsecond each, some a hundred. */
const VALUES_PER_CHECKPOINT = 256;

export class TsdbQuerier implements Querier {
  readonly #range: TimeRange;
  /** Lowest priority first. */
  readonly #sources: readonly Source[];
  readonly #places: readonly number[];
  readonly #hooks: QuerierHooks;
  readonly #checkpoint: () => void;
  readonly #reader: MemberReader;
  readonly #stats = new QuerierStats();
  readonly #slices = new Slices();
  /** Whose verdicts on values are worth knowing elsewhere, the first few of them. */
  readonly #judged: CompiledMatcher[] = [];
  #isClosed = false;

  /** `places`: what findings call the sources; their order, if left out. */
  constructor(
    range: TimeRange,
    sources: readonly Source[],
    hooks: QuerierHooks,
    places: readonly number[] = sources.map((_, i) => i),
  ) {
    this.#range = range;
    this.#places = places;
    this.#sources = sources;
    this.#hooks = hooks;
    this.#checkpoint = () => hooks.checkpoint?.();
    this.#reader = new MemberReader(this.#stats, (error) => this.#noteDamage(error));
  }

  async *select(matchers: Selector, hints?: SelectHints): AsyncGenerator<SeriesEntry> {
    const { minT, maxT } = this.#range;
    try {
      const found = this.#find([matchers], this.#range);
      for (let i = 0; i < found.length; i++) {
        await this.#breathe(hints?.signal);
        const samples = found.read(i, minT, maxT);
        if (samples.length > 0) yield { labels: found.labels(i), samples };
      }
    } catch (error) {
      throw this.#noteDamage(error);
    }
  }

  selection(matchers: Selector, range: TimeRange): Promise<SeriesSelection> {
    const minT = Math.max(range.minT, this.#range.minT);
    const maxT = Math.min(range.maxT, this.#range.maxT);
    return this.#reading(async () => this.#find([matchers], { minT, maxT }));
  }

  selectionOfAny(selectors: readonly Selector[]): Promise<SeriesSelection> {
    return this.#reading(async () => this.#find(selectors, this.#range));
  }

  wholeSelection(selectors: readonly Selector[]): Promise<WholeSelection> {
    return this.#reading(async () => this.#findWhole(selectors));
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

  findings(): Finding[] | undefined {
    const found: Finding[] = [];
    for (const matcher of this.#judged) {
      for (const [i, { index }] of this.#sources.entries()) {
        const matched = index.matched(matcher);
        const place = this.#places[i]!;
        if (matched !== undefined) found.push({ place, key: matcher.key, matched });
      }
    }
    return found.length === 0 || found.length > MAX_FINDINGS ? undefined : found;
  }

  get stats(): SelectionStats {
    return this.#stats;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reader.close();
    this.#hooks.release();
  }

  async #selectExemplars(selectors: readonly Selector[]): Promise<SeriesExemplars[]> {
    const found: SeriesExemplars[] = [];
    const compiled = this.#compile(selectors);
    const ids = this.#sources.map((source) =>
      union(compiled.map((matchers) => source.matchWithExemplars(matchers))),
    );
    const selection = new TsdbSelection(this.#sources, ids, this.#range, this.#reader);
    for (let i = 0; i < selection.length; i++) {
      await this.#breathe();
      const lists = selection.members(i).map(({ source, id }) => source.exemplars(id, this.#range));
      const exemplars = mergeExemplars(lists);
      if (exemplars.length > 0) found.push({ labels: selection.labels(i), exemplars });
    }
    return found;
  }

  async #labelNames(selectors: readonly Selector[], limit?: number): Promise<string[]> {
    const compiled = this.#compile(selectors);
    const lists: string[][] = [];
    for (const source of this.#sources) {
      await this.#breathe();
      lists.push(
        isEverything(compiled)
          ? source.labelNames(this.#range, this.#checkpoint)
          : labelNamesOf(source.index, this.#match(source, compiled, this.#range)),
      );
    }
    return mergeSorted(lists, limit);
  }

  async #labelValues(
    name: string,
    selectors: readonly Selector[],
    limit: number = Number.POSITIVE_INFINITY,
  ): Promise<string[]> {
    const compiled = this.#compile(selectors);
    const lists: string[][] = [];
    for (const source of this.#sources) {
      await this.#breathe();
      lists.push(
        isEverything(compiled)
          ? source.labelValues(name, this.#range, limit, this.#checkpoint)
          : labelValuesOf(source.index, name, this.#match(source, compiled, this.#range)),
      );
    }
    return mergeSorted(lists, limit);
  }

  async #series(
    selectors: readonly Selector[],
    limit: number = Number.POSITIVE_INFINITY,
  ): Promise<Labels[]> {
    const selection = this.#find(selectors, this.#range);
    const found: Labels[] = [];
    for (let i = 0; i < selection.length && i < limit; i++) {
      found.push(selection.labels(i));
      if (this.#slices.isOver) await this.#breathe();
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

  #compile(selectors: readonly Selector[]): (readonly CompiledMatcher[])[] {
    const compiled = compileAll(selectors);
    for (const matcher of compiled.flat()) this.#noteJudged(matcher);
    const checkpoint = this.#checkpoint;
    return compiled.map((matchers) => matchers.map((matcher) => watched(matcher, checkpoint)));
  }

  /** Keeps what {@link findings} may tell of: a pattern that an absent label does not fit. */
  #noteJudged(matcher: CompiledMatcher): void {
    const { key, exact, fitsEveryValue, matchesEmpty } = matcher;
    if (exact !== undefined || fitsEveryValue || matchesEmpty) return;
    const judged = this.#judged;
    if (judged.length === MAX_JUDGED || judged.some((known) => known.key === key)) return;
    judged.push(matcher);
  }

  /** Ids of one source that match any of the selectors. */
  #match(
    source: Source,
    selectors: readonly (readonly CompiledMatcher[])[],
    range: TimeRange,
  ): Uint32Array {
    return union(selectors.map((matchers) => source.match(matchers, range)));
  }

  #find(selectors: readonly Selector[], range: TimeRange): TsdbSelection {
    if (this.#isClosed) throw querierClosed();
    const compiled = this.#compile(selectors);
    this.#stats.begin();
    const found = this.#sources.map((source) => this.#match(source, compiled, range));
    const selection = new TsdbSelection(this.#sources, found, range, this.#reader);
    this.#stats.end();
    this.#stats.series += selection.length;
    return selection;
  }

  #findWhole(selectors: readonly Selector[]): TsdbWholeSelection {
    if (this.#isClosed) throw querierClosed();
    const compiled = this.#compile(selectors);
    this.#stats.begin();
    const found = this.#sources.map((source) =>
      union([
        this.#match(source, compiled, this.#range),
        ...compiled.map((matchers) => source.matchWithExemplars(matchers)),
      ]),
    );
    const selection = new TsdbSelection(this.#sources, found, this.#range, this.#reader);
    this.#stats.end();
    this.#stats.series += selection.length;
    return new TsdbWholeSelection(selection, this.#range);
  }

  /** Lets others work now and then; stops a query whose client has gone. */
  async #breathe(signal?: StopSignal): Promise<void> {
    if (signal?.aborted)
      throw new AppError('canceled', 'TSDB_QUERY_CANCELED', 'query was canceled');
    await this.#slices.breathe();
  }
}

/** No selector at all selects everything. */
function compileAll(selectors: readonly Selector[]): (readonly CompiledMatcher[])[] {
  return selectors.length === 0 ? [[]] : selectors.map((matchers) => matchers.map(compileMatcher));
}

/** Does one of the selectors match all series? */
function isEverything(selectors: readonly (readonly CompiledMatcher[])[]): boolean {
  return selectors.some((matchers) => matchers.length === 0);
}

function watched(matcher: CompiledMatcher, checkpoint: () => void): CompiledMatcher {
  let asked = 0;
  return {
    ...matcher,
    matches: (value) => {
      if (++asked % VALUES_PER_CHECKPOINT === 0) checkpoint();
      return matcher.matches(value);
    },
  };
}

/** The distinct texts of lists that are sorted, the first `limit` of them. */
function mergeSorted(lists: readonly string[][], limit = Number.POSITIVE_INFINITY): string[] {
  let merged = lists.map((list) => list.slice(0, limit));
  while (merged.length > 1) {
    const pairs: string[][] = [];
    for (let i = 0; i < merged.length; i += 2) {
      const [a, b] = [merged[i]!, merged[i + 1]];
      pairs.push(b === undefined ? a : mergeTwo(a, b, limit));
    }
    merged = pairs;
  }
  return merged[0] ?? [];
}

function mergeTwo(a: readonly string[], b: readonly string[], limit: number): string[] {
  const merged: string[] = [];
  let [i, j] = [0, 0];
  while (merged.length < limit && (i < a.length || j < b.length)) {
    const order = i === a.length ? 1 : j === b.length ? -1 : compareStrings(a[i]!, b[j]!);
    merged.push(order <= 0 ? a[i]! : b[j]!);
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return merged;
}
