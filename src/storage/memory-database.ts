// One database of the in-memory store: plain maps, no index. The seam's rules at their simplest.

import type { Exemplar } from '../model/exemplar.ts';
import type { Labels } from '../model/labels.ts';
import { compareLabels, compareStrings, labelValue, METRIC_NAME } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import { isStaleHistogram } from '../model/native-histogram-stale.ts';
import type { SampleColumns } from '../model/sample.ts';
import { isStaleBits } from '../model/stale.ts';
import type { TimeRange } from '../model/time-range.ts';
import { AppError } from '../runtime/error.ts';
import type { AdmissionLimits, AdmittedSeries } from './admission.ts';
import { admitSeries, refuseForQuota } from './admission.ts';
import {
  type DatabaseSettings,
  type DatabaseUsage,
  DEFAULT_DATABASE_SETTINGS,
} from './database-settings.ts';
import type {
  BatchSeries,
  Cardinality,
  Database,
  NamedCount,
  Querier,
  SelectHints,
  SeriesEntry,
  SeriesExemplars,
  SeriesSelection,
  WholeSelection,
  WriteBatch,
  WriteResult,
} from './interface.ts';
import { compileMatchers } from './label-matcher.ts';
import { QuotaGate } from './quota-gate.ts';
import { RejectionCollector } from './rejections.ts';
import { groupRows } from './rows.ts';

/** A float as its two halves, so that no NaN loses its payload, or a histogram. */
interface MemorySample {
  readonly low: number;
  readonly high: number;
  readonly startT: number;
  readonly histogram: NativeHistogram | undefined;
}

interface MemorySeries {
  readonly labels: Labels;
  readonly samples: Map<number, MemorySample>;
  readonly exemplars: Map<string, Exemplar>;
}

type Selectors = readonly (readonly Matcher[])[];

/** What a database asks of its store. */
export interface MemoryDatabaseOptions {
  readonly limits: AdmissionLimits;
  /** Present time in ms. */
  readonly now: () => number;
  /** Throws if nothing may be written any more. */
  readonly checkWritable: () => void;
}

export class MemoryDatabase implements Database {
  readonly name: string;
  readonly #options: MemoryDatabaseOptions;
  readonly #series = new Map<string, MemorySeries>();
  readonly #metadata = new Map<string, MetricMetadata>();

  readonly #documents = new Map<string, string>();
  readonly #gate: QuotaGate;
  #settings: DatabaseSettings = DEFAULT_DATABASE_SETTINGS;

  constructor(name: string, options: MemoryDatabaseOptions) {
    this.name = name;
    this.#options = options;
    this.#gate = new QuotaGate(name, options.now, 0);
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  async write(batch: WriteBatch): Promise<WriteResult> {
    const { now, checkWritable } = this.#options;
    checkWritable();
    const limits = this.#limits();
    const rejections = new RejectionCollector();
    rejections.addAll(batch.rejections);
    let samplesWritten = 0;
    let histogramsWritten = 0;
    let exemplarsWritten = 0;
    const accepted: AdmittedSeries[] = [];
    const added = new Set<string>();
    const rows = batch.rows === undefined ? [] : groupRows(batch.rows);
    const admit = (given: BatchSeries): void => {
      const admitted = admitSeries(given, limits, now());
      rejections.addAll(admitted.rejections);
      if (admitted.samples.length === 0 && admitted.exemplars.length === 0) return;
      const key = seriesKey(admitted.labels);
      const isNew = !this.#series.has(key) && !added.has(key);
      const active = (): number => this.#series.size + added.size;
      const refusal = isNew ? this.#gate.admitNewSeries(active) : undefined;
      if (refusal !== undefined) {
        rejections.add(refuseForQuota(admitted, refusal));
        return;
      }
      if (isNew) added.add(key);
      accepted.push(admitted);
    };
    for (const [i, given] of batch.series.entries()) {
      const before = rejections.rows;
      admit(given);
      if (rejections.rows > before) rejections.addSeries(i);
    }
    for (const given of rows) admit(given);
    this.#gate.admitSamples(accepted.reduce((sum, { samples }) => sum + samples.length, 0));
    for (const _ of added) this.#gate.seriesAdded();
    for (const admitted of accepted) {
      const histograms = this.#store(admitted);
      histogramsWritten += histograms;
      samplesWritten += admitted.samples.length - histograms;
      exemplarsWritten += admitted.exemplars.length;
    }
    for (const entry of batch.metadata) this.#metadata.set(entry.metric, { ...entry });
    return {
      samplesWritten,
      histogramsWritten,
      exemplarsWritten,
      ...rejections.result(),
    };
  }

  querier(range: TimeRange): Querier {
    return new MemoryQuerier(this, range);
  }

  metadata(metric?: string): readonly MetricMetadata[] {
    return [...this.#metadata.values()]
      .filter((entry) => metric === undefined || entry.metric === metric)
      .sort((a, b) => compareStrings(a.metric, b.metric));
  }

  async deleteSamples(selectors: Selectors, range: TimeRange): Promise<void> {
    this.#options.checkWritable();
    const matching = selectors.length === 0 ? [] : this.matchingSeries(selectors);
    for (const { labels, samples, exemplars } of matching) {
      for (const t of samples.keys()) if (isIn(t, range)) samples.delete(t);
      for (const [key, { t }] of exemplars) if (isIn(t, range)) exemplars.delete(key);
      if (samples.size === 0 && exemplars.size === 0) this.#series.delete(seriesKey(labels));
    }
  }

  get settings(): DatabaseSettings {
    return this.#settings;
  }

  async configure(settings: DatabaseSettings): Promise<void> {
    this.#options.checkWritable();
    this.#settings = settings;
    this.#gate.configure(settings.quotas);
  }

  usage(): DatabaseUsage {
    const { samplesWritten, newSeries, refusals } = this.#gate;
    const activeSeries = this.#series.size;
    return { activeSeries, diskBytes: 0, storedSamples: 0, samplesWritten, newSeries, refusals };
  }

  #limits(): AdmissionLimits {
    const { limits } = this.#options;
    const { retentionMs = limits.retentionMs } = this.#settings;
    return { ...limits, retentionMs };
  }

  document(name: string): string | undefined {
    return this.#documents.get(name);
  }

  async putDocument(name: string, text: string): Promise<void> {
    this.#options.checkWritable();
    this.#documents.set(name, text);
  }

  /** Forgets everything. */
  clear(): void {
    this.#series.clear();
    this.#metadata.clear();
    this.#documents.clear();
    this.#settings = DEFAULT_DATABASE_SETTINGS;
    this.#gate.configure(this.#settings.quotas);
  }

  /** Series that match any selector, all if there is none; sorted by labels. */
  matchingSeries(selectors: Selectors): MemorySeries[] {
    const lists = selectors.map(compileMatchers);
    return [...this.#series.values()]
      .filter(({ labels }) => {
        const fits = (list: (typeof lists)[number]): boolean =>
          list.every((matcher) => matcher.matches(labelValue(labels, matcher.name)));
        return lists.length === 0 || lists.some(fits);
      })
      .sort((a, b) => compareLabels(a.labels, b.labels));
  }

  async cardinality(limit: number): Promise<Cardinality> {
    const byMetric = new Map<string, number>();
    const valuesByName = new Map<string, Set<string>>();
    const bytesByName = new Map<string, number>();
    const byPair = new Map<string, number>();
    const times: number[] = [];
    for (const { labels, samples } of this.#series.values()) {
      for (const { name, value } of labels) {
        valuesByName.set(name, (valuesByName.get(name) ?? new Set()).add(value));
        const bytes = Buffer.byteLength(name) + Buffer.byteLength(value);
        bytesByName.set(name, (bytesByName.get(name) ?? 0) + bytes);
        increment(byPair, `${name}=${value}`);
      }
      increment(byMetric, labelValue(labels, METRIC_NAME));
      for (const t of samples.keys()) times.push(t);
    }
    const valueCounts = [...valuesByName].map(([name, set]) => [name, set.size] as const);
    return {
      numSeries: this.#series.size,
      numLabelPairs: byPair.size,
      chunkCount: this.#series.size,
      minT: times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      maxT: times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
      seriesCountByMetricName: largest(byMetric, limit),
      labelValueCountByLabelName: largest(valueCounts, limit),
      memoryInBytesByLabelName: largest(bytesByName, limit),
      seriesCountByLabelValuePair: largest(byPair, limit),
    };
  }

  /** Stores what was admitted; returns how many rows were histograms. */
  #store({ labels, samples, exemplars }: AdmittedSeries): number {
    if (samples.length === 0 && exemplars.length === 0) return 0;
    const series = this.#openSeries(labels);
    const halves = halvesOf(samples.v);
    let histograms = 0;
    for (let i = 0; i < samples.length; i++) {
      const histogram = samples.histograms?.[i];
      if (histogram !== undefined) histograms++;
      const sample = {
        low: histogram === undefined ? halves[2 * i]! : 0,
        high: histogram === undefined ? halves[2 * i + 1]! : 0,
        startT: samples.startT?.[i] ?? 0,
        histogram,
      };
      const t = samples.t[i]!;
      const old = series.samples.get(t);
      // The later arrival wins, but a stale marker never replaces a number.
      if (old === undefined || !isStale(sample) || isStale(old)) series.samples.set(t, sample);
    }
    for (const exemplar of exemplars) {
      const key = JSON.stringify([exemplar.t, String(exemplar.value), exemplar.labels]);
      series.exemplars.set(key, exemplar);
    }
    return histograms;
  }

  #openSeries(labels: Labels): MemorySeries {
    const key = seriesKey(labels);
    let series = this.#series.get(key);
    if (series === undefined) {
      // The batch may be reused, so its labels are copied.
      const copy = labels.map(({ name, value }) => ({ name, value }));
      series = { labels: copy, samples: new Map(), exemplars: new Map() };
      this.#series.set(key, series);
    }
    return series;
  }
}

class MemoryQuerier implements Querier {
  readonly #database: MemoryDatabase;
  readonly #range: TimeRange;

  constructor(database: MemoryDatabase, range: TimeRange) {
    this.#database = database;
    this.#range = range;
  }

  async *select(matchers: readonly Matcher[], hints?: SelectHints): AsyncGenerator<SeriesEntry> {
    for (const series of this.#seriesInRange([matchers])) {
      if (hints?.signal?.aborted) {
        throw new AppError('canceled', 'STORAGE_QUERY_CANCELED', 'query was canceled');
      }
      yield { labels: series.labels, samples: columnsIn(series, this.#range) };
    }
  }

  async selection(matchers: readonly Matcher[], range: TimeRange): Promise<SeriesSelection> {
    return this.#selectionIn([matchers], range);
  }

  async selectionOfAny(selectors: Selectors): Promise<SeriesSelection> {
    return this.#selectionIn(selectors, this.#range);
  }

  async wholeSelection(selectors: Selectors): Promise<WholeSelection> {
    const found = this.#database.matchingSeries(selectors);
    const { minT, maxT } = this.#range;
    return {
      length: found.length,
      labels: (i) => found[i]!.labels,
      read: (i, from, to) =>
        columnsIn(found[i]!, { minT: Math.max(from, minT), maxT: Math.min(to, maxT) }),
      bounds: (i) => boundsOf(found[i]!, this.#range),
      exemplars: (i) => exemplarsIn(found[i]!, this.#range),
    };
  }

  async selectExemplars(selectors: Selectors): Promise<SeriesExemplars[]> {
    const found: SeriesExemplars[] = [];
    for (const series of this.#database.matchingSeries(selectors)) {
      const exemplars = exemplarsIn(series, this.#range);
      if (exemplars.length > 0) found.push({ labels: series.labels, exemplars });
    }
    return found;
  }

  async labelNames(selectors: Selectors, limit?: number): Promise<string[]> {
    const labels = this.#seriesInRange(selectors).flatMap((series) => series.labels);
    return sortedDistinct(labels.map((label) => label.name)).slice(0, limit);
  }

  async labelValues(name: string, selectors: Selectors, limit?: number): Promise<string[]> {
    const labels = this.#seriesInRange(selectors).flatMap((series) => series.labels);
    const ofName = labels.filter((label) => label.name === name);
    return sortedDistinct(ofName.map((label) => label.value)).slice(0, limit);
  }

  async series(selectors: Selectors, limit?: number): Promise<Labels[]> {
    return this.#seriesInRange(selectors)
      .slice(0, limit)
      .map((series) => series.labels);
  }

  close(): void {}

  #selectionIn(selectors: Selectors, range: TimeRange): SeriesSelection {
    const within = (minT: number, maxT: number): TimeRange => ({
      minT: Math.max(minT, range.minT, this.#range.minT),
      maxT: Math.min(maxT, range.maxT, this.#range.maxT),
    });
    const found = this.#seriesIn(selectors, within(range.minT, range.maxT));
    return {
      length: found.length,
      labels: (i) => found[i]!.labels,
      read: (i, minT, maxT) => columnsIn(found[i]!, within(minT, maxT)),
    };
  }

  #seriesInRange(selectors: Selectors): MemorySeries[] {
    return this.#seriesIn(selectors, this.#range);
  }

  #seriesIn(selectors: Selectors, range: TimeRange): MemorySeries[] {
    return this.#database.matchingSeries(selectors).filter(({ samples }) => {
      for (const t of samples.keys()) if (isIn(t, range)) return true;
      return false;
    });
  }
}

function columnsIn(series: MemorySeries, range: TimeRange): SampleColumns {
  const rows = [...series.samples].filter(([t]) => isIn(t, range)).sort((a, b) => a[0] - b[0]);
  const length = rows.length;
  const v = new Float64Array(length);
  const halves = halvesOf(v);
  rows.forEach(([, { low, high }], i) => {
    halves[2 * i] = low;
    halves[2 * i + 1] = high;
  });
  const hasStartT = rows.some(([, { startT }]) => startT !== 0);
  const hasHistograms = rows.some(([, { histogram }]) => histogram !== undefined);
  return {
    length,
    t: Float64Array.from(rows, ([t]) => t),
    v,
    startT: hasStartT ? Float64Array.from(rows, ([, { startT }]) => startT) : undefined,
    histograms: hasHistograms ? rows.map(([, { histogram }]) => histogram) : undefined,
  };
}

function boundsOf({ samples }: MemorySeries, range: TimeRange): TimeRange {
  let minT = Number.POSITIVE_INFINITY;
  let maxT = Number.NEGATIVE_INFINITY;
  for (const t of samples.keys()) {
    minT = Math.min(minT, t);
    maxT = Math.max(maxT, t);
  }
  return { minT: Math.max(minT, range.minT), maxT: Math.min(maxT, range.maxT) };
}

function exemplarsIn({ exemplars }: MemorySeries, range: TimeRange): Exemplar[] {
  return [...exemplars.values()].filter(({ t }) => isIn(t, range)).sort((a, b) => a.t - b.t);
}

/** The column as 32-bit halves: low, high, low, high… */
function halvesOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

function isStale({ low, high, histogram }: MemorySample): boolean {
  return histogram === undefined ? isStaleBits(high, low) : isStaleHistogram(histogram);
}

function isIn(t: number, { minT, maxT }: TimeRange): boolean {
  return t >= minT && t <= maxT;
}

function seriesKey(labels: Labels): string {
  return JSON.stringify(labels.map(({ name, value }) => [name, value]));
}

function sortedDistinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort(compareStrings);
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function largest(counts: Iterable<readonly [string, number]>, limit: number): NamedCount[] {
  return [...counts]
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => b.value - a.value || compareStrings(a.name, b.name))
    .slice(0, limit);
}
