// Which samples may enter a store at all: limits on labels and times. Pure rules; the store passes
// the clock and its settings in.

import type { Exemplar } from '../model/exemplar.ts';
import type { Label, Labels } from '../model/labels.ts';
import { METRIC_NAME, normalizeLabels, printLabels } from '../model/labels.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import {
  MAX_EXPONENTIAL_SCHEMA,
  reduceResolution,
  validateHistogram,
} from '../model/native-histogram-validate.ts';
import type { SampleColumns } from '../model/sample.ts';
import { NO_SAMPLES } from '../model/sample.ts';
import { MAX_TIME, MIN_TIME } from '../model/time-range.ts';
import type { Rejection, RejectReason } from './errors.ts';
import type { BatchSeries } from './interface.ts';

/** Limits that a store applies to what it is given. */
export interface AdmissionLimits {
  /** Labels per series, the metric name included. */
  readonly maxLabels: number;
  /** Bytes of UTF-8. */
  readonly maxLabelNameBytes: number;
  readonly maxLabelValueBytes: number;
  /** How far a timestamp may lie in the future, in ms. */
  readonly maxFutureMs: number;
  /** Age in ms past which samples are not kept; 0 keeps everything. */
  readonly retentionMs: number;
}

export const DEFAULT_LIMITS: AdmissionLimits = {
  maxLabels: 64,
  maxLabelNameBytes: 1024,
  maxLabelValueBytes: 16_384,
  maxFutureMs: 600_000,
  retentionMs: 400 * 86_400_000,
};

/** Characters (code points) of all names and values of an exemplar's own labels (OpenMetrics). */
export const MAX_EXEMPLAR_RUNES = 128;

/** What may be stored of one series, and what may not. */
export interface AdmittedSeries {
  /** Well-formed. Empty if the labels themselves were refused; then everything else is empty too. */
  readonly labels: Labels;
  /** Accepted rows in the order of arrival; the given columns themselves if all were accepted. */
  readonly samples: SampleColumns;
  /** With well-formed labels, in the order of arrival. */
  readonly exemplars: readonly Exemplar[];
  readonly rejections: readonly Rejection[];
}

/** Why one thing is refused. */
export interface Refusal {
  readonly reason: RejectReason;
  readonly message: string;
}

/** Applies all rules to one series. `now` in ms. */
export function admitSeries(
  series: BatchSeries,
  limits: AdmissionLimits,
  now: number,
): AdmittedSeries {
  const labels = admitLabels(series.labels, limits);
  if ('reason' in labels) return refuseSeries(series, series.labels, labels);
  const { samples } = series;
  // Prometheus sends exemplars in series entries of their own, without samples.
  if (samples.length === 0 && series.exemplars.length === 0) {
    return refuseSeries(series, labels, {
      reason: 'empty_series',
      message: 'series must contain at least one sample, histogram or exemplar',
    });
  }
  const refused = new RefusedItems(labels);
  const bounds = timeBounds(limits, now);
  const accepted = admitRows(samples, bounds, refused);
  const exemplars = admitExemplars(series.exemplars, bounds, refused);
  return { labels, samples: accepted, exemplars, rejections: refused.rejections() };
}

/** What else could enter of a series, refused because the database may have no more of them. */
export function refuseForQuota(admitted: AdmittedSeries, message: string): Rejection {
  const refusal = refuse('series_quota', message);
  const [rejection] = refuseSeries(admitted, admitted.labels, refusal).rejections;
  return rejection!;
}

/** The well-formed label set, or why it is none. Empty values are dropped before anything is counted. */
export function admitLabels(given: readonly Label[], limits: AdmissionLimits): Labels | Refusal {
  const labels = isWellFormed(given) ? given : normalizeLabels(given);
  if (labels.length > limits.maxLabels) {
    return refuse('too_many_labels', `${labels.length} labels, at most ${limits.maxLabels}`);
  }
  let hasMetricName = false;
  for (let i = 0; i < labels.length; i++) {
    const { name, value } = labels[i]!;
    const refusal = checkName(name, limits) ?? checkValue(name, value, limits);
    if (refusal !== undefined) return refusal;
    if (i > 0 && name === labels[i - 1]!.name) {
      return refuse('duplicate_label', `label ${show(name)} is given more than once`);
    }
    if (name === METRIC_NAME) hasMetricName = true;
  }
  if (!hasMetricName)
    return refuse('missing_metric_name', `label ${METRIC_NAME} is missing or empty`);
  return labels;
}

/** True if the labels need not be copied to be sorted or to lose empty values. */
function isWellFormed(labels: readonly Label[]): boolean {
  for (let i = 0; i < labels.length; i++) {
    if (labels[i]!.value === '') return false;
    // ASCII names are in order by `<`; for the rest a needless sort does no harm.
    if (i > 0 && !(labels[i - 1]!.name < labels[i]!.name && isAscii(labels[i]!.name))) return false;
  }
  return true;
}

function checkName(name: string, limits: AdmissionLimits): Refusal | undefined {
  if (name === '') return refuse('invalid_label_name', 'a label name is empty');
  if (!isUnicode(name)) {
    return refuse('invalid_label_name', `label name ${show(name)} is not valid UTF-8`);
  }
  const bytes = bytesBeyond(name, limits.maxLabelNameBytes);
  if (bytes === 0) return undefined;
  return refuse(
    'label_name_too_long',
    `label name ${show(name)} has ${bytes} bytes, at most ${limits.maxLabelNameBytes}`,
  );
}

function checkValue(name: string, value: string, limits: AdmissionLimits): Refusal | undefined {
  if (!isUnicode(value)) {
    return refuse('invalid_label_value', `value of label ${show(name)} is not valid UTF-8`);
  }
  const bytes = bytesBeyond(value, limits.maxLabelValueBytes);
  if (bytes === 0) return undefined;
  return refuse(
    'label_value_too_long',
    `value of label ${show(name)} has ${bytes} bytes, at most ${limits.maxLabelValueBytes}`,
  );
}

/** Length in UTF-8 if it is more than `max`, else 0. */
function bytesBeyond(text: string, max: number): number {
  if (text.length * 3 <= max) return 0;
  const bytes = Buffer.byteLength(text);
  return bytes > max ? bytes : 0;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

/** False for half a surrogate pair, which UTF-8 cannot say. */
function isUnicode(text: string): boolean {
  return isAscii(text) || !/\p{Surrogate}/u.test(text);
}

interface TimeBounds {
  readonly minT: number;
  readonly maxT: number;
}

function timeBounds({ maxFutureMs, retentionMs }: AdmissionLimits, now: number): TimeBounds {
  return {
    minT: retentionMs > 0 ? Math.max(MIN_TIME, now - retentionMs) : MIN_TIME,
    maxT: Math.min(MAX_TIME, now + maxFutureMs),
  };
}

function isTimeIn(t: number, { minT, maxT }: TimeBounds): boolean {
  return t >= minT && t <= maxT && Number.isInteger(t);
}

/** Why a timestamp for which {@link isTimeIn} is false is refused. */
function timeRefusal(t: number, { minT, maxT }: TimeBounds): Refusal {
  if (!Number.isInteger(t) || t < MIN_TIME || t > MAX_TIME) {
    return refuse(
      'invalid_timestamp',
      `timestamp ${t} is not a whole number of milliseconds between ${MIN_TIME} and ${MAX_TIME}`,
    );
  }
  return t > maxT
    ? refuse(
        'too_far_in_future',
        `timestamp ${date(t)} is too far in the future, the latest accepted is ${date(maxT)}`,
      )
    : refuse(
        'outside_retention',
        `timestamp ${date(t)} is older than the retention, the earliest accepted is ${date(minT)}`,
      );
}

function admitRows(
  samples: SampleColumns,
  bounds: TimeBounds,
  refused: RefusedItems,
): SampleColumns {
  const { length } = samples;
  const keep = new Uint8Array(length);
  const histograms = samples.histograms?.slice(0, length);
  let kept = 0;
  for (let i = 0; i < length; i++) {
    const histogram = histograms?.[i];
    const t = samples.t[i]!;
    if (!isTimeIn(t, bounds)) {
      const refusal = timeRefusal(t, bounds);
      if (histogram === undefined) refused.add(refusal, 1, 0, 0);
      else refused.add(refusal, 0, 1, 0);
      continue;
    }
    if (histogram !== undefined) {
      const stored = admitHistogram(histogram, refused);
      if (stored === undefined) continue;
      histograms![i] = stored;
    }
    keep[i] = 1;
    kept++;
  }
  const startT = plausibleStartT(samples);
  if (kept === 0) return NO_SAMPLES;
  if (kept === length) return { length, t: samples.t, v: samples.v, startT, histograms };
  return pickRows({ ...samples, startT, histograms }, keep, kept);
}

function admitHistogram(
  histogram: NativeHistogram,
  refused: RefusedItems,
): NativeHistogram | undefined {
  const message = validateHistogram(histogram);
  if (message === undefined) return reduceResolution(histogram, MAX_EXPONENTIAL_SCHEMA);
  refused.add(refuse('invalid_histogram', message), 0, 1, 0);
  return undefined;
}

/** Start timestamps, impossible ones as unset: they never cost a sample. */
function plausibleStartT({ length, startT }: SampleColumns): Float64Array | undefined {
  if (startT === undefined) return undefined;
  const isOdd = (t: number): boolean => !Number.isInteger(t) || t < MIN_TIME || t > MAX_TIME;
  let copy: Float64Array | undefined;
  for (let i = 0; i < length; i++) {
    if (!isOdd(startT[i]!)) continue;
    copy ??= startT.slice(0, length);
    copy[i] = 0;
  }
  return copy ?? startT;
}

/** The rows with a 1 in `keep`; values are moved as bits. */
function pickRows(samples: SampleColumns, keep: Uint8Array, kept: number): SampleColumns {
  const t = new Float64Array(kept);
  const v = new Float64Array(kept);
  const startT = samples.startT === undefined ? undefined : new Float64Array(kept);
  const histograms: (NativeHistogram | undefined)[] = [];
  for (let from = 0, n = 0; from < samples.length; ) {
    let to = from;
    while (to < samples.length && keep[to] === 1) to++;
    t.set(samples.t.subarray(from, to), n);
    v.set(samples.v.subarray(from, to), n);
    startT?.set(samples.startT!.subarray(from, to), n);
    for (let i = from; i < to; i++) histograms.push(samples.histograms?.[i]);
    n += to - from;
    from = to + 1;
  }
  return {
    length: kept,
    t,
    v,
    startT,
    histograms: samples.histograms === undefined ? undefined : histograms,
  };
}

function admitExemplars(
  given: readonly Exemplar[],
  bounds: TimeBounds,
  refused: RefusedItems,
): Exemplar[] {
  const accepted: Exemplar[] = [];
  for (const exemplar of given) {
    // Copied, because the batch may be reused.
    const labels = normalizeLabels(exemplar.labels).map(({ name, value }) => ({ name, value }));
    const message = exemplarFault(exemplar.t, labels, bounds);
    if (message === undefined) accepted.push({ labels, value: exemplar.value, t: exemplar.t });
    else refused.add(refuse('invalid_exemplar', message), 0, 0, 1);
  }
  return accepted;
}

function exemplarFault(t: number, labels: Labels, bounds: TimeBounds): string | undefined {
  if (!isTimeIn(t, bounds)) return `exemplar ${timeRefusal(t, bounds).message}`;
  let runes = 0;
  for (let i = 0; i < labels.length; i++) {
    const { name, value } = labels[i]!;
    if (name === '') return 'exemplar has an empty label name';
    if (!isUnicode(name) || !isUnicode(value)) {
      return `exemplar label ${show(name)} is not valid UTF-8`;
    }
    if (i > 0 && name === labels[i - 1]!.name) {
      return `exemplar label ${show(name)} is given more than once`;
    }
    runes += countRunes(name) + countRunes(value);
  }
  if (runes <= MAX_EXEMPLAR_RUNES) return undefined;
  return `exemplar labels have ${runes} characters, at most ${MAX_EXEMPLAR_RUNES}`;
}

function countRunes(text: string): number {
  let runes = 0;
  for (const _ of text) runes++;
  return runes;
}

/** Refusals of one series, one entry per reason with the message of the first. */
class RefusedItems {
  readonly #labels: Labels;
  readonly #byReason = new Map<RejectReason, { -readonly [K in keyof Rejection]: Rejection[K] }>();

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  add({ reason, message }: Refusal, samples: number, histograms: number, exemplars: number): void {
    const known = this.#byReason.get(reason);
    if (known === undefined) {
      const series = shortSeries(this.#labels);
      this.#byReason.set(reason, { reason, series, message, samples, histograms, exemplars });
      return;
    }
    known.samples += samples;
    known.histograms += histograms;
    known.exemplars += exemplars;
  }

  rejections(): Rejection[] {
    return [...this.#byReason.values()];
  }
}

function refuseSeries(
  { samples, exemplars }: BatchSeries,
  labels: readonly Label[],
  { reason, message }: Refusal,
): AdmittedSeries {
  let histograms = 0;
  for (let i = 0; i < samples.length; i++) {
    if (samples.histograms?.[i] !== undefined) histograms++;
  }
  const rejection: Rejection = {
    reason,
    series: shortSeries(labels),
    message,
    samples: samples.length - histograms,
    histograms,
    exemplars: exemplars.length,
  };
  return { labels: [], samples: NO_SAMPLES, exemplars: [], rejections: [rejection] };
}

/** Labels and characters of a refused series that are repeated to its sender. */
const SHOWN_LABELS = 64;
const SHOWN_CHARACTERS = 512;

function shortSeries(labels: readonly Label[]): string {
  const shown = labels
    .slice(0, SHOWN_LABELS)
    .map(({ name, value }) => ({ name: cut(name), value: cut(value) }));
  return cut(printLabels(shown));
}

function cut(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

function show(text: string): string {
  return JSON.stringify(text.length <= 80 ? text : `${text.slice(0, 80)}…`);
}

function date(t: number): string {
  return new Date(t).toISOString();
}

function refuse(reason: RejectReason, message: string): Refusal {
  return { reason, message };
}
