// A Prometheus that scrapes itself and node exporter and writes to Tidemark; and the same questions put
// to it and to one that knows nothing but what Tidemark has.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from './child.ts';
import { type Peer, Prometheus } from './prometheus.ts';

/** Prometheus takes some 5 s before its first scrape. */
const FIRST_SCRAPE_TIMEOUT_MS = 20_000;
/** Time within which what was scraped must have reached the server. */
const ARRIVAL_TIMEOUT_MS = 15_000;

export interface SourceOptions {
  readonly peer: Peer;
  readonly folder: string;
  /** Where it writes to. */
  readonly writeUrl: string;
  /** Addresses by the name of their job. */
  readonly targets: Readonly<Record<string, string>>;
  /** Lines of `remote_write`, each indented by four blanks. */
  readonly writeLines?: readonly string[];
  readonly externalLabels?: Readonly<Record<string, string>>;
  readonly features: readonly string[];
}

/** Starts a Prometheus that scrapes every second and sends at once; waits until it has scraped all. */
export async function startSource(options: SourceOptions): Promise<Prometheus> {
  const { peer, folder, writeUrl, targets, writeLines = [], externalLabels } = options;
  const job = ([name, address]: [string, string]): string =>
    `  - {job_name: ${name}, static_configs: [{targets: ['${address}']}]}`;
  const source = await Prometheus.start({
    peer,
    folder: join(folder, 'source'),
    flags: [`--enable-feature=${options.features.join(',')}`],
    config: (address) => `
global:
  scrape_interval: 1s
  external_labels: ${JSON.stringify(externalLabels ?? {})}
scrape_configs:
${Object.entries({ prometheus: address, ...targets })
  .map(job)
  .join('\n')}
remote_write:
  - url: ${writeUrl}
    send_exemplars: true
    send_native_histograms: true
    metadata_config: {send_interval: 1s}
    queue_config: {batch_send_deadline: 200ms, min_backoff: 30ms, max_backoff: 300ms}
${writeLines.map((line) => `    ${line}\n`).join('')}`,
  });
  const jobs = Object.keys(targets).length + 1;
  await waitFor('the first scrape', FIRST_SCRAPE_TIMEOUT_MS, async () => {
    const { result } = (await source.api('query', { query: 'up == 1' })) as { result: unknown[] };
    return result.length === jobs ? true : undefined;
  });
  return source;
}

export interface ReaderOptions {
  readonly peer: Peer;
  readonly folder: string;
  readonly readUrl: string;
  readonly externalLabels?: Readonly<Record<string, string>>;
}

let readers = 0;

/** Starts a Prometheus with nothing of its own. */
export function startReader(options: ReaderOptions): Promise<Prometheus> {
  const { peer, folder, readUrl, externalLabels } = options;
  return Prometheus.start({
    peer,
    folder: join(folder, `reader-${++readers}`),
    config: () => `
global:
  external_labels: ${JSON.stringify(externalLabels ?? {})}
remote_read:
  - url: ${readUrl}
    read_recent: true
`,
  });
}

/** Keeps asking a Prometheus for things, so that its own histograms and counters move. */
export async function keepBusy(source: Prometheus, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    await source.api('query', { query: 'sum(rate(up[5s]))' });
    await source.api('labels', {});
    await sleep(50);
  }
}

/** Seconds since 1970, both ends included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Every raw sample: instant queries for ranges. The four kinds of matchers occur. */
export const RAW_SELECTORS: readonly string[] = [
  '{__name__=~".+"}',
  'up{job="node"}',
  'up{job!="node"}',
  'node_cpu_seconds_total{mode!~"idle|iow.*"}',
  '{__name__=~"go_gc_.+|process_.*_bytes",job=~"pro.*|no.e"}',
  'odd_value',
  'scrape_samples_scraped{nothing=""}',
  'up{nothing!~".+"}',
];

export const EXPRESSIONS: readonly string[] = [
  'up',
  'node_cpu_seconds_total{mode="user"}',
  'rate(node_cpu_seconds_total[5s])',
  'sum by (mode) (rate(node_cpu_seconds_total{mode=~"user|system"}[4s]))',
  'topk(3, rate(node_network_receive_bytes_total{device!=""}[5s]))',
  'increase(prometheus_http_requests_total{handler!~"/metrics|/-/.*"}[6s])',
  'histogram_quantile(0.9, sum by (le) (rate(prometheus_http_response_size_bytes_bucket[5s])))',
  'go_memstats_alloc_bytes - avg_over_time(go_memstats_alloc_bytes[5s])',
  'odd_value{kind!="infinite"}',
  'count by (job) ({__name__=~".+"})',
  'count_over_time(odd_requests_total[3s])',
];

/** For sources that scrape native histograms. */
export const HISTOGRAM_EXPRESSIONS: readonly string[] = [
  'prometheus_http_request_duration_seconds',
  'rate(prometheus_http_request_duration_seconds[5s])',
  'histogram_quantile(0.9, rate(prometheus_http_request_duration_seconds[5s]))',
  'histogram_count(sum(increase(prometheus_http_request_duration_seconds{handler=~"/api/.*"}[5s])))',
  'histogram_fraction(0, 0.001, sum by (handler) (prometheus_http_request_duration_seconds))',
];

/** All raw samples in the span, as Prometheus prints them. */
export function rawSamples(of: Prometheus, selector: string, span: Span): Promise<unknown> {
  const seconds = Math.ceil(span.end - span.start);
  return result(of, 'query', { query: `${selector}[${seconds}s]`, time: String(span.end) });
}

export function rangeQuery(of: Prometheus, query: string, { start, end }: Span): Promise<unknown> {
  return result(of, 'query_range', { query, start: String(start), end: String(end), step: '1' });
}

/** Series in an order that does not depend on where they came from. */
async function result(
  of: Prometheus,
  path: string,
  params: Readonly<Record<string, string>>,
): Promise<unknown> {
  const data = (await of.api(path, params)) as { result: { metric: Record<string, string> }[] };
  const keyed = data.result.map((series) => {
    const labels = Object.entries(series.metric).sort(([a], [b]) => (a < b ? -1 : 1));
    return { key: JSON.stringify(labels), series };
  });
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  return keyed.map(({ series }) => series);
}

/** Waits until the reader has all samples that the source has in the span. */
export async function waitForArrival(
  source: Prometheus,
  reader: Prometheus,
  span: Span,
): Promise<void> {
  const all = RAW_SELECTORS[0]!;
  const want = JSON.stringify(await rawSamples(source, all, span));
  await waitFor('all samples to arrive', ARRIVAL_TIMEOUT_MS, async () => {
    const have = JSON.stringify(await rawSamples(reader, all, span));
    return have === want ? true : undefined;
  }).catch(() => {
    // The comparison that follows shows what is missing.
  });
}
