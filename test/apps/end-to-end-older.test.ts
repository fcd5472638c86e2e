// Real Prometheus end to end, with the release that Debian 12 has: it writes 1.0 only, and as a reader
// it asks for samples only.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { App } from '../support/app.ts';
import { type Child, removeFolder, temporaryFolder } from '../support/child.ts';
import { type OddTarget, startOddTarget } from '../support/odd-target.ts';
import {
  nodeExporter,
  olderPrometheus,
  type Prometheus,
  startNodeExporter,
} from '../support/prometheus.ts';
import {
  EXPRESSIONS,
  keepBusy,
  RAW_SELECTORS,
  rangeQuery,
  rawSamples,
  type Span,
  startReader,
  startSource,
  waitForArrival,
} from '../support/scrape-run.ts';

const SCRAPE_MS = 7000;

const peer = olderPrometheus();
const exporter = nodeExporter();
const missing = [
  ...(peer === undefined ? ['Prometheus 2 on PATH (Debian: prometheus)'] : []),
  ...(exporter === undefined ? ['node exporter (Debian: prometheus-node-exporter)'] : []),
].join(' and ');

if (missing !== '') process.stderr.write(`skipped, needs ${missing}\n`);

describe.skipIf(missing !== '')(`end to end with Prometheus ${peer?.version}`, () => {
  let folder: string;
  let app: App;
  let source: Prometheus;
  let reader: Prometheus;
  let node: Child;
  let odd: OddTarget;
  let span: Span;

  beforeAll(async () => {
    folder = temporaryFolder('end-to-end-older');
    const dataDir = join(folder, 'data');
    const exported = await startNodeExporter(exporter!);
    node = exported.child;
    odd = await startOddTarget();
    app = await App.start({ dataDir });
    source = await startSource({
      peer: peer!,
      folder,
      writeUrl: `${app.url}/api/v1/write`,
      targets: { node: exported.address, odd: odd.address },
      features: ['exemplar-storage'],
    });
    reader = await startReader({ peer: peer!, folder, readUrl: `${app.url}/api/v1/read` });
    const start = Math.ceil(Date.now() / 1000);
    await keepBusy(source, SCRAPE_MS);
    span = { start, end: Math.floor(Date.now() / 1000) };
    await waitForArrival(source, reader, span);
    await app.kill();
    app = await App.start({ dataDir, port: app.port });
  }, 60_000);

  afterAll(async () => {
    odd?.close();
    await Promise.all([source, reader, app, node].map((program) => program?.kill()));
    if (folder !== undefined) removeFolder(folder);
  });

  test('reads every raw sample back', async () => {
    for (const selector of RAW_SELECTORS) {
      const want = await rawSamples(source, selector, span);
      expect(want).not.toEqual([]);
      expect(await rawSamples(reader, selector, span), selector).toEqual(want);
    }
  });

  test('answers range queries alike', async () => {
    for (const query of EXPRESSIONS) {
      const want = await rangeQuery(source, query, span);
      expect(want, `${query} finds something`).not.toEqual([]);
      expect(await rangeQuery(reader, query, span), query).toEqual(want);
    }
  });
});
