// Real Prometheus end to end, with today's release: what it scraped and wrote to Tidemark, by remote
// write 1.0 and 2.0, a second one with an empty database reads back by remote read, the same to the
// last digit. The server is killed in between, and flushes and merges what it has.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { App } from '../support/app.ts';
import { type Child, removeFolder, temporaryFolder } from '../support/child.ts';
import { Client, EVERYTHING } from '../support/client.ts';
import { type OddTarget, startOddTarget } from '../support/odd-target.ts';
import {
  currentPrometheus,
  nodeExporter,
  type Prometheus,
  startNodeExporter,
} from '../support/prometheus.ts';
import { type SamplesProxy, startSamplesProxy } from '../support/samples-proxy.ts';
import {
  EXPRESSIONS,
  HISTOGRAM_EXPRESSIONS,
  keepBusy,
  RAW_SELECTORS,
  rangeQuery,
  rawSamples,
  type Span,
  startReader,
  startSource,
  waitForArrival,
} from '../support/scrape-run.ts';

/** Half before the server is killed, half after. */
const SCRAPE_MS = 9000;

const FEATURES = ['native-histograms', 'exemplar-storage', 'metadata-wal-records'];
const EXTERNAL_LABELS = { region: 'eu', replica: '1' };

const peer = currentPrometheus();
const exporter = nodeExporter();
const missing = [
  ...(peer === undefined ? ['Prometheus 3 or later (in $TIDEMARK_PEERS)'] : []),
  ...(exporter === undefined ? ['node exporter'] : []),
].join(' and ');

/** One version of remote write with a server and a Prometheus of its own. */
interface Setup {
  readonly name: string;
  app: App;
  readonly folder: string;
  readonly source: Prometheus;
  readonly readers: Map<string, Prometheus>;
  readonly proxy: SamplesProxy;
  span: Span;
}

const CASES = [
  { name: '1.0', message: 'prometheus.WriteRequest', externalLabels: {} },
  { name: '2.0', message: 'io.prometheus.write.v2.Request', externalLabels: EXTERNAL_LABELS },
] as const;

if (missing !== '') process.stderr.write(`skipped, needs ${missing}\n`);

describe.skipIf(missing !== '')(`end to end with Prometheus ${peer?.version}`, () => {
  const setups = new Map<string, Setup>();
  let node: Child | undefined;
  let odd: OddTarget | undefined;

  beforeAll(async () => {
    const started = await startNodeExporter(exporter!);
    node = started.child;
    odd = await startOddTarget();
    const targets = { node: started.address, odd: odd.address };
    await Promise.all(CASES.map((each) => setUp(each, targets, setups)));
  }, 60_000);

  afterAll(async () => {
    odd?.close();
    await node?.kill();
    for (const { app, source, readers, proxy, folder } of setups.values()) {
      proxy.close();
      await Promise.all([source, app, ...readers.values()].map((program) => program.kill()));
      removeFolder(folder);
    }
  });

  describe.each(CASES)('remote write $name', ({ name }) => {
    test.each(['chunks', 'samples'])('reads every raw sample back as %s', async (form) => {
      const { source, readers, span } = setups.get(name)!;
      for (const selector of RAW_SELECTORS) {
        const want = await rawSamples(source, selector, span);
        expect(want).not.toEqual([]);
        expect(await rawSamples(readers.get(form)!, selector, span), selector).toEqual(want);
      }
    });

    test.each(['chunks', 'samples'])('answers range queries alike from %s', async (form) => {
      const { source, readers, span } = setups.get(name)!;
      for (const query of [...EXPRESSIONS, ...HISTOGRAM_EXPRESSIONS]) {
        const want = await rangeQuery(source, query, span);
        expect(want, `${query} finds something`).not.toEqual([]);
        expect(await rangeQuery(readers.get(form)!, query, span), query).toEqual(want);
      }
    });

    // Prometheus hides stale markers from queries, but not from remote read.
    test.each(['chunks', 'samples'] as const)('holds the same bits, read as %s', async (form) => {
      const { app, source, span } = setups.get(name)!;
      const range = { minT: span.start * 1000, maxT: span.end * 1000 };
      const want = await new Client(source.url).read(form, EVERYTHING, range);
      const have = await app.client.read(form, EVERYTHING, range);
      expect(want.series.size).toBeGreaterThan(500);
      expect(have.series).toEqual(want.series);
      expect(have.duplicates).toEqual([]);
    });

    test('keeps metadata', async () => {
      const { app, source } = setups.get(name)!;
      const want = (await source.api('metadata', {})) as MetadataByMetric;
      const have = (JSON.parse(await ask(app, '/api/v1/metadata')) as { data: MetadataByMetric })
        .data;
      for (const [metric, entries] of Object.entries(want)) {
        // Version 2.0 sends it with series, of which some have suffixes.
        const names = [metric, `${metric}_total`, `${metric}_count`];
        const found = names.map((each) => have[each]).find((each) => each !== undefined);
        expect(entries, metric).toContainEqual(found?.[0]);
      }
    });

    test('keeps exemplars', async () => {
      const { app, source, span } = setups.get(name)!;
      const params = { query: 'odd_requests_total', start: `${span.start}`, end: `${span.end}` };
      const [series] = (await source.api('query_exemplars', params)) as [{ exemplars: Exemplar[] }];
      const want = series.exemplars.map(({ labels, value, timestamp }) => {
        return { labels, value: Number(value), timestamp: Math.round(timestamp * 1000) };
      });
      expect(want.length).toBeGreaterThan(SCRAPE_MS / 2000);
      const range = `start=${span.start}&end=${span.end}`;
      const lines = await ask(app, `/api/v1/export?match[]=odd_requests_total&${range}`);
      // A line of metadata comes first.
      const exported = lines.split('\n').filter((line) => line.includes('"exemplars":'));
      expect(exported).toHaveLength(1);
      const { exemplars } = JSON.parse(exported[0]!) as { exemplars: unknown };
      expect(exemplars).toEqual(want);
    });
  });
});

type MetadataByMetric = Record<string, readonly unknown[]>;

interface Exemplar {
  readonly labels: Record<string, string>;
  readonly value: string;
  readonly timestamp: number;
}

async function ask({ client }: App, path: string): Promise<string> {
  const { status, text } = await client.send('GET', path);
  expect(status).toBe(200);
  return text;
}

async function setUp(
  { name, message, externalLabels }: (typeof CASES)[number],
  targets: Readonly<Record<string, string>>,
  setups: Map<string, Setup>,
): Promise<void> {
  const folder = temporaryFolder('end-to-end');
  const dataDir = join(folder, 'data');
  const app = await App.start({ dataDir });
  const proxy = await startSamplesProxy(app.url);
  const [source, chunks, samples] = await Promise.all([
    startSource({
      peer: peer!,
      folder,
      targets,
      writeUrl: `${app.url}/api/v1/write`,
      writeLines: [`protobuf_message: ${message}`],
      externalLabels,
      features: FEATURES,
    }),
    startReader({ peer: peer!, folder, readUrl: `${app.url}/api/v1/read`, externalLabels }),
    startReader({ peer: peer!, folder, readUrl: `${proxy.url}/api/v1/read`, externalLabels }),
  ]);
  const readers = new Map([
    ['chunks', chunks],
    ['samples', samples],
  ]);
  const start = Math.ceil(Date.now() / 1000);
  const setup: Setup = {
    name,
    app,
    folder,
    source,
    readers,
    proxy,
    span: { start, end: start },
  };
  setups.set(name, setup);

  await keepBusy(source, SCRAPE_MS / 2);
  await restart(setup, dataDir);
  await keepBusy(source, SCRAPE_MS / 2);
  setup.span = { start, end: Math.floor(Date.now() / 1000) };
  await waitForArrival(source, chunks, setup.span);
  // Version 2.0 is read from parts, version 1.0 from the replayed log.
  if (name === '2.0') {
    await setup.app.client.send('POST', '/internal/force_flush');
    await setup.app.client.send('POST', '/internal/force_merge');
  }
  await restart(setup, dataDir);
}

/** kill -9, and a start on the same port. */
async function restart(setup: Setup, dataDir: string): Promise<void> {
  await setup.app.kill();
  setup.app = await App.start({ dataDir, port: setup.app.port });
}
