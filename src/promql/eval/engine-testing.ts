// What tests of the evaluator are written with: series in Prometheus' test notation, queries as text,
// results as short lines.

import { formatG } from '../../model/go-text.ts';
import { compareLabels, type Labels, labelValue, printLabels } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { setStaleAt } from '../../model/stale.ts';
import { compileMatchers } from '../../storage/label-matcher.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { LANGUAGE_FEATURES, parserOptions } from '../language/features.ts';
import { parseExpr } from '../language/parser.ts';
import { parseSeriesDescription } from '../language/series-description.ts';
import { Engine } from './engine.ts';
import type { EngineOptions, QueryResult, SeriesSource } from './interface.ts';
import type { EvalRequest } from './plan.ts';
import { Presence } from './step-series.ts';
import { stepT } from './steps.ts';

/** A source of the series that `text` describes, one a line; the i-th value is at i × stepS seconds. */
export function seriesOf(stepS: number, text: string): SeriesSource {
  const all = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => readSeries(line, stepS * 1000))
    .sort((a, b) => compareLabels(a.labels, b.labels));
  return {
    async selection(matchers, range) {
      const compiled = compileMatchers(matchers);
      const found = all.filter(
        ({ labels, samples }) =>
          compiled.every((matcher) => matcher.matches(labelValue(labels, matcher.name))) &&
          clip(samples, range.minT, range.maxT).length > 0,
      );
      return {
        length: found.length,
        labels: (i) => found[i]!.labels,
        read: (i, minT, maxT) =>
          clip(found[i]!.samples, Math.max(minT, range.minT), Math.min(maxT, range.maxT)),
      };
    },
  };
}

interface Series {
  readonly labels: Labels;
  readonly samples: SampleColumns;
}

function readSeries(line: string, stepMs: number): Series {
  const { labels, values } = parseSeriesDescription(line);
  const t = new Float64Array(values.length);
  const v = new Float64Array(values.length);
  const histograms = values.map((value) =>
    value.kind === 'histogram' ? value.histogram.toNative() : undefined,
  );
  let length = 0;
  values.forEach((value, i) => {
    if (value.kind === 'omitted') return;
    t[length] = i * stepMs;
    if (value.kind === 'float') v[length] = value.value;
    if (value.kind === 'stale') setStaleAt(v, length);
    histograms[length] = histograms[i];
    length++;
  });
  const hasHistograms = histograms.some((histogram) => histogram !== undefined);
  return {
    labels,
    samples: {
      length,
      t,
      v,
      startT: undefined,
      histograms: hasHistograms ? histograms : undefined,
    },
  };
}

function clip(samples: SampleColumns, minT: number, maxT: number): SampleColumns {
  let from = 0;
  while (from < samples.length && samples.t[from]! < minT) from++;
  let to = from;
  while (to < samples.length && samples.t[to]! <= maxT) to++;
  return {
    length: to - from,
    t: samples.t.subarray(from, to),
    v: samples.v.subarray(from, to),
    startT: samples.startT?.subarray(from, to),
    histograms: samples.histograms?.slice(from, to),
  };
}

/** Times in seconds; without `stepS` an instant query at `startS`. */
export interface When {
  readonly startS: number;
  readonly endS?: number;
  readonly stepS?: number;
}

export function requestOf(query: string, { startS, endS, stepS }: When): EvalRequest {
  return {
    expr: parseExpr(query, parserOptions(LANGUAGE_FEATURES)),
    query,
    startT: startS * 1000,
    endT: (endS ?? startS) * 1000,
    stepMs: stepS === undefined ? undefined : stepS * 1000,
  };
}

/** Evaluates a query; all features of the language are on. */
export function evaluate(
  source: SeriesSource,
  query: string,
  when: When,
  options: Partial<EngineOptions> = {},
): Promise<QueryResult> {
  return new Engine(options).evaluate(requestOf(query, when), source);
}

/** `labels value` of instant results, `labels value@seconds …` of others. */
export function linesOf({ value }: QueryResult): string[] {
  switch (value.type) {
    case 'scalar':
    case 'string':
      return [String(value.value)];
    case 'vector':
      return value.series.map(({ labels, present, values, histograms }) => {
        const isFloat = present[0] === Presence.float;
        return `${printLabels(labels)} ${isFloat ? formatG(values[0]!) : histograms![0]}`;
      });
    case 'steps':
      return value.series.map(({ labels, present, values, histograms }) => {
        const points: string[] = [];
        present.forEach((presence, i) => {
          if (presence === Presence.none) return;
          const histogram = presence === Presence.histogram ? histograms![i] : undefined;
          points.push(pointText(stepT(value.steps, i), values[i]!, histogram));
        });
        return `${printLabels(labels)} ${points.join(' ')}`;
      });
    case 'points':
      return value.series.map(({ labels, t, values, histograms }) => {
        const points = [...t].map((time, i) => pointText(time, values[i]!, histograms?.[i]));
        return `${printLabels(labels)} ${points.join(' ')}`;
      });
  }
}

function pointText(t: number, value: number, histogram: FloatHistogram | undefined): string {
  return `${histogram ?? formatG(value)}@${t / 1000}`;
}
