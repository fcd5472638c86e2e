// Metrics of OpenTelemetry as series of Prometheus. A sink that decoders tell of a request; what cannot be stored
// is refused point by point, and everything else goes on.

import type { Exemplar } from '../../model/exemplar.ts';
import { type Label, METRIC_NAME, printLabels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import { staleHistogram } from '../../model/native-histogram-stale.ts';
import {
  type BatchSeries,
  MAX_LISTED_REJECTIONS,
  type WriteBatch,
} from '../../storage/interface.ts';
import { RejectionList } from '../remote-write/rejections.ts';
import { Cells, STALE_BITS } from './cells.ts';
import { addCounts } from './counts.ts';
import type { DeltaStreams } from './delta.ts';
import { convertExemplars, exemplarsByBucket } from './exemplars.ts';
import { isRefusal, type Refusal, SeriesLabels, withLabel } from './labels.ts';
import {
  MAX_ENTRIES_PER_REQUEST,
  MAX_SERIES_PER_REQUEST,
  tooManyEntries,
  tooManySeries,
} from './limits.ts';
import { describeMetric, type MetricDescription } from './metric-description.ts';
import type {
  Count,
  ExponentialPoint,
  HistogramPoint,
  Metric,
  MetricsSink,
  NumberPoint,
  OtlpExemplar,
  Point,
  Resource,
  Scope,
  SummaryPoint,
} from './model.ts';
import type { OtlpNames } from './names.ts';
import { customHistogram, exponentialHistogram } from './native-points.ts';
import { TARGET_INFO, TargetInfo } from './target-info.ts';
import { boundText } from './value-text.ts';

/** Longest print of a series in a refusal, in characters. */
const MAX_SHOWN = 300;
/** Warnings beyond these say nothing new. */
const MAX_WARNINGS = 5;

/** In {@link Translation.points}: a series that no point has asked for. */
export const NO_POINT = -1;

/** A request as a batch, and what is to be told to its sender. */
export interface Translation extends WriteBatch {
  /** By index of `series`: the number of the data point that it is part of, or {@link NO_POINT}. */
  readonly points: readonly number[];
  /** Data points of the request. */
  readonly pointCount: number;
  /** Data points of which nothing is in `series`; `rejections` say why. */
  readonly refusedPoints: number;
  /** What is odd about the request but cost nothing. */
  readonly warnings: readonly string[];
  /** Points whose time was cut to a millisecond. */
  readonly cutTimes: number;
  /** Integers that became the nearest double. */
  readonly roundedIntegers: number;
}

/** What one request brings besides its body. */
export interface TranslationContext {
  readonly extraLabels: readonly Label[];
  /** Needed with `deltas: 'accumulate'`. */
  readonly deltas?: DeltaStreams;
}

/** What all series of a point have. */
interface Row {
  readonly t: Float64Array;
  readonly startT: Float64Array | undefined;
  readonly isStale: boolean;
}

export class Translator implements MetricsSink {
  readonly #names: OtlpNames;
  readonly #deltas: DeltaStreams | undefined;
  readonly #labels: SeriesLabels;
  readonly #targetInfo: TargetInfo;
  readonly #cells = new Cells();
  readonly #series: BatchSeries[] = [];
  readonly #points: number[] = [];
  readonly #metadata = new Map<string, MetricMetadata>();
  readonly #rejections = new RejectionList();
  readonly #warnings = new Set<string>();
  #entries = 0;
  #pointCount = 0;
  #refusedPoints = 0;
  #cutTimes = 0;
  #roundedIntegers = 0;
  #metric: MetricDescription | undefined;
  #metricRefusal: Refusal | undefined;
  #shownMetric = '';
  #isKnownKind = true;
  #isMetadataKept = false;
  #metricPoints = 0;
  /** Times of the resource's points that are stored. */
  #minT = Number.POSITIVE_INFINITY;
  #maxT = Number.NEGATIVE_INFINITY;

  constructor(names: OtlpNames, { extraLabels, deltas }: TranslationContext) {
    this.#names = names;
    this.#deltas = deltas;
    this.#labels = new SeriesLabels(names, extraLabels);
    this.#targetInfo = new TargetInfo(names.options.lookbackDelta);
  }

  /** The whole request, once it has been decoded. */
  finish(): Translation {
    if (!this.#targetInfo.isEmpty) {
      this.#metadata.set(TARGET_INFO, {
        metric: TARGET_INFO,
        type: 'gauge',
        help: 'Target metadata',
        unit: '',
      });
      for (const series of this.#targetInfo.series()) this.#add(series, NO_POINT);
    }
    return {
      series: this.#series,
      metadata: [...this.#metadata.values()],
      rejections: this.#rejections.list(),
      points: this.#points,
      pointCount: this.#pointCount,
      refusedPoints: this.#refusedPoints,
      warnings: [...this.#warnings],
      cutTimes: this.#cutTimes,
      roundedIntegers: this.#roundedIntegers,
    };
  }

  beginResource(resource: Resource): void {
    this.#countEntry();
    this.#labels.beginResource(resource);
    this.#minT = Number.POSITIVE_INFINITY;
    this.#maxT = Number.NEGATIVE_INFINITY;
  }

  endResource(): void {
    if (this.#minT > this.#maxT) return;
    const labels = this.#labels.ofTarget();
    if (labels === undefined) return;
    if (isRefusal(labels)) this.#warn(`no ${TARGET_INFO} for a resource: ${labels.message}`);
    else this.#targetInfo.add(labels, this.#minT, this.#maxT);
  }

  beginScope(scope: Scope): void {
    this.#countEntry();
    this.#labels.beginScope(scope);
  }

  beginMetric(metric: Metric): void {
    this.#countEntry();
    this.#shownMetric = JSON.stringify((metric.name ?? '\ufffd').slice(0, 200));
    this.#metricPoints = 0;
    this.#isMetadataKept = false;
    this.#isKnownKind = metric.kind !== undefined;
    const known = describeMetric(metric, this.#names);
    this.#metric = 'reason' in known ? undefined : known;
    this.#metricRefusal = 'reason' in known ? known : undefined;
  }

  endMetric(): void {
    if (this.#metricPoints > 0) return;
    if (this.#isKnownKind) {
      this.#warn(`metric ${this.#shownMetric} has no data points`);
      return;
    }
    // What it holds, and how much, is not understood: one refusal, so that it is not lost in silence.
    this.#pointCount++;
    this.#refuse(this.#metricRefusal!, this.#shownMetric, NO_ITEMS);
  }

  numberPoint(point: NumberPoint): void {
    const labels = this.#begin(point, point.exemplars);
    if (labels === undefined) return;
    const { name, isAccumulated } = this.#metric!;
    let stored = point;
    if (isAccumulated && !point.isStale) {
      const total = this.#deltas!.addNumber(streamKey(name, labels), point);
      if ('reason' in total) {
        this.#refuse(total, this.#shown(name, labels), point);
        return;
      }
      stored = total;
    }
    if (point.isRounded) this.#roundedIntegers++;
    const row = this.#row(stored);
    const exemplars = this.#exemplars(point, labels);
    this.#addFloat(row, labels, name, this.#cells.ofBits(stored.value), exemplars);
  }

  histogramPoint(point: HistogramPoint): void {
    const labels = this.#begin(point, point.exemplars);
    if (labels === undefined) return;
    const { name, isAccumulated, isDelta } = this.#metric!;
    let stored = point;
    if (isAccumulated && !point.isStale) {
      const total = this.#deltas!.addHistogram(streamKey(name, labels), point);
      if ('reason' in total) {
        this.#refuse(total, this.#shown(name, labels), point);
        return;
      }
      stored = total;
    }
    const exemplars = this.#exemplars(point, labels);
    const row = this.#row(stored);
    if (!this.#names.options.convertHistogramsToNhcb) {
      this.#addClassic(row, labels, name, stored, exemplars);
      return;
    }
    const histogram = point.isStale ? staleHistogram('integer') : customHistogram(stored, isDelta);
    this.#addHistogram(row, labels, name, histogram, exemplars);
  }

  exponentialPoint(point: ExponentialPoint): void {
    const labels = this.#begin(point, point.exemplars);
    if (labels === undefined) return;
    const { name, isAccumulated, isDelta } = this.#metric!;
    let stored = point;
    if (isAccumulated && !point.isStale) {
      const total = this.#deltas!.addExponential(streamKey(name, labels), point);
      if ('reason' in total) {
        this.#refuse(total, this.#shown(name, labels), point);
        return;
      }
      stored = total;
    }
    const histogram = point.isStale
      ? staleHistogram('integer')
      : exponentialHistogram(stored, isDelta);
    if (typeof histogram === 'string') {
      const refusal: Refusal = { reason: 'invalid_histogram', message: histogram };
      this.#refuse(refusal, this.#shown(name, labels), point);
      return;
    }
    const row = this.#row(stored);
    this.#addHistogram(row, labels, name, histogram, this.#exemplars(point, labels));
  }

  summaryPoint(point: SummaryPoint): void {
    const labels = this.#begin(point, NO_ITEMS.exemplars);
    if (labels === undefined) return;
    const { name } = this.#metric!;
    const row = this.#row(point);
    this.#addFloat(row, labels, `${name}_sum`, this.#cells.ofBits(point.sum), []);
    this.#addFloat(row, labels, `${name}_count`, this.#countCell(point.count), []);
    for (const { quantile, value } of point.quantiles) {
      const own = withLabel(labels, 'quantile', boundText(quantile));
      this.#addFloat(row, own, name, this.#cells.ofBits(value), []);
    }
  }

  /** Counts a point and finds its labels; undefined if it is refused. */
  #begin(point: Point, exemplars: readonly OtlpExemplar[]): Label[] | undefined {
    this.#countEntry();
    this.#pointCount++;
    this.#metricPoints++;
    const metric = this.#metric;
    const found =
      metric === undefined
        ? this.#metricRefusal!
        : this.#labels.ofPoint(point.attributes, metric.labels);
    if (isRefusal(found)) {
      this.#refuse(found, this.#shownMetric, { exemplars });
      return undefined;
    }
    if (point.problem === undefined) return found;
    const broken: Refusal = { reason: 'invalid_histogram', message: point.problem };
    this.#refuse(broken, this.#shown(metric!.name, found), { exemplars });
    return undefined;
  }

  /** Columns of a point that is stored. */
  #row({ t, startT, isTimeCut, isStale }: Point): Row {
    if (!this.#isMetadataKept) {
      const { metadata } = this.#metric!;
      this.#metadata.set(metadata.metric, metadata);
      this.#isMetadataKept = true;
    }
    this.#minT = Math.min(this.#minT, t);
    this.#maxT = Math.max(this.#maxT, t);
    if (isTimeCut) this.#cutTimes++;
    return {
      t: this.#cells.ofTime(t),
      startT: startT === 0 ? undefined : this.#cells.ofTime(startT),
      isStale,
    };
  }

  /** Cumulative buckets, each a series with its upper bound. */
  #addClassic(
    row: Row,
    labels: readonly Label[],
    name: string,
    { count, sum, bounds, bucketCounts }: HistogramPoint,
    exemplars: readonly Exemplar[],
  ): void {
    if (sum !== undefined) this.#addFloat(row, labels, `${name}_sum`, this.#cells.ofBits(sum), []);
    this.#addFloat(row, labels, `${name}_count`, this.#countCell(count), []);
    const buckets = Math.min(bounds.length, bucketCounts.length);
    const byBucket = exemplarsByBucket(exemplars, bounds.slice(0, buckets));
    let below: Count = 0;
    for (let i = 0; i < buckets; i++) {
      below = addCounts(below, bucketCounts[i]!);
      const own = withLabel(labels, 'le', boundText(bounds[i]!));
      const cell = this.#countCell(below);
      this.#addFloat(row, own, `${name}_bucket`, cell, byBucket?.[i] ?? []);
    }
    const last = withLabel(labels, 'le', '+Inf');
    const cell = this.#countCell(count);
    this.#addFloat(row, last, `${name}_bucket`, cell, byBucket?.[buckets] ?? []);
  }

  #countCell(count: Count): Float64Array {
    const value = Number(count);
    if (typeof count === 'bigint' && BigInt(value) !== count) this.#roundedIntegers++;
    return this.#cells.ofNumber(value);
  }

  #addFloat(
    row: Row,
    labels: readonly Label[],
    name: string,
    v: Float64Array,
    exemplars: readonly Exemplar[],
  ): void {
    const { t, startT } = row;
    const value = row.isStale ? this.#cells.ofBits(STALE_BITS) : v;
    const samples = { length: 1, t, v: value, startT, histograms: undefined };
    const named = withLabel(labels, METRIC_NAME, name);
    this.#add({ labels: named, samples, exemplars }, this.#pointCount - 1);
  }

  #addHistogram(
    { t, startT }: Row,
    labels: readonly Label[],
    name: string,
    histogram: NativeHistogram,
    exemplars: readonly Exemplar[],
  ): void {
    const samples = { length: 1, t, v: NO_VALUE, startT, histograms: [histogram] };
    const named = withLabel(labels, METRIC_NAME, name);
    this.#add({ labels: named, samples, exemplars }, this.#pointCount - 1);
  }

  #add(series: BatchSeries, point: number): void {
    if (this.#series.length >= MAX_SERIES_PER_REQUEST) throw tooManySeries();
    this.#series.push(series);
    this.#points.push(point);
  }

  /** Exemplars of a point that is stored; those that are broken are refused alone. */
  #exemplars(
    { exemplars: given, t }: { readonly exemplars: readonly OtlpExemplar[]; readonly t: number },
    labels: readonly Label[],
  ): readonly Exemplar[] {
    const { exemplars, refused, problem } = convertExemplars(given, t);
    if (refused > 0) {
      this.#rejections.add({
        reason: 'invalid_exemplar',
        series: this.#shown(this.#metric!.name, labels),
        message: `an exemplar was refused: ${problem}`,
        samples: 0,
        histograms: 0,
        exemplars: refused,
      });
    }
    return exemplars;
  }

  #refuse(
    { reason, message }: Refusal,
    series: string,
    { exemplars }: { readonly exemplars: readonly OtlpExemplar[] },
  ): void {
    this.#refusedPoints++;
    this.#rejections.add({
      reason,
      series,
      message,
      samples: 1,
      histograms: 0,
      exemplars: exemplars.length,
    });
  }

  #countEntry(): void {
    if (++this.#entries > MAX_ENTRIES_PER_REQUEST) throw tooManyEntries();
  }

  /** A series in a refusal; '' once there are so many refusals that they are only counted. */
  #shown(name: string, labels: readonly Label[]): string {
    if (this.#refusedPoints > MAX_LISTED_REJECTIONS) return '';
    const print = printLabels(withLabel(labels, METRIC_NAME, name));
    return print.length <= MAX_SHOWN ? print : `${print.slice(0, MAX_SHOWN)}…`;
  }

  #warn(text: string): void {
    if (this.#warnings.size < MAX_WARNINGS) this.#warnings.add(text);
  }
}

/** Of rows with a histogram. */
const NO_VALUE = new Float64Array(1);

const NO_ITEMS: { readonly exemplars: readonly OtlpExemplar[] } = { exemplars: [] };

function streamKey(name: string, labels: readonly Label[]): string {
  return labels.reduce((key, label) => `${key}\0${label.name}\0${label.value}`, name);
}
