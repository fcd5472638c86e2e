// The queries of the bench and the data they run on: what dashboards and people ask, from one point of
// few series to matrices of many megabytes.

import { TICK_MS } from '../corpus.ts';

/** The data of one cell, as corpus.ts makes it. */
export interface QueryCell {
  readonly name: string;
  readonly series: number;
  readonly tickMs: number;
  /** Whole and quick. */
  readonly ticks: number;
  readonly quickTicks: number;
  readonly queries: readonly BenchQuery[];
}

/** How the targets judge a query; each class has a limit of its own. */
export type QueryClass = 'aggregate' | 'matrix' | 'instant';

export interface BenchQuery {
  readonly name: string;
  readonly query: string;
  readonly class: QueryClass;
  /** undefined: instant, at the end of the data. */
  readonly range: { readonly hours: number; readonly stepSeconds: number } | undefined;
}

/** Hours. */
const DAY = 24;

const IDLE = 'avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))';
const QUANTILE =
  'histogram_quantile(0.99, sum by (le, handler) (rate(http_request_duration_seconds_bucket[5m])))';
const IDLE_HOURS = IDLE.replace('5m', '1h');
const QUANTILE_HOURS = QUANTILE.replace('5m', '1h');
const TOP = 'topk(5, sum by (instance) (rate(node_cpu_seconds_total[5m])))';
const BY_DEVICE = 'sum by (pod, device) (rate(node_network_receive_bytes_total[5m]))';
const BUCKETS = 'sum(rate(http_request_duration_seconds_bucket[5m]))';
const LOADS = '{__name__=~"node_load(1|5|15)"}';
const EVERYTHING = '{__name__!=""}';

const INSTANTS: readonly BenchQuery[] = [
  instant('one gauge', 'node_load5'),
  instant(
    'busy CPU by instance',
    'sum by (instance) (rate(node_cpu_seconds_total{mode!="idle"}[5m]))',
  ),
  instant('top 10 receivers', 'topk(10, rate(node_network_receive_bytes_total[5m]))'),
  instant('count of all series', `count(${EVERYTHING})`),
];

export const QUERY_CELLS: readonly QueryCell[] = [
  {
    name: '10k-24h',
    series: 10_000,
    tickMs: TICK_MS,
    ticks: 5760,
    quickTicks: 1440,
    queries: [
      ...INSTANTS,
      range('idle CPU by instance', IDLE, 'aggregate', 1, 15),
      range('idle CPU by instance', IDLE, 'aggregate', 6, 60),
      range('idle CPU by instance', IDLE, 'aggregate', 24, 60),
      range('99th percentile by handler', QUANTILE, 'aggregate', 1, 15),
      range('99th percentile by handler', QUANTILE, 'aggregate', 6, 60),
      range('99th percentile by handler', QUANTILE, 'aggregate', 24, 60),
      range('5 busiest instances', TOP, 'aggregate', 6, 60),
      range('load averaged over hours', 'avg_over_time(node_load5[1h])', 'aggregate', 24, 60),
      range('received by pod and device', BY_DEVICE, 'aggregate', 1, 15),
      range('all buckets', BUCKETS, 'aggregate', 1, 15),
      range('sum of all series', `sum(${EVERYTHING})`, 'aggregate', 1, 60),
      range('loads by regular expression', LOADS, 'matrix', 1, 15),
      range('one gauge', 'node_load5', 'matrix', 24, 60),
      range('CPU rates', 'rate(node_cpu_seconds_total[5m])', 'matrix', 1, 15),
    ],
  },
  {
    name: '100k-1h',
    series: 100_000,
    tickMs: TICK_MS,
    ticks: 240,
    quickTicks: 60,
    queries: [
      ...INSTANTS,
      range('idle CPU by instance', IDLE, 'aggregate', 1, 15),
      range('99th percentile by handler', QUANTILE, 'aggregate', 1, 15),
      range('received by pod and device', BY_DEVICE, 'aggregate', 1, 15),
      range('all buckets', BUCKETS, 'aggregate', 1, 15),
      range('sum of all series', `sum(${EVERYTHING})`, 'aggregate', 1, 60),
      range('loads by regular expression', LOADS, 'matrix', 1, 15),
      range('CPU rates', 'rate(node_cpu_seconds_total[5m])', 'matrix', 1, 15),
    ],
  },
  {
    name: '2k-30d',
    series: 2000,
    tickMs: 60_000,
    ticks: 43_200,
    quickTicks: 1440,
    queries: [
      instant('one gauge', 'node_load5'),
      { ...instant('averages of a week', 'avg_over_time(node_load5[7d])'), class: 'aggregate' },
      range('idle CPU by instance', IDLE, 'aggregate', DAY, 300),
      range('idle CPU by instance', IDLE_HOURS, 'aggregate', 7 * DAY, 1800),
      range('idle CPU by instance', IDLE_HOURS, 'aggregate', 30 * DAY, 3600),
      range('99th percentile by handler', QUANTILE_HOURS, 'aggregate', 30 * DAY, 3600),
      range('most load of hours', 'max_over_time(node_load5[1h])', 'aggregate', 30 * DAY, 3600),
      range('one gauge', 'node_load5', 'matrix', 30 * DAY, 3600),
      range('memory', '{__name__=~"node_memory_.*"}', 'matrix', 30 * DAY, 3600),
    ],
  },
];

function instant(name: string, query: string): BenchQuery {
  return { name, query, class: 'instant', range: undefined };
}

function range(
  name: string,
  query: string,
  queryClass: QueryClass,
  hours: number,
  stepSeconds: number,
): BenchQuery {
  return { name, query, class: queryClass, range: { hours, stepSeconds } };
}

/** `1h/15s`, `30d/1h`, or `instant`. */
export function printRange({ range: asked }: BenchQuery): string {
  if (asked === undefined) return 'instant';
  const { hours, stepSeconds } = asked;
  const span = hours > DAY ? `${hours / DAY}d` : `${hours}h`;
  return `${span}/${stepSeconds >= 3600 ? `${stepSeconds / 3600}h` : `${stepSeconds}s`}`;
}
