// VictoriaMetrics' migration tool reads a whole database through the face of OpenTSDB, and writes it to another server
// of ours.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { series } from '../support/api.ts';
import { Child } from '../support/child.ts';
import { LiveApi } from '../support/live-api.ts';
import { vmctl } from '../support/prometheus.ts';

const MINUTE_MS = 60_000;
/** A whole minute, two hours ago. */
const T = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 120 * MINUTE_MS;
const TIMEOUT_MS = 120_000;

const program = vmctl();
if (program === undefined) {
  process.stdout.write('vmctl: skipped, no vmctl found (TIDEMARK_PEERS)\n');
}

let source: LiveApi;
let target: LiveApi;

beforeAll(async () => {
  source = await LiveApi.start({});
  target = await LiveApi.start({});
  await source.api.storage.database('default')!.write({
    series: [
      series({ __name__: 'sys.cpu', host: 'a', cpu: '0' }, [T, 1.5], [T + MINUTE_MS, 2.5]),
      series({ __name__: 'sys.cpu', host: 'b', cpu: '0' }, [T, 10]),
      series({ __name__: 'net.bytes', host: 'a' }, [T + 61 * MINUTE_MS, 7]),
    ],
    metadata: [],
    rejections: [],
  });
});

afterAll(async () => {
  await source?.close();
  await target?.close();
});

test.skipIf(program === undefined)(
  'vmctl opentsdb finds every metric, series and point',
  async () => {
    const child = await Child.start(program!, [
      'opentsdb',
      '-s',
      '--disable-progress-bar',
      `--otsdb-addr=${source.url}`,
      // One point a minute, read by the hour for half a day.
      '--otsdb-retentions=sum-1m-avg:1h:12h',
      '--otsdb-filters=s',
      '--otsdb-filters=n',
      `--vm-addr=${target.url}`,
    ]);
    expect(await child.exited, child.output).toMatchObject({ code: 0 });
    const query = new URLSearchParams({ 'match[]': '{__name__!=""}' });
    const { body } = await target.api.app.inject({
      method: 'GET',
      url: `/api/v1/export?${query}`,
    });
    const lines = body.split('\n').filter(Boolean);
    // vmctl writes names as classic ones.
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        metric: { __name__: 'net_bytes', host: 'a' },
        values: [7],
        timestamps: [T + 61 * MINUTE_MS],
      },
      {
        metric: { __name__: 'sys_cpu', cpu: '0', host: 'a' },
        values: [1.5, 2.5],
        timestamps: [T, T + MINUTE_MS],
      },
      { metric: { __name__: 'sys_cpu', cpu: '0', host: 'b' }, values: [10], timestamps: [T] },
    ]);
  },
  TIMEOUT_MS,
);
