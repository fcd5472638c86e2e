// The program's own metrics, in the Prometheus text format. The only place that knows the library.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A metric with labels: values are given in the order of the label names. */
export interface CounterMetric {
  add(amount: number, ...labelValues: string[]): void;
}

export interface HistogramMetric {
  observe(value: number, ...labelValues: string[]): void;
}

/** One metric of several; labels in the order of their names. */
export interface LabeledValue {
  readonly value: number;
  readonly labels: readonly string[];
}

/** Figures that are read when somebody asks for /metrics. Names without prefix, values as they are. */
export interface Figures {
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
}

export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'untyped';

/** All metrics of one name, as of now. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: FamilyType;
  readonly metrics: readonly FamilyMetric[];
}

/** One metric of a family: a value, or what a histogram or summary has counted. */
export interface FamilyMetric {
  readonly labels: Readonly<Record<string, string>>;
  /** Of counters, gauges and untyped metrics. */
  readonly value: number;
  /** Of histograms and summaries, as is `sum`. */
  readonly count: number;
  readonly sum: number;
  /** Of histograms, cumulative, ascending by bound; +Inf is left out. */
  readonly buckets: readonly { readonly upperBound: number; readonly count: number }[];
  /** Of summaries, ascending. */
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}

/** Gauges whose names say that they are counters; others say the same in parts. */
const MISNAMED_METRICS = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export class Metrics {
  readonly #registry = new Registry();
  readonly #sources: (() => Figures | undefined)[] = [];

  /** Content-Type of {@link render}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Metrics of the process itself: CPU, memory, event loop, file descriptors. */
  addProcessMetrics(): void {
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED_METRICS) this.#registry.removeSingleMetric(name);
  }

  counter(name: string, help: string, ...labelNames: string[]): CounterMetric {
    const counter = new Counter({ name, help, labelNames, registers: [this.#registry] });
    return {
      add: (amount, ...labelValues) => counter.labels(...labelValues).inc(amount),
    };
  }

  histogram(
    name: string,
    help: string,
    buckets: readonly number[],
    ...labelNames: string[]
  ): HistogramMetric {
    const registers = [this.#registry];
    const histogram = new Histogram({ name, help, buckets: [...buckets], labelNames, registers });
    return { observe: (value, ...labelValues) => histogram.labels(...labelValues).observe(value) };
  }

  /** A level that is read when asked for. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** Levels with labels, read when asked for. */
  gauges(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => Iterable<LabeledValue>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { value, labels } of read()) this.labels(...labels).set(value);
      },
    });
  }

  /** The same for ever-growing counts. */
  counters(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => Iterable<LabeledValue>,
  ): void {
    new Counter({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { value, labels } of read()) this.labels(...labels).inc(value);
      },
    });
  }

  /** Adds figures as `tidemark_<key in snake case>`, counters with `_total`. */
  addFigures(read: () => Figures | undefined): void {
    this.#sources.push(read);
  }

  /** Everything as data, sorted by name. */
  async families(): Promise<MetricFamily[]> {
    const registered = await this.#registry.getMetricsAsJSON();
    const families = registered.map((metric) => familyOf(metric as unknown as RegisteredMetric));
    for (const read of this.#sources) families.push(...figureFamilies(read()));
    return families.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Everything, in the Prometheus text format. */
  async render(): Promise<string> {
    const text = await this.#registry.metrics();
    return `${text.trimEnd()}\n${this.#sources.map((read) => renderFigures(read())).join('')}`;
  }
}

/** What the library calls a metric. */
interface RegisteredMetric {
  readonly name: string;
  readonly help: string;
  readonly type: FamilyType;
  readonly values: readonly RegisteredValue[];
}

interface RegisteredValue {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** With `_bucket`, `_sum` or `_count`, where that is what it is. */
  readonly metricName?: string;
}

/** A family whose histograms and summaries have been put together from their parts. */
function familyOf({ name, help, type, values }: RegisteredMetric): MetricFamily {
  const byLabels = new Map<string, Writable<FamilyMetric>>();
  for (const { labels, value, metricName = name } of values) {
    const { le, quantile, ...rest } = labels;
    const own = Object.fromEntries(Object.entries(rest).map(([key, text]) => [key, String(text)]));
    const key = JSON.stringify(own);
    const metric = byLabels.get(key) ?? newMetric(own);
    byLabels.set(key, metric);
    if (metricName === `${name}_sum`) metric.sum = value;
    else if (metricName === `${name}_count`) metric.count = value;
    else if (le !== undefined) addBucket(metric, Number(le), value);
    else if (quantile !== undefined) {
      metric.quantiles = [...metric.quantiles, { quantile: Number(quantile), value }];
    } else metric.value = value;
  }
  return { name, help, type, metrics: [...byLabels.values()] };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function newMetric(labels: Readonly<Record<string, string>>, value = 0): Writable<FamilyMetric> {
  return { labels, value, count: 0, sum: 0, buckets: [], quantiles: [] };
}

/** `+Inf`, which is NaN here, is the count, which comes by itself. */
function addBucket(metric: Writable<FamilyMetric>, upperBound: number, count: number): void {
  if (!Number.isNaN(upperBound)) metric.buckets = [...metric.buckets, { upperBound, count }];
}

function figureFamilies(figures: Figures | undefined): MetricFamily[] {
  if (figures === undefined) return [];
  const family = (key: string, type: 'counter' | 'gauge', value: number): MetricFamily => ({
    name: type === 'counter' ? counterName(key) : metricName(key),
    help: helpOf(key),
    type,
    metrics: [newMetric({}, value)],
  });
  return [
    ...Object.entries(figures.counters).map(([key, value]) => family(key, 'counter', value)),
    ...Object.entries(figures.gauges).map(([key, value]) => family(key, 'gauge', value)),
  ];
}

function renderFigures(figures: Figures | undefined): string {
  return figureFamilies(figures)
    .map(({ name, help, type, metrics }) => {
      const { value } = metrics[0]!;
      const text = Number.isNaN(value) ? 'NaN' : String(value).replace('Infinity', 'Inf');
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${text}\n`;
    })
    .join('');
}

/** `walBytesWritten` → `Wal bytes written.` */
function helpOf(key: string): string {
  const words = key.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return `${words[0]!.toUpperCase()}${words.slice(1)}.`;
}

function counterName(key: string): string {
  const name = metricName(key);
  return name.endsWith('_total') ? name : `${name}_total`;
}

/** `walBytesWritten` → `tidemark_wal_bytes_written`. */
function metricName(key: string): string {
  const snake = key.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return `tidemark_${snake.replaceAll(/[^a-z0-9_]/g, '_')}`;
}
