// Start times of OpenMetrics: `foo_created` belongs to the samples of foo with the same labels, which stand beside it.
// Those are held back until it has come or another metric begins.

import { type Label, METRIC_NAME } from '../../model/labels.ts';
import type { MetricType } from '../../model/metadata.ts';
import { RowSeries } from '../../storage/rows.ts';
import type { RowCollector } from '../row-collector.ts';
import { exemplarsOf, type TextExemplar } from './exemplar.ts';

const CREATED = '_created';
const SUFFIX = /_(?:total|bucket|sum|count|created)$/;
/** Labels that tell the samples of one metric apart. */
const POINT_LABELS = new Set([METRIC_NAME, 'le', 'quantile']);
const TYPES_WITH_START: ReadonlySet<MetricType | undefined> = new Set([
  'counter',
  'histogram',
  'gaugehistogram',
  'summary',
]);
/** A histogram has hundreds of buckets at most; more samples do not wait. */
const MAX_HELD = 1000;

/** A series with what decides which samples share a start time. */
export class OpenMetricsSeries extends RowSeries {
  readonly family: string;
  /** Equal for all samples of one metric. */
  readonly metric: string;
  readonly isCreated: boolean;

  constructor(labels: readonly Label[]) {
    super(labels);
    const name = labels.find((label) => label.name === METRIC_NAME)?.value ?? '';
    this.family = name.replace(SUFFIX, '');
    const own = labels.filter((label) => !POINT_LABELS.has(label.name));
    this.metric = JSON.stringify([this.family, ...own.flatMap(({ name, value }) => [name, value])]);
    this.isCreated = name.endsWith(CREATED);
  }
}

interface HeldSample {
  readonly series: OpenMetricsSeries;
  readonly t: number;
  readonly v: number;
  readonly exemplar: TextExemplar | undefined;
}

export class StartTimes {
  readonly #collector: RowCollector;
  readonly #typeOf: (family: string) => MetricType | undefined;
  #metric = '';
  #startT = 0;
  readonly #held: HeldSample[] = [];

  constructor(collector: RowCollector, typeOf: (family: string) => MetricType | undefined) {
    this.#collector = collector;
    this.#typeOf = typeOf;
  }

  add(series: OpenMetricsSeries, t: number, v: number, exemplar: TextExemplar | undefined): void {
    if (!TYPES_WITH_START.has(this.#typeOf(series.family))) {
      this.flush();
      this.#pass({ series, t, v, exemplar }, 0);
      return;
    }
    if (series.metric !== this.#metric || this.#held.length >= MAX_HELD) {
      this.flush();
      this.#metric = series.metric;
    }
    if (series.isCreated) {
      const startT = Math.round(v * 1000);
      if (Number.isSafeInteger(startT)) this.#startT = startT;
      // It stays a series of its own, as Prometheus and VictoriaMetrics keep it.
      this.#pass({ series, t, v, exemplar }, 0);
    } else this.#held.push({ series, t, v, exemplar });
  }

  /** Passes on what is held. */
  flush(): void {
    for (const sample of this.#held) this.#pass(sample, this.#startT);
    this.#held.length = 0;
    this.#metric = '';
    this.#startT = 0;
  }

  #pass({ series, t, v, exemplar }: HeldSample, startT: number): void {
    if (startT === 0 && exemplar === undefined) this.#collector.add(series, t, v);
    else this.#collector.addDetailed(series, t, v, startT, exemplarsOf(exemplar, t));
  }
}
