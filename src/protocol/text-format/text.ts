// The text formats: Prometheus' 0.0.4 and OpenMetrics 1.0, which differ in how they write types, numbers
// and times.

import type { Label } from '../../model/labels.ts';
import type { FloatHistogram } from '../../model/native-histogram.ts';
import { toClassicHistogram } from './classic-histogram.ts';
import { type Escaping, escapeName, isPlainName } from './escape-name.ts';
import type { FamilyMetric, FamilyType, MetricFamily } from './family.ts';
import { formatFloat } from './float.ts';

/** What the dialects of the text format differ in. */
export interface TextDialect {
  readonly typeNames: Readonly<Record<FamilyType, string>>;
  readonly number: (value: number) => string;
  /** ms → as written behind the value. */
  readonly time: (t: number) => string;
  /** What a complete exposition ends with. */
  readonly end: string;
}

export const PROMETHEUS_TEXT: TextDialect = {
  // It has no word for gauge histograms.
  typeNames: { untyped: 'untyped', histogram: 'histogram', gaugehistogram: 'histogram' },
  number: formatFloat,
  time: String,
  end: '',
};

export const OPEN_METRICS: TextDialect = {
  typeNames: { untyped: 'unknown', histogram: 'histogram', gaugehistogram: 'gaugehistogram' },
  number: formatOpenMetricsFloat,
  time: (t) => formatOpenMetricsFloat(t / 1000),
  end: '# EOF\n',
};

/** Every number is a float, and is seen to be one. */
function formatOpenMetricsFloat(value: number): string {
  const text = formatFloat(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Metrics per piece of a family: a family can be larger than a string. */
const METRICS_PER_PIECE = 1000;

/**
 * One family with its TYPE line, in pieces. Histograms must have custom buckets: the formats know no
 * others.
 */
export function* printFamily(
  family: MetricFamily,
  dialect: TextDialect,
  escaping: Escaping,
): Generator<string, void> {
  const { metrics } = family;
  const name = escapeName(family.name, escaping);
  yield `# TYPE ${isPlainName(name) ? name : quoted(name)} ${dialect.typeNames[family.type]}\n`;
  for (let i = 0; i < metrics.length; i += METRICS_PER_PIECE) {
    const printer = new MetricPrinter(name, dialect, escaping);
    for (const metric of metrics.slice(i, i + METRICS_PER_PIECE)) printer.metric(metric);
    yield printer.text;
  }
}

class MetricPrinter {
  text = '';
  readonly #name: string;
  readonly #dialect: TextDialect;
  readonly #escaping: Escaping;

  constructor(name: string, dialect: TextDialect, escaping: Escaping) {
    this.#name = name;
    this.#dialect = dialect;
    this.#escaping = escaping;
  }

  metric({ labels, t, value }: FamilyMetric): void {
    const pairs = labels.map((label) => pairOf(label, this.#escaping));
    if (typeof value === 'number') this.#line('', pairs, value, t);
    else this.#histogram(pairs, value, t);
  }

  #histogram(pairs: readonly string[], histogram: FloatHistogram, t: number): void {
    const { buckets, count, sum } = toClassicHistogram(histogram);
    for (const { upperBound, cumulativeCount } of buckets) {
      this.#bucket(pairs, upperBound, cumulativeCount, t);
    }
    this.#bucket(pairs, Number.POSITIVE_INFINITY, count, t);
    this.#line('_sum', pairs, sum, t);
    this.#line('_count', pairs, count, t);
  }

  #bucket(pairs: readonly string[], upperBound: number, count: number, t: number): void {
    this.#line('_bucket', [...pairs, `le="${this.#dialect.number(upperBound)}"`], count, t);
  }

  #line(suffix: string, pairs: readonly string[], value: number, t: number): void {
    const name = this.#name + suffix;
    const isPlain = isPlainName(name);
    const inBraces = isPlain ? pairs : [quoted(name), ...pairs];
    const braces = inBraces.length === 0 ? '' : `{${inBraces.join(',')}}`;
    const { number, time } = this.#dialect;
    this.text += `${isPlain ? name : ''}${braces} ${number(value)} ${time(t)}\n`;
  }
}

function pairOf({ name, value }: Label, escaping: Escaping): string {
  const escaped = escapeName(name, escaping);
  return `${isPlainName(escaped) ? escaped : quoted(escaped)}=${quoted(value)}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`;
}
