// Samples of a test, in lists: what the evaluator needs of a storage, and nothing else.

import {
  compareLabels,
  type Label,
  type Labels,
  labelValue,
  METRIC_NAME,
  normalizeLabels,
} from '../../src/model/labels.ts';
import type { Matcher } from '../../src/model/matcher.ts';
import { type NativeHistogram, ResetHint } from '../../src/model/native-histogram.ts';
import type { SampleColumns } from '../../src/model/sample.ts';
import { setStaleAt } from '../../src/model/stale.ts';
import type { TimeRange } from '../../src/model/time-range.ts';
import type { FloatHistogram } from '../../src/promql/histogram/float-histogram.ts';
import { ClassicHistogram, splitClassicName } from '../../src/promql/histogram/nhcb.ts';
import type { SequenceValue } from '../../src/promql/language/series-description.ts';
import { compileAnchored } from '../../src/runtime/regexp.ts';
import type { SeriesSelection } from '../../src/storage/interface.ts';
import type { LoadCommand } from './parse-file.ts';

interface Sample {
  readonly t: number;
  /** 0: none. */
  readonly startT: number;
  readonly value: Exclude<SequenceValue, { kind: 'omitted' }>;
}

interface StoredSeries {
  readonly labels: Labels;
  readonly samples: Sample[];
}

export class TestStore {
  readonly #series = new Map<string, StoredSeries>();

  /** Throws if a sample is older than the newest of its series. */
  load(command: LoadCommand): void {
    const block = new Map<string, StoredSeries>();
    for (const { labels, values, startOffsetsMs } of command.series) {
      const samples = values.flatMap((value, i): Sample[] => {
        if (value.kind === 'omitted') return [];
        const t = i * command.stepMs;
        const startOffsetMs = startOffsetsMs?.[i];
        return [{ t, startT: startOffsetMs === undefined ? 0 : t + startOffsetMs, value }];
      });
      block.set(keyOf(labels), { labels, samples });
    }
    for (const series of block.values()) this.#append(series);
    if (command.withNativeHistograms) {
      for (const series of nativeHistograms([...block.values()])) this.#append(series);
    }
  }

  /** As a Querier's, over everything loaded. */
  async selection(matchers: readonly Matcher[], range: TimeRange): Promise<SeriesSelection> {
    const tests = matchers.map(matcherTest);
    const found = [...this.#series.values()]
      .filter(({ labels }) => tests.every((test) => test(labels)))
      .filter(({ samples }) => samples.some(({ t }) => t >= range.minT && t <= range.maxT))
      .sort((a, b) => compareLabels(a.labels, b.labels));
    return {
      length: found.length,
      labels: (i) => found[i]!.labels,
      read: (i, minT, maxT) =>
        columnsOf(found[i]!.samples.filter(({ t }) => t >= minT && t <= maxT)),
    };
  }

  #append({ labels, samples }: StoredSeries): void {
    const key = keyOf(labels);
    let series = this.#series.get(key);
    if (series === undefined) {
      series = { labels, samples: [] };
      this.#series.set(key, series);
    }
    for (const sample of samples) {
      const newest = series.samples.at(-1);
      if (newest !== undefined && newest.t > sample.t) throw new Error('out of order sample');
      if (newest?.t !== sample.t) series.samples.push(withStoredHint(sample, newest));
      else if (valueKey(newest) !== valueKey(sample)) {
        throw new Error('duplicate sample for timestamp');
      }
    }
  }
}

function valueKey({ value }: Sample): string {
  if (value.kind !== 'histogram') return JSON.stringify(value);
  return JSON.stringify(value.histogram.withResetHint(ResetHint.unknown));
}

/**
 * The counter reset hint that Prometheus' storage gives a histogram back with, whatever was appended:
 * "no reset" within a chunk, "unknown" at the begin of one, and a reset or another layout begins a chunk.
 */
function withStoredHint(sample: Sample, previous: Sample | undefined): Sample {
  const { value } = sample;
  if (value.kind !== 'histogram' || value.histogram.resetHint === ResetHint.gauge) return sample;
  const isFirst =
    value.histogram.resetHint === ResetHint.yes ||
    previous?.value.kind !== 'histogram' ||
    !continues(value.histogram, previous.value.histogram);
  const histogram = value.histogram.withResetHint(isFirst ? ResetHint.unknown : ResetHint.no);
  return { ...sample, value: { ...value, histogram } };
}

function continues(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (previous.resetHint === ResetHint.gauge) return false;
  if (current.schema !== previous.schema) return false;
  if (current.zeroThreshold !== previous.zeroThreshold) return false;
  if (String(current.customValues) !== String(previous.customValues)) return false;
  return !current
    .withResetHint(ResetHint.unknown)
    .detectReset(previous.withResetHint(ResetHint.unknown));
}

function keyOf(labels: Labels): string {
  return JSON.stringify(labels);
}

function matcherTest({ type, name, value }: Matcher): (labels: Labels) => boolean {
  const regexp = type === '=~' || type === '!~' ? compileAnchored(value) : undefined;
  const isNegative = type === '!=' || type === '!~';
  return (labels) => {
    const actual = labelValue(labels, name);
    const matches = regexp === undefined ? actual === value : regexp.matches(actual);
    return matches !== isNegative;
  };
}

function columnsOf(samples: readonly Sample[]): SampleColumns {
  const length = samples.length;
  const v = new Float64Array(length);
  const histograms = new Array<NativeHistogram | undefined>(length).fill(undefined);
  samples.forEach(({ value }, i) => {
    if (value.kind === 'float') v[i] = value.value;
    else if (value.kind === 'stale') setStaleAt(v, i);
    else histograms[i] = value.histogram.toNative();
  });
  return {
    length,
    t: Float64Array.from(samples, ({ t }) => t),
    v,
    startT: samples.some(({ startT }) => startT !== 0)
      ? Float64Array.from(samples, ({ startT }) => startT)
      : undefined,
    histograms: histograms.some((histogram) => histogram !== undefined) ? histograms : undefined,
  };
}

/** One native histogram for each classic one, per time. */
function nativeHistograms(series: readonly StoredSeries[]): StoredSeries[] {
  const groups = new Map<string, { labels: Labels; byTime: Map<number, ClassicHistogram> }>();
  for (const { labels, samples } of series) {
    const name = splitClassicName(labelValue(labels, METRIC_NAME));
    if (name === undefined) continue;
    const bound = parseBound(labelValue(labels, 'le'));
    if (name.part === 'bucket' && bound === undefined) continue;
    const groupLabels = classicLabels(labels, name.base);
    const key = keyOf(groupLabels);
    const group = groups.get(key) ?? { labels: groupLabels, byTime: new Map() };
    groups.set(key, group);
    for (const { t, value } of samples) {
      if (value.kind === 'histogram') continue;
      const histogram = group.byTime.get(t) ?? new ClassicHistogram();
      group.byTime.set(t, histogram);
      const number = value.kind === 'stale' ? Number.NaN : value.value;
      if (name.part === 'bucket') histogram.setBucket(bound!, number);
      else if (name.part === 'count') histogram.setCount(number);
      else histogram.setSum(number);
    }
  }
  return [...groups.values()].map(({ labels, byTime }) => ({
    labels,
    samples: [...byTime]
      .sort(([a], [b]) => a - b)
      .map(([t, classic]) => {
        const histogram = classic.convert();
        if (histogram === undefined) throw new Error(classic.problem);
        return { t, startT: 0, value: { kind: 'histogram', histogram, isHintGiven: false } };
      }),
  }));
}

function classicLabels(labels: Labels, base: string): Labels {
  const others: Label[] = labels.filter(({ name }) => name !== METRIC_NAME && name !== 'le');
  return normalizeLabels([...others, { name: METRIC_NAME, value: base }]);
}

function parseBound(text: string): number | undefined {
  if (/^\+?inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-inf$/i.test(text)) return Number.NEGATIVE_INFINITY;
  const bound = text === '' ? Number.NaN : Number(text);
  return Number.isNaN(bound) ? undefined : bound;
}
