// The program's own metrics, in the Prometheus text format. The only place that knows the library.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A metric with labels: values are given in the order of the label names. */
export interface CounterMetric {
  add(amount: number, ...labelValues: string[]): void;
}

export interface HistogramMetric {
  observe(value: number, ...labelValues: string[]): void;
}

/** Figures that are read when somebody asks for /metrics. Names without prefix, values as they are. */
export interface Figures {
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
}

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

  /** Adds figures as `tidemark_<key in snake case>`, counters with `_total`. */
  addFigures(read: () => Figures | undefined): void {
    this.#sources.push(read);
  }

  /** Everything, in the Prometheus text format. */
  async render(): Promise<string> {
    const text = await this.#registry.metrics();
    return `${text.trimEnd()}\n${this.#sources.map((read) => renderFigures(read())).join('')}`;
  }
}

function renderFigures(figures: Figures | undefined): string {
  if (figures === undefined) return '';
  const counters = Object.entries(figures.counters).map(([key, value]) => {
    const name = metricName(key);
    return renderFigure(name.endsWith('_total') ? name : `${name}_total`, 'counter', value);
  });
  const gauges = Object.entries(figures.gauges).map(([key, value]) =>
    renderFigure(metricName(key), 'gauge', value),
  );
  return [...counters, ...gauges].join('');
}

function renderFigure(name: string, type: string, value: number): string {
  const text = Number.isNaN(value) ? 'NaN' : String(value).replace('Infinity', 'Inf');
  return `# TYPE ${name} ${type}\n${name} ${text}\n`;
}

/** `walBytesWritten` → `tidemark_wal_bytes_written`. */
function metricName(key: string): string {
  const snake = key.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return `tidemark_${snake.replaceAll(/[^a-z0-9_]/g, '_')}`;
}
