// Real senders of OpenTelemetry: the JavaScript SDK with each of its exporters, to the built server. What was recorded
// is asked for in PromQL.

import { credentials, Metadata } from '@grpc/grpc-js';
import { OTLPMetricExporter as GrpcExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonExporter,
} from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { App } from '../support/app.ts';
import { freePort, removeFolder, temporaryFolder } from '../support/child.ts';

/** What the SDK calls `none` and `gzip`. */
type Compression = NonNullable<
  NonNullable<ConstructorParameters<typeof ProtobufExporter>[0]>['compression']
>;
const GZIP = 'gzip' as Compression;

/** Never by itself: tests say when. */
const EXPORT_INTERVAL_MS = 3_600_000;

const folder = temporaryFolder('otlp-senders');
let app: App;
let grpcPort: number;

beforeAll(async () => {
  grpcPort = await freePort();
  app = await App.start({
    dataDir: folder,
    flags: [
      `--otlp.grpc-listen=127.0.0.1:${grpcPort}`,
      '--enable-feature=otlp-deltatocumulative',
      '--otlp.promote-resource-attributes=deployment.environment.name',
    ],
  });
});

afterAll(async () => {
  await app?.kill();
  removeFolder(folder);
});

interface Sender {
  readonly provider: MeterProvider;
  /** Exports what has been recorded; rejects if that failed. */
  readonly flush: () => Promise<void>;
}

function startSender(service: string, exporter: PushMetricExporter): Sender {
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: EXPORT_INTERVAL_MS,
  });
  const provider = new MeterProvider({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.namespace': 'shop',
      'service.instance.id': 'i-1',
      'deployment.environment.name': 'test',
      'host.name': 'web-1',
    }),
    readers: [reader],
    views: [
      {
        instrumentName: 'exponential.*',
        aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM },
      },
    ],
  });
  return { provider, flush: () => provider.forceFlush() };
}

/** `{labels} value` of every series that a query finds, sorted. */
async function query(expr: string, time = Date.now()): Promise<string[]> {
  const params = new URLSearchParams({ query: expr, time: String(time / 1000) });
  const { text } = await app.client.send('GET', `/api/v1/query?${params}`);
  const { data } = JSON.parse(text) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return data.result.map(({ metric, value }) => `${JSON.stringify(metric)} ${value[1]}`).sort();
}

const EXPORTERS: readonly [name: string, make: () => PushMetricExporter][] = [
  ['protobuf', () => new ProtobufExporter({ url: `${app.url}/v1/metrics` })],
  [
    'protobuf, gzip, at the path of Prometheus',
    () => new ProtobufExporter({ url: `${app.url}/api/v1/otlp/v1/metrics`, compression: GZIP }),
  ],
  ['JSON', () => new JsonExporter({ url: `${app.url}/v1/metrics` })],
  [
    'JSON, gzip, at the path of VictoriaMetrics',
    () => new JsonExporter({ url: `${app.url}/opentelemetry/v1/metrics`, compression: GZIP }),
  ],
  ['gRPC', () => new GrpcExporter({ url: `http://127.0.0.1:${grpcPort}` })],
  [
    'gRPC, gzip, with metadata',
    () => {
      const metadata = new Metadata();
      metadata.set('x-scope-orgid', 'default');
      return new GrpcExporter({
        url: `http://127.0.0.1:${grpcPort}`,
        credentials: credentials.createInsecure(),
        compression: GZIP,
        metadata,
      });
    },
  ],
];

describe.each(EXPORTERS)('the SDK over %s', (name, make) => {
  const service = name.replaceAll(/[^a-z]+/gi, '-');
  const job = `shop/${service}`;

  test('counters, gauges and histograms', async () => {
    const { provider, flush } = startSender(service, make());
    const meter = provider.getMeter('lib', '1.0');
    const requests = meter.createCounter('http.server.requests', { description: 'All of them' });
    requests.add(3, { 'http.method': 'GET' });
    requests.add(2, { 'http.method': 'POST' });
    meter.createUpDownCounter('queue.size').add(-4);
    meter.createObservableGauge('memory.usage', { unit: 'By' }).addCallback((result) => {
      result.observe(12.5, { heap: true });
    });
    const advice = { explicitBucketBoundaries: [0.1, 1, 10] };
    const duration = meter.createHistogram('http.duration', { unit: 's', advice });
    for (const value of [0.05, 0.5, 0.7, 5, 50]) duration.record(value);
    const size = meter.createHistogram('exponential.size');
    for (const value of [0, 1, 2, 4, 8, -1]) size.record(Math.max(value, 0));
    await flush();

    const on = `{job="${job}"}`;
    expect(await query(`sum by (http_method) (http_server_requests_total${on})`)).toEqual([
      '{"http_method":"GET"} 3',
      '{"http_method":"POST"} 2',
    ]);
    expect(await query(`queue_size${on}`)).toEqual([
      `{"__name__":"queue_size","deployment_environment_name":"test","instance":"i-1","job":"${job}"} -4`,
    ]);
    expect(await query(`memory_usage_bytes{heap="true",job="${job}"}`)).toHaveLength(1);
    expect(await query(`sum by (le) (http_duration_seconds_bucket${on})`)).toEqual([
      '{"le":"+Inf"} 5',
      '{"le":"0.1"} 1',
      '{"le":"1"} 3',
      '{"le":"10"} 4',
    ]);
    expect(await query(`sum(http_duration_seconds_sum${on})`)).toEqual(['{} 56.25']);
    expect(await query(`sum(histogram_count(exponential_size${on}))`)).toEqual(['{} 6']);
    expect(await query(`sum(histogram_sum(exponential_size${on}))`)).toEqual(['{} 15']);
    expect(
      await query(`sum(histogram_fraction(0, 0.5, exponential_size${on})) > 0.3`),
    ).toHaveLength(1);
    expect(await query(`sum by (host_name) (target_info${on})`)).toEqual([
      '{"host_name":"web-1"} 1',
    ]);
    expect(
      await query(`queue_size${on} * on (job, instance) group_left (host_name) target_info`),
    ).toEqual([expect.stringContaining('"host_name":"web-1"')]);
    const { text } = await app.client.send(
      'GET',
      '/api/v1/metadata?metric=http_server_requests_total',
    );
    expect(JSON.parse(text).data.http_server_requests_total).toEqual([
      { type: 'counter', help: 'All of them', unit: '' },
    ]);

    // What the counter tells next has the same start.
    requests.add(10, { 'http.method': 'GET' });
    await flush();
    expect(await query(`sum(http_server_requests_total${on})`)).toEqual(['{} 15']);
    await provider.shutdown();
  });
});

describe('the SDK with delta temporality', () => {
  const temporalityPreference = AggregationTemporalityPreference.DELTA;
  test.each<[string, () => PushMetricExporter]>([
    [
      'protobuf',
      () => new ProtobufExporter({ url: `${app.url}/v1/metrics`, temporalityPreference }),
    ],
    ['JSON', () => new JsonExporter({ url: `${app.url}/v1/metrics`, temporalityPreference })],
    [
      'gRPC',
      () => new GrpcExporter({ url: `http://127.0.0.1:${grpcPort}`, temporalityPreference }),
    ],
  ])('over %s is added up', async (name, make) => {
    const job = `shop/delta-${name}`;
    const { provider, flush } = startSender(`delta-${name}`, make());
    const meter = provider.getMeter('lib');
    const hits = meter.createCounter('hits');
    const advice = { explicitBucketBoundaries: [1, 10] };
    const latency = meter.createHistogram('latency', { unit: 'ms', advice });
    const size = meter.createHistogram('exponential.latency');
    for (const round of [1, 2, 3]) {
      hits.add(round);
      latency.record(5 * round);
      size.record(round);
      await flush();
      // Of two deltas in one millisecond the second would be refused.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const on = `{job="${job}"}`;
    expect(await query(`sum(hits_total${on})`)).toEqual(['{} 6']);
    expect(await query(`sum by (le) (latency_milliseconds_bucket${on})`)).toEqual([
      '{"le":"+Inf"} 3',
      '{"le":"1"} 0',
      '{"le":"10"} 2',
    ]);
    expect(await query(`sum(histogram_count(exponential_latency${on}))`)).toEqual(['{} 3']);
    expect(await query(`sum(histogram_sum(exponential_latency${on}))`)).toEqual(['{} 6']);
    await provider.shutdown();
  });
});

test('an SDK whose export fails tries again until the server is back', async () => {
  const exporter = new ProtobufExporter({ url: `${app.url}/v1/metrics`, timeoutMillis: 20_000 });
  const { provider, flush } = startSender('patient', exporter);
  provider.getMeter('lib').createCounter('patience').add(1);
  const { port } = app;
  await app.stop();
  const flushed = flush();
  app = await App.start({
    dataDir: folder,
    port,
    flags: [`--otlp.grpc-listen=127.0.0.1:${grpcPort}`],
  });
  await flushed;
  expect(await query('patience_total')).toHaveLength(1);
  await provider.shutdown();
});
