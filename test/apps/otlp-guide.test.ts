// What docs/guides/opentelemetry.md says, done: the variables in the SDK, the files read, the commands run.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { OTLPMetricExporter as GrpcExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { GrpcListeners } from '../../src/api/grpc/listeners.ts';
import { Listeners } from '../../src/api/listeners.ts';
import { loadSettings } from '../../src/config/load.ts';
import { testAccess } from '../support/access.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { guideBlocks } from '../support/guide.ts';
import { nanos, otlpJson, otlpRequest } from '../support/otlp.ts';

const run = promisify(execFile);
const blocks = guideBlocks('opentelemetry');

interface Server {
  readonly api: TestApi;
  readonly port: number;
  readonly grpcPort: number;
  readonly close: () => Promise<void>;
}

async function startServer(access = testAccess(false)): Promise<Server> {
  const listen = { host: '127.0.0.1', port: 0 };
  const settings = { auth: access.isRequired, 'otlp.grpc-listen': [listen] };
  const api = startApi({ access, settings });
  await api.app.ready();
  const { logger } = api.context;
  const http = new Listeners(api.app, { maxConnections: 100, logger });
  const grpc = new GrpcListeners(api.context);
  const { port } = await http.listen(listen);
  const [{ port: grpcPort } = { port: 0 }] = await grpc.listenAll();
  const close = async (): Promise<void> => {
    await Promise.all([http.close(100), grpc.close(100)]);
    await api.app.close();
  };
  return { api, port, grpcPort, close };
}

/** Series of a metric that are stored. */
async function seriesOf({ api }: Server, metric: string): Promise<number> {
  const querier = api.storage.database('default')!.querier({ minT: 0, maxT: Date.now() });
  return (await querier.series([[{ type: '=', name: '__name__', value: metric }]])).length;
}

let open: Server;
let guarded: Server;
/** As the guide writes it. */
let credentials: string;

beforeAll(async () => {
  open = await startServer();
  const access = testAccess();
  await access.createUser('root', 'root-password', true);
  const { key, secret } = access.createKey({
    name: 'checkout',
    scopes: ['write'],
    databases: ['default'],
    expiresAt: undefined,
  });
  credentials = `${key.id}.${secret}`;
  guarded = await startServer(access);
});

afterAll(async () => {
  await open.close();
  await guarded.close();
});

/** With addresses and credentials of a server. */
function filled(text: string, { port, grpcPort }: Server): string {
  return text
    .replaceAll('127.0.0.1:8086', `127.0.0.1:${port}`)
    .replaceAll('127.0.0.1:4317', `127.0.0.1:${grpcPort}`)
    .replaceAll('<key id>.<secret>', credentials);
}

describe('an SDK', () => {
  const before = { ...process.env };
  afterEach(() => {
    for (const name of Object.keys(process.env)) {
      if (name.startsWith('OTEL_') && !(name in before)) delete process.env[name];
    }
  });

  /** Sets the variables of the n-th block. */
  function export_(n: number, server: Server): void {
    const shells = blocks.filter(
      ({ heading, language }) => heading === 'An SDK' && language === 'sh',
    );
    for (const [, name, value] of filled(shells[n]!.text, server).matchAll(
      /^export (\w+)=(.*)$/gm,
    )) {
      process.env[name!] = value!.replaceAll('"', '');
    }
  }

  async function send(exporter: PushMetricExporter, metric: string): Promise<void> {
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const resource = resourceFromAttributes({ 'service.name': process.env.OTEL_SERVICE_NAME });
    const provider = new MeterProvider({ resource, readers: [reader] });
    provider.getMeter('guide').createCounter(metric).add(1);
    await provider.shutdown();
  }

  test('over HTTP', async () => {
    export_(0, open);
    await send(new ProtobufExporter(), 'over.http');
    expect(await seriesOf(open, 'over_http_total')).toBe(1);
  });

  test('over gRPC', async () => {
    export_(1, open);
    await send(new GrpcExporter(), 'over.grpc');
    expect(await seriesOf(open, 'over_grpc_total')).toBe(1);
  });

  test('with credentials', async () => {
    export_(0, guarded);
    export_(2, guarded);
    await send(new ProtobufExporter(), 'over.http');
    expect(await seriesOf(guarded, 'over_http_total')).toBe(1);
    export_(1, guarded);
    await send(new GrpcExporter(), 'over.grpc');
    expect(await seriesOf(guarded, 'over_grpc_total')).toBe(1);
  });
});

test("a Collector's exporter names a URL and a header that work", async () => {
  const { text } = blocks.find(({ heading }) => heading === 'A Collector')!;
  const { exporters } = parse(filled(text, guarded)) as {
    exporters: Record<string, { metrics_endpoint: string; headers: Record<string, string> }>;
  };
  const { metrics_endpoint: url, headers } = exporters['otlphttp/tidemark']!;
  const point = { timeUnixNano: nanos(Date.now()), asInt: '1' };
  const body = otlpJson(otlpRequest([{ name: 'collected', gauge: { dataPoints: [point] } }]));
  const type = { 'Content-Type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers: { ...headers, ...type }, body });
  expect([answer.status, await answer.text()]).toEqual([200, '{}']);
});

test('the settings are some', () => {
  const { text } = blocks.find(
    ({ heading, language }) => heading === 'Names and labels' && language === 'yaml',
  )!;
  const sources = { flags: new Map(), environment: {}, configFile: undefined };
  expect(loadSettings({ ...sources, readFile: () => text })).toMatchObject({
    'otlp.translation-strategy': 'NoUTF8EscapingWithSuffixes',
    'otlp.convert-histograms-to-nhcb': true,
  });
});

test('the request by hand is stored and found', async () => {
  const { text } = blocks.find(({ heading }) => heading === 'When nothing arrives')!;
  const { stdout } = await run('bash', ['-c', filled(text, open)]);
  expect(stdout).toMatch(/^HTTP\/1.1 200 OK/);
  expect(stdout).toMatch(/"__name__":"hello"/);
});
