// THE SEAM between everything that speaks a protocol or a language and everything that keeps data.
// A backend implements Storage; `conformance.ts` is the suite that every backend must pass.

import type { Exemplar } from '../model/exemplar.ts';
import type { Label, Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import type { SampleColumns } from '../model/sample.ts';
import type { TimeRange } from '../model/time-range.ts';
import type { StopSignal } from '../runtime/stop-signal.ts';
import type { ChangeLog } from './change-log.ts';
import type { DatabaseSettings, DatabaseUsage } from './database-settings.ts';
import type { Rejection } from './errors.ts';
import type { RowBatch } from './rows.ts';

/** The database that always exists. */
export const DEFAULT_DATABASE = 'default';

/** All databases of one store. */
export interface Storage {
  /** Names, sorted. */
  databaseNames(): string[];
  /** The named database, or undefined. */
  database(name: string): Database | undefined;
  /** Makes a database durable before it resolves. False if it existed. Throws STORAGE_DATABASE_NAME. */
  createDatabase(name: string): Promise<boolean>;
  /** Removes a database and all its data. False if there was none. `default` is emptied and stays. */
  dropDatabase(name: string): Promise<boolean>;
  /** A consistent copy of everything written so far, made by hard links; resolves to its folder name. */
  snapshot(): Promise<string>;
  /** Physically removes deleted samples from disk; resolves when done. */
  cleanTombstones(): Promise<void>;
  /** Moves everything in memory to its long-term place; resolves when done. */
  flush(): Promise<void>;
  /** Does the background merges that are due now instead of later; resolves when none is left. */
  merge(): Promise<void>;
  /** Figures for /metrics and the status pages. */
  stats(): StorageStats;
  /** Stops taking writes, makes memory durable and releases everything. Idempotent. */
  close(): Promise<void>;
}

/** One named space of series. */
export interface Database {
  readonly name: string;

  /**
   * Stores a batch. Resolves only when every accepted sample is durable and visible to new queriers.
   * Parts that can never be accepted are reported as rejections while the rest is stored. Rejects
   * with kind `unavailable` if nothing was stored (overload, full disk, shutting down).
   * The batch and its buffers may be reused once the promise settles.
   */
  write(batch: WriteBatch): Promise<WriteResult>;

  /**
   * The same for a body in a wire format that the backend can take as it came, without decoding it to
   * objects. Throws `bad_data` for a body that cannot be decoded, before anything is stored.
   * The body may be reused once the promise settles.
   */
  writeEncoded?(body: EncodedWrite): Promise<WriteResult>;

  /**
   * A consistent view of [minT, maxT]; must be closed. Later writes may or may not show in it. `checkpoint` is called
   * every few hundred steps of work on labels, and ends it by throwing; a backend that can never say
   * {@link mostSeries} need not call it.
   */
  querier(range: TimeRange, checkpoint?: () => void): Querier;

  /**
   * The same view for another thread of this process to open. A backend whose data cannot be read from
   * other threads leaves it out.
   */
  share?(range: TimeRange): SharedView;

  /**
   * What changes when, for caches of what was read. Asking for the first time starts the log. A backend that
   * keeps none leaves it out.
   */
  changes?(): ChangeFeed;

  /**
   * At most so many series match and have samples in range, known in microseconds and without looking at
   * any of them; Infinity if that cannot be said. A backend that can never say leaves it out.
   */
  mostSeries?(matchers: readonly Matcher[], range: TimeRange): number;

  /** Latest metadata by metric name, sorted by name; all metrics or one. */
  metadata(metric?: string): readonly MetricMetadata[];

  /** Deletes samples in the range of all series that match any of the matcher lists, durably. */
  deleteSamples(selectors: readonly (readonly Matcher[])[], range: TimeRange): Promise<void>;

  /** Figures of this database for `/api/v1/status/tsdb`; `limit` bounds each list. */
  cardinality(limit: number): Promise<Cardinality>;

  /** What lies in its long-term place, by time. A backend without such units leaves it out. */
  blocks?(): readonly StoredBlock[];

  /** How long samples are kept here, and how much may be taken. */
  readonly settings: DatabaseSettings;

  /** Changes them, durably before it resolves; they hold from then on. */
  configure(settings: DatabaseSettings): Promise<void>;

  usage(): DatabaseUsage;

  /** A small text that a layer above keeps here under a {@link isDocumentName} name; undefined if there is none. */
  document(name: string): string | undefined;

  /** Replaces such a text, durably before it resolves. It is dropped, and copied by snapshots, with the database. */
  putDocument(name: string, text: string): Promise<void>;
}

/** Reads one database over one time range. Every method sees the same range. */
export interface Querier {
  /**
   * Series that match all matchers and have at least one sample (or, with `exemplars`, exemplar) in
   * range, with their samples; sorted by labels. Throws STORAGE_INVALID_REGEXP.
   * An entry and its buffers are valid until the next one is asked for.
   */
  select(matchers: readonly Matcher[], hints?: SelectHints): AsyncIterable<SeriesEntry>;

  /**
   * Series that match all matchers and have samples in `range` (a part of the querier's), found but not
   * read: the caller decides which samples to decode and when. Valid until the querier is closed.
   * Throws STORAGE_INVALID_REGEXP.
   */
  selection(matchers: readonly Matcher[], range: TimeRange): Promise<SeriesSelection>;

  /** The same of series that match any of the lists (all series if none), in the querier's range. */
  selectionOfAny(selectors: readonly (readonly Matcher[])[]): Promise<SeriesSelection>;

  /**
   * The same of series that match any of the lists (all series if none), with those that have nothing but exemplars;
   * for who wants everything there is of them, however much that is.
   */
  wholeSelection(selectors: readonly (readonly Matcher[])[]): Promise<WholeSelection>;

  /** Exemplars of matching series, sorted by series labels, then time. */
  selectExemplars(selectors: readonly (readonly Matcher[])[]): Promise<SeriesExemplars[]>;

  /** Names of labels on series in range that match any of the lists (all series if none), sorted. */
  labelNames(selectors: readonly (readonly Matcher[])[], limit?: number): Promise<string[]>;

  /** Values of one label, likewise, sorted. */
  labelValues(
    name: string,
    selectors: readonly (readonly Matcher[])[],
    limit?: number,
  ): Promise<string[]>;

  /** Label sets of matching series in range, sorted, without reading samples. */
  series(selectors: readonly (readonly Matcher[])[], limit?: number): Promise<Labels[]>;

  /**
   * What was found out about matchers on the way that other threads can use: plain data for `SharedView.learn`, or
   * undefined. May be asked for when the querier has been closed.
   */
  findings?(): unknown;

  /** What reading has cost so far, where the backend counts. Grows until the querier is closed. */
  readonly stats?: SelectionStats;

  /** Releases files and memory the view holds. Idempotent; must not be called during iteration. */
  close(): void;
}

/** What a querier has done, in counts that are the same whenever the same is read in the same order. */
export interface SelectionStats {
  /** Series that selections have found. */
  readonly series: number;
  /** Encoded pieces of series that were decoded. */
  readonly chunks: number;
  /** Samples that reads have returned. */
  readonly samples: number;
  /** Pages read from files because no cache had them, and their bytes. */
  readonly pages: number;
  readonly bytes: number;
}

/** Found series, sorted by labels, to be read in any order without waiting. */
export interface SeriesSelection {
  readonly length: number;
  /** Labels of series `i`. */
  labels(i: number): Labels;
  /**
   * Samples of series `i` in [minT, maxT], a part of the selection's range; ascending, one row per
   * timestamp, stale markers included. The columns are valid until the next read of any selection of
   * the same querier. May find none.
   */
  read(i: number, minT: number, maxT: number): SampleColumns;
}

/** Found series with all that is kept of them. Some may turn out to have neither samples nor exemplars in range. */
export interface WholeSelection extends SeriesSelection {
  /** Outside of it series `i` has no samples; minT > maxT if it has none at all. */
  bounds(i: number): TimeRange;
  /** Exemplars of series `i` in range, ascending by time. */
  exemplars(i: number): readonly Exemplar[];
}

/** A view that holds its files and memory until it is released. */
export interface SharedView {
  /** Can be posted to a worker; the backend's own module opens it there as a Querier. */
  readonly descriptor: unknown;
  /** Call once, when no thread reads it any more. */
  release(): void;
  /** Takes what `findings` of a querier of this view gave; must not be called after `release`. */
  learn?(findings: unknown): void;
  /** A reader met damage: `path` and `message` as its error had them. Later views do without that file. */
  damaged(path: string, message: string): void;
}

export interface ChangeFeed {
  readonly log: ChangeLog;
  /** Of a view opened after this was asked, samples before this time may vanish with no change logged. */
  readonly keptFromT: number;
}

export interface SelectHints {
  /** Give up once the client has gone: checked between series. */
  readonly signal?: StopSignal;
}

export interface SeriesEntry {
  readonly labels: Labels;
  /** Ascending by time, one row per timestamp, clipped to the querier's range. */
  readonly samples: SampleColumns;
}

export interface SeriesExemplars {
  readonly labels: Labels;
  readonly exemplars: readonly Exemplar[];
}

/** What protocol decoders produce. Nothing in it has been checked yet but the wire format. */
export interface WriteBatch {
  readonly series: readonly BatchSeries[];
  /** More samples, written after those of `series`. */
  readonly rows?: RowBatch;
  readonly metadata: readonly MetricMetadata[];
  /** Refusals that decoding itself found (bad symbol refs, labels that are not UTF-8). */
  readonly rejections: readonly Rejection[];
}

export interface BatchSeries {
  /** Unchecked: any order, possibly with duplicates or empty values. */
  readonly labels: readonly Label[];
  /** In the order of arrival, which need not be the order of time. */
  readonly samples: SampleColumns;
  readonly exemplars: readonly Exemplar[];
}

export interface EncodedWrite {
  readonly format: 'remote-write-1' | 'remote-write-2';
  /** Snappy block as it came. */
  readonly body: Uint8Array;
}

/** What became of a write. Duplicates (same bits again) count as written. */
export interface WriteResult {
  readonly samplesWritten: number;
  readonly histogramsWritten: number;
  readonly exemplarsWritten: number;
  /** Refusals, at most {@link MAX_LISTED_REJECTIONS} listed one by one. */
  readonly rejections: readonly Rejection[];
  /** How many samples, histograms and exemplars were refused in all. */
  readonly rejectedTotal: number;
  /**
   * Indices into the batch's `series` of those of which a sample or histogram was refused, ascending; left out if
   * there are none.
   */
  readonly refusedSeries?: readonly number[];
}

/** A bad sender must not fill memory: past this many, refusals are only counted. */
export const MAX_LISTED_REJECTIONS = 100;

export interface Cardinality {
  readonly numSeries: number;
  readonly numLabelPairs: number;
  readonly chunkCount: number;
  readonly minT: number;
  readonly maxT: number;
  readonly seriesCountByMetricName: readonly NamedCount[];
  readonly labelValueCountByLabelName: readonly NamedCount[];
  readonly memoryInBytesByLabelName: readonly NamedCount[];
  readonly seriesCountByLabelValuePair: readonly NamedCount[];
}

/** A unit of long-term storage. */
export interface StoredBlock {
  /** Names this unit for as long as it is there, and never another one. */
  readonly id: string;
  readonly minT: number;
  readonly maxT: number;
  readonly series: number;
  readonly samples: number;
}

export interface NamedCount {
  readonly name: string;
  readonly value: number;
}

/** Plain figures, each exported as one metric `tidemark_<key in snake case>`. */
export interface StorageStats {
  /** Ever-growing counts since start. */
  readonly counters: Readonly<Record<string, number>>;
  /** Present levels. */
  readonly gauges: Readonly<Record<string, number>>;
}

const DATABASE_NAME = /^[A-Za-z0-9_:-][A-Za-z0-9_.:-]{0,63}$/;

/** True if a document may be called so; such a name is also a safe part of a file's name. */
export function isDocumentName(name: string): boolean {
  return /^[a-z][a-z0-9-]{0,31}$/.test(name);
}

/** True if a database may be called so; such a name is also a safe folder name. */
export function isDatabaseName(name: string): boolean {
  return DATABASE_NAME.test(name);
}
