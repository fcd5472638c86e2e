// Where decoders of a stream put what they find: float samples as rows, everything else as series; bad
// lines and what the model cannot hold are counted. Nothing is allocated per row.

import type { Exemplar } from '../model/exemplar.ts';
import type { Label } from '../model/labels.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import type { SampleColumns } from '../model/sample.ts';
import { NORMAL_NAN_HIGH, NORMAL_NAN_LOW } from '../model/stale.ts';
import type { Rejection } from '../storage/errors.ts';
import { type BatchSeries, MAX_LISTED_REJECTIONS, type WriteBatch } from '../storage/interface.ts';
import { groupRows, type LabelSource, type RowBatch, RowSeries } from '../storage/rows.ts';

/** Bad lines past this many are only counted. */
const MAX_LISTED_LINES = 100;
const INITIAL_ROWS = 1024;
/** Buffers kept for collectors to come: 6 MB at most. Larger ones are those of an exceptional batch. */
const MAX_SPARE = 8;
const MAX_SPARE_ROWS = 32_768;

/** Why something was stored as less than what was sent, or not at all; also the `reason` label of a counter. */
export const LOSS_REASONS = [
  /** The time was finer than a millisecond and was cut; of points in one millisecond the last is kept. */
  'time_below_millisecond',
  /** An integer beyond ±2^53 was rounded to the nearest double. */
  'integer_rounded',
  /** A text was left out. */
  'string_dropped',
  /** A text was stored as 0. */
  'string_as_zero',
  /** A boolean was stored as 1 or 0. */
  'boolean_as_number',
  /** Not a number, which the protocol's own receivers leave out, too. */
  'nan_dropped',
] as const;
export type LossReason = (typeof LOSS_REASONS)[number];
export type Losses = Record<LossReason, number>;

export interface LineProblem {
  /** From 1; for formats without lines, the number of the element. */
  readonly line: number;
  readonly message: string;
}

interface Columns {
  readonly series: (RowSeries | undefined)[];
  t: Float64Array;
  v: Float64Array;
}

/** Of collectors that have not begun. */
const NO_COLUMNS: Columns = { series: [], t: new Float64Array(0), v: new Float64Array(0) };
/** Of all collectors of a thread, since most serve but one request. */
const spare: Columns[] = [];

/** What was not stored as it was sent. */
export interface CollectedProblems {
  /** Lines refused. */
  readonly badLines: number;
  /** What was wrong with the first 100 of them. */
  readonly listed: readonly LineProblem[];
  readonly losses: Readonly<Losses>;
}

export class RowCollector {
  /** What the model cannot hold, since {@link takeProblems}; decoders count here. */
  losses: Losses = noLosses();
  readonly #extraLabels: readonly Label[];
  readonly #extraNames: ReadonlySet<string>;
  #rows = 0;
  #columns: Columns = NO_COLUMNS;
  #series: BatchSeries[] = [];
  #seriesSamples = 0;
  #metadata: MetricMetadata[] = [];
  #rejections: Rejection[] = [];
  #badLines = 0;
  #problems: LineProblem[] = [];

  /** `extraLabels` are set on every series, over what the sender says. */
  constructor(extraLabels: readonly Label[] = []) {
    this.#extraLabels = extraLabels;
    this.#extraNames = new Set(extraLabels.map(({ name }) => name));
  }

  /** Samples, and things that cost as much, collected since {@link take}. */
  get size(): number {
    return this.#rows + this.#seriesSamples + this.#series.length + this.#metadata.length;
  }

  /** True if there is nothing to {@link take}. */
  get isEmpty(): boolean {
    return this.size === 0 && this.#rejections.length === 0;
  }

  get hasExtraLabels(): boolean {
    return this.#extraLabels.length > 0;
  }

  /** Labels with the extra ones in the place of those of the same names. */
  withExtraLabels(labels: readonly Label[]): readonly Label[] {
    if (!this.hasExtraLabels) return labels;
    return [...labels.filter(({ name }) => !this.#extraNames.has(name)), ...this.#extraLabels];
  }

  /** A series to give to {@link add}, with the extra labels. Keep it: see `SeriesTable`. */
  seriesOf(labels: readonly Label[]): RowSeries {
    return new RowSeries(this.withExtraLabels(labels));
  }

  /** The same of labels that `source` makes of a key at any time. */
  keyedSeriesOf(source: LabelSource<string>, key: string, labels: readonly Label[]): RowSeries {
    return this.hasExtraLabels ? this.seriesOf(labels) : new RowSeries(source, key, labels);
  }

  /** A float sample; `t` in ms. A NaN becomes Prometheus' ordinary one: for others use {@link addSeries}. */
  add(series: RowSeries, t: number, v: number): void {
    if (this.#rows === this.#columns.t.length) this.#grow();
    const row = this.#rows++;
    const columns = this.#columns;
    columns.series[row] = series;
    columns.t[row] = t;
    columns.v[row] = v;
    if (Number.isNaN(v)) setNormalNan(columns.v, row);
  }

  /** Float samples without start times, copied as bits. */
  addColumns(series: RowSeries, { length, t, v }: SampleColumns): void {
    const row = this.#rows;
    while (row + length > this.#columns.t.length) this.#grow();
    const columns = this.#columns;
    for (let i = 0; i < length; i++) columns.series[row + i] = series;
    columns.t.set(t.subarray(0, length), row);
    columns.v.set(v.subarray(0, length), row);
    this.#rows = row + length;
  }

  /** The same with a start time in ms, 0 = unset, and exemplars. */
  addDetailed(
    series: RowSeries,
    t: number,
    v: number,
    startT: number,
    exemplars: readonly Exemplar[],
  ): void {
    const values = Float64Array.of(v);
    if (Number.isNaN(v)) setNormalNan(values, 0);
    const samples = {
      length: 1,
      t: Float64Array.of(t),
      v: values,
      startT: startT === 0 ? undefined : Float64Array.of(startT),
      histograms: undefined,
    };
    this.addSeries({ labels: series.labels, samples, exemplars });
  }

  /** Anything that is not a plain float: exemplars, histograms, start times, whole columns. */
  addSeries(series: BatchSeries): void {
    // Of two values for one moment the later counts: rows that came before are made series as well.
    if (this.#rows > 0) this.#settleRows();
    const labels = this.withExtraLabels(series.labels);
    this.#series.push(labels === series.labels ? series : { ...series, labels });
    this.#seriesSamples += series.samples.length;
  }

  addMetadata(entry: MetricMetadata): void {
    this.#metadata.push(entry);
  }

  /** A part that can never be accepted, found while decoding. */
  addRejection(rejection: Rejection): void {
    // The store lists no more than so many of a batch.
    if (this.#rejections.length <= MAX_LISTED_REJECTIONS) this.#rejections.push(rejection);
  }

  /** A line, or another element, that is wrong as a whole. */
  refuse(line: number, message: string): void {
    this.#badLines++;
    if (this.#problems.length < MAX_LISTED_LINES) this.#problems.push({ line, message });
  }

  /** What was wrong since this was last asked. */
  takeProblems(): CollectedProblems {
    const taken = { badLines: this.#badLines, listed: this.#problems, losses: this.losses };
    this.#badLines = 0;
    this.#problems = [];
    this.losses = noLosses();
    return taken;
  }

  /** What has been collected, which is then forgotten here. Its buffers come back by {@link recycleRows}. */
  take(): WriteBatch {
    const { series, t, v } = this.#columns;
    const rows: RowBatch = { length: this.#rows, series, t, v };
    const batch = {
      series: this.#series,
      metadata: this.#metadata,
      rejections: this.#rejections,
      ...(this.#rows > 0 && { rows }),
    };
    if (this.#rows > 0) this.#columns = NO_COLUMNS;
    this.#rows = 0;
    this.#series = [];
    this.#seriesSamples = 0;
    this.#metadata = [];
    this.#rejections = [];
    return batch;
  }

  #settleRows(): void {
    const { series, t, v } = this.#columns;
    for (const group of groupRows({ length: this.#rows, series, t, v })) this.#series.push(group);
    this.#seriesSamples += this.#rows;
    series.fill(undefined, 0, this.#rows);
    this.#rows = 0;
  }

  #grow(): void {
    const columns = this.#columns;
    if (columns === NO_COLUMNS) {
      this.#columns = spare.pop() ?? newColumns();
      return;
    }
    const length = columns.t.length * 2;
    columns.t = grown(columns.t, length);
    columns.v = grown(columns.v, length);
  }
}

/** Takes back the buffers of a batch that a collector has given and nobody needs any more. Not to be called twice. */
export function recycleRows({ rows }: WriteBatch): void {
  if (rows === undefined || spare.length === MAX_SPARE || rows.t.length > MAX_SPARE_ROWS) return;
  const series = rows.series as (RowSeries | undefined)[];
  // Series that are not sent any more must not be kept alive.
  series.fill(undefined, 0, rows.length);
  spare.push({ series, t: rows.t, v: rows.v });
}

/** Nothing lost yet. */
export function noLosses(): Losses {
  return {
    time_below_millisecond: 0,
    integer_rounded: 0,
    string_dropped: 0,
    string_as_zero: 0,
    boolean_as_number: 0,
    nan_dropped: 0,
  };
}

function newColumns(): Columns {
  return { series: [], t: new Float64Array(INITIAL_ROWS), v: new Float64Array(INITIAL_ROWS) };
}

function grown(old: Float64Array, length: number): Float64Array {
  const larger = new Float64Array(length);
  larger.set(old);
  return larger;
}

function setNormalNan(v: Float64Array, row: number): void {
  const halves = new Uint32Array(v.buffer, v.byteOffset + row * 8, 2);
  halves[0] = NORMAL_NAN_LOW;
  halves[1] = NORMAL_NAN_HIGH;
}
