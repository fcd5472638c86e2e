// A real Prometheus scrapes our /federate in every format, and has what we have.

import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.ts';
import { makeApiData } from '../support/api-data.ts';
import { waitFor } from '../support/child.ts';
import { currentPrometheus, Prometheus } from '../support/prometheus.ts';

const peer = currentPrometheus();
if (peer === undefined) {
  process.stdout.write('federate-scrape: skipped, no Prometheus 3 found (TIDEMARK_PEERS)\n');
}

const FORMATS = [
  'PrometheusText0.0.4',
  'PrometheusText1.0.0',
  'OpenMetricsText1.0.0',
  'PrometheusProto',
];
const NOW = Math.floor(Date.now() / 1000) * 1000;
const TIMEOUT_MS = 20_000;

describe.skipIf(peer === undefined)(`scraped by Prometheus ${peer?.version}`, () => {
  let api: TestApi;
  let prometheus: Prometheus;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-federate-'));
    api = startApi();
    await api.storage.database('default')!.write({
      series: makeApiData(NOW),
      metadata: [],
      rejections: [],
    });
    await api.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = api.app.server.address() as AddressInfo;
    prometheus = await Prometheus.start({
      peer: peer!,
      folder,
      config: () =>
        ['scrape_configs:', ...FORMATS.map((format) => scrapeConfig(format, port))].join('\n'),
      flags: ['--enable-feature=native-histograms'],
    });
  }, 60_000);

  afterAll(async () => {
    await prometheus?.kill();
    await api?.app.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  test.each(FORMATS)(
    '%s',
    async (format) => {
      const up = await waitFor(`a scrape of ${format}`, TIMEOUT_MS, async () => {
        const [series] = await vector(`up{job="${format}"} == 1`);
        return series;
      });
      expect(up.value).toBe('1');
      // The jobs would overwrite each other, but for the parameter that each of them adds.
      const own = `format="${format}"`;
      const samples = await vector(
        `{__name__=~"requests_total|my.metric|up",${own},instance!~"127.*"}`,
      );
      const named = samples.map(({ metric: { format: _, ...metric }, value }) => ({
        metric,
        value,
      }));
      // It asks for UTF-8 names in these formats only.
      const isUtf8 = format.endsWith('1.0.0');
      expect(named).toEqual(
        expect.arrayContaining([
          { metric: { __name__: 'requests_total', job: 'b', instance: 'b:80' }, value: '40' },
          {
            metric: isUtf8
              ? { __name__: 'my.metric', 'my.label': 'ü', job: format }
              : expect.objectContaining({ __name__: 'my_metric' }),
            value: '120',
          },
        ]),
      );
      const count = await vector(`histogram_count(native{${own}})`);
      expect(count.map(({ value }) => value)).toEqual(format === 'PrometheusProto' ? ['1200'] : []);
      const classic = await vector(`custom_bucket{${own},le=~"1|1.0"}`);
      expect(classic.map(({ value }) => value)).toEqual(['360']);
    },
    60_000,
  );

  interface Series {
    readonly metric: Readonly<Record<string, string>>;
    readonly value: string;
  }

  async function vector(query: string): Promise<Series[]> {
    const params = { query, time: String(NOW / 1000 + 60) };
    const { result } = (await prometheus.api('query', params)) as {
      result: { metric: Record<string, string>; value: [number, string] }[];
    };
    return result.map(({ metric, value }) => ({ metric, value: value[1] }));
  }
});

function scrapeConfig(format: string, port: number): string {
  return `
  - job_name: ${format}
    scrape_interval: 1s
    honor_labels: true
    metrics_path: /federate
    scrape_protocols: [${format}]
    params:
      'match[]': ['{__name__!=""}']
    static_configs:
      - targets: ['127.0.0.1:${port}']
    metric_relabel_configs:
      - target_label: format
        replacement: ${format}`;
}
