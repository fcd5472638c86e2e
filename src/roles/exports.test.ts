// Exports on threads of their own, over a real engine: whole, beside queries, with a slow reader, and stopped.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exportOf, JSON_LINES } from '../../test/support/exported.ts';
import { EXPORT, type ExportBody, openPiece } from '../api/export/export-body.ts';
import { defaultSettings, type Settings } from '../config/settings.ts';
import { labelsFromObject } from '../model/labels.ts';
import { floatColumns } from '../model/sample.ts';
import { ALL_TIME } from '../model/time-range.ts';
import type { QueryAnswer } from '../query/interface.ts';
import type { LocalQueryService } from '../query/service.ts';
import { systemClock } from '../runtime/clock.ts';
import { SILENT_LOGGER } from '../runtime/log.ts';
import { Metrics } from '../runtime/metrics.ts';
import type { Database, Storage } from '../storage/interface.ts';
import { buildExports } from './exports.ts';
import { openStorage } from './open-storage.ts';

const NOW = Math.floor(Date.now() / 1000) * 1000;
const SERIES = 50;
const SAMPLES = 2000;
/** A stopped export leaves when its thread has seen that it is to stop. */
const POLLING = { timeout: 60_000, interval: 10 };

let dataDir: string;
let storage: Storage;
let database: Database;
let service: LocalQueryService | undefined;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tidemark-exports-'));
  storage = await openStorage(defaultSettings({ data: dataDir }), SILENT_LOGGER, () => {});
  database = storage.database('default')!;
  const t = Float64Array.from({ length: SAMPLES }, (_, i) => NOW - (SAMPLES - 1 - i) * 1000);
  const v = Float64Array.from(t, (_, i) => Math.sqrt(i));
  const series = Array.from({ length: SERIES }, (_, i) => ({
    labels: labelsFromObject({ __name__: 'm', i: String(i) }),
    samples: floatColumns(t, v),
    exemplars: [],
  }));
  await database.write({ series, metadata: [], rejections: [] });
  await storage.flush();
  const [first] = series;
  await database.write({
    series: [{ ...first!, samples: floatColumns(Float64Array.of(NOW + 1), Float64Array.of(7)) }],
    metadata: [],
    rejections: [],
  });
});

afterAll(async () => {
  await service?.close();
  await storage.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(settings: Partial<Settings> = {}): Promise<LocalQueryService> {
  await service?.close();
  const all = defaultSettings(settings);
  service = buildExports(all, SILENT_LOGGER, new Metrics(), systemClock);
  return service;
}

function run(
  exports: LocalQueryService,
  kind: 'json-lines' | 'parquet' = 'json-lines',
  signal: AbortSignal = new AbortController().signal,
): Promise<QueryAnswer> {
  const format = kind === 'parquet' ? ({ kind } as const) : JSON_LINES;
  const body: ExportBody = { selectors: [[]], format, metadata: [] };
  const reads = [{ database, range: ALL_TIME }];
  return exports.runStatement(
    { language: EXPORT, text: 'export', database, reads, body, listing: undefined },
    signal,
  );
}

/** All that was written, and how many pieces it came in. */
async function read({ pieces }: QueryAnswer): Promise<{ bytes: Buffer; count: number }> {
  const parts: Buffer[] = [];
  for await (const piece of pieces) {
    const opened = openPiece(piece);
    if (opened.kind === 'data') parts.push(Buffer.from(opened.bytes));
  }
  return { bytes: Buffer.concat(parts), count: parts.length };
}

test('threads write what is written here, as text and as Parquet', async () => {
  const exports = await start();
  const lines = await read(await run(exports));
  expect(lines.bytes.equals((await exportOf(database, JSON_LINES)).bytes)).toBe(true);
  expect(lines.count).toBeGreaterThan(4);
  const parquet = await read(await run(exports, 'parquet'));
  expect(parquet.bytes.equals((await exportOf(database, { kind: 'parquet' })).bytes)).toBe(true);
  expect(exports.figures).toMatchObject({ started: 2, running: 0, failed: 0 });
});

test('exports run beside each other; more wait, and one that nobody reads holds no thread up', async () => {
  const exports = await start({ 'export.max-concurrency': 2 });
  const [slow, other] = await Promise.all([run(exports), run(exports)]);
  const waiting = run(exports);
  expect(exports.figures).toMatchObject({ running: 2, queued: 1 });
  const whole = await read(other);
  expect((await read(await waiting)).bytes.equals(whole.bytes)).toBe(true);
  expect(exports.figures).toMatchObject({ running: 1, queued: 0 });
  expect((await read(slow)).bytes.equals(whole.bytes)).toBe(true);
});

test('one that takes too long is ended, as is one that nobody wants any more', async () => {
  // No thread is there before that.
  const hasty = await start({ 'export.max-duration': 10 });
  await expect(run(hasty).then(read)).rejects.toMatchObject({ kind: 'timeout' });
  await vi.waitFor(() => expect(hasty.figures).toMatchObject({ running: 0, failed: 1 }), POLLING);

  const aborter = new AbortController();
  const patient = await start({ 'export.max-duration': 0 });
  const unread = await run(patient, 'json-lines', aborter.signal);
  aborter.abort(new Error('gone'));
  await expect(read(unread)).rejects.toMatchObject({ kind: 'canceled' });
  await vi.waitFor(() => expect(patient.figures.running).toBe(0), POLLING);
});
