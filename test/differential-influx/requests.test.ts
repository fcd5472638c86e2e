// Requests to the real InfluxDB and to us: same status, same headers that matter, same body, but for the
// deviations that `deviations.ts` lists.

import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/storage/admission.ts';
import { MemoryStorage } from '../../src/storage/memory-store.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { InfluxServer, influxdVersion } from '../support/influxdb.ts';
import { askInfluxDB, askUs, printAnswer, printRequest } from './answers.ts';
import { LINES } from './data.ts';
import { DEVIATIONS, type Deviation } from './deviations.ts';
import type { InfluxRequest } from './request.ts';
import { REQUESTS } from './requests.ts';

const REFERENCE = new URL('../../docs/reference/influxdb.md', import.meta.url);

/** Both sides start with the same databases and data; ours has `default` from the start. */
const PREPARATION: readonly InfluxRequest[] = [
  ...['default', 'telegraf'].map((name) => ({
    method: 'POST' as const,
    path: '/query',
    params: { q: `CREATE DATABASE "${name}"` },
  })),
  { method: 'POST', path: '/write', params: { db: 'telegraf' }, body: LINES.join('\n') },
];

describe.skipIf(influxdVersion() === undefined)('InfluxDB', () => {
  let influx: InfluxServer;
  let api: TestApi;

  beforeAll(async () => {
    influx = await InfluxServer.start();
    const limits = { ...DEFAULT_LIMITS, retentionMs: 0 };
    api = startApi({ storage: new MemoryStorage({ limits }), settings: { retention: 0 } });
    for (const request of PREPARATION) {
      const theirs = await askInfluxDB(influx, request);
      const ours = await askUs(api, request);
      expect(theirs.status, theirs.body).toBeLessThan(300);
      expect(printAnswer(ours)).toBe(printAnswer(theirs));
    }
  }, 60_000);

  afterAll(async () => {
    await influx?.stop();
  });

  it('is answered as we answer', async () => {
    const different: string[] = [];
    const used = new Set<Deviation>();
    for (const request of REQUESTS) {
      const theirs = await askInfluxDB(influx, request);
      const ours = await askUs(api, request);
      if (printAnswer(theirs) === printAnswer(ours)) continue;
      const deviation = DEVIATIONS.find((one) => one.covers(request, theirs, ours));
      if (deviation !== undefined) {
        used.add(deviation);
        continue;
      }
      different.push(
        `${printRequest(request)}\n--- InfluxDB\n${printAnswer(theirs)}\n--- ours\n${printAnswer(ours)}`,
      );
    }
    if (process.env.DIFFERENCES !== undefined) {
      writeFileSync(process.env.DIFFERENCES, different.join('\n\n'));
    }
    expect(different).toEqual([]);
    expect(DEVIATIONS.filter((one) => !used.has(one)).map(({ what }) => what)).toEqual([]);
  }, 300_000);
});

if (influxdVersion() === undefined) {
  process.stdout.write('requests to InfluxDB skipped: there is no influxd (see CONTRIBUTING.md)\n');
}

test('the reference lists the deviations', () => {
  const text = readFileSync(REFERENCE, 'utf8');
  const [start, end] = ['<!-- deviations -->\n', '<!-- end of deviations -->'];
  const table = [
    '| what | InfluxDB 1.6.7 | here | why |',
    '|---|---|---|---|',
    ...DEVIATIONS.map(
      ({ what, influxdb, ours, why }) => `| ${what} | ${influxdb} | ${ours} | ${why} |`,
    ),
  ].join('\n');
  const from = text.indexOf(start) + start.length;
  const to = text.indexOf(end);
  expect(from).toBeGreaterThan(start.length);
  const wanted = `${text.slice(0, from)}\n${table}\n\n${text.slice(to)}`;
  if (process.env.UPDATE_REFERENCE === '1') writeFileSync(REFERENCE, wanted);
  else expect(text).toBe(wanted);
});
