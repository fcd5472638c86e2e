import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { snappyEncode } from '../../codec/snappy.ts';
import { encodeWriteRequestV1 } from '../../protocol/remote-write/v1.ts';
import { openTsdb } from '../db.ts';
import { SeriesRegistry } from '../index/series-registry.ts';
import { TimeJudge } from '../ingest/time-judge.ts';
import { WritePath } from '../ingest/write-path.ts';
import {
  batchOf,
  FakeClock,
  floatSeries,
  labelsOf,
  NOW,
  readEverything,
} from '../testing/engine-model.ts';
import { RecordKind } from '../wal/record.ts';
import { inlineScanThread, LIMITS, placeBodies } from './replay-testing.ts';
import { ScanAhead, type ScanThread, startScanThread } from './scan-ahead.ts';
import { EntryState, newScanSlots, SLOT_ROWS, SLOTS } from './scan-job.ts';

const DB = 1;
const LEFT_AT_ONCE = 8;

function newPath(): WritePath {
  return new WritePath(LIMITS, new TimeJudge(new FakeClock()), new SeriesRegistry());
}

/** One sample of each of some series, at second `n`. */
function bodyOf(n: number, series: readonly number[] = [1, 2, 3]): Uint8Array {
  const batch = batchOf(
    ...series.map((id) => floatSeries(labelsOf(id), [[NOW + n * 1000, n * 10 + id]])),
  );
  return snappyEncode(encodeWriteRequestV1(batch));
}

/** Replays a segment of bodies and answers how often their rows were taken from the thread. */
function replayAll(path: WritePath, ahead: ScanAhead, bodies: readonly Uint8Array[]): number {
  const before = ahead.taken;
  const { bytes, places, views } = placeBodies(bodies.map((body) => ({ dbId: DB, body })));
  ahead.begin(bytes, places);
  for (const [n, view] of views.entries()) {
    const columns = path.replay(DB, RecordKind.remoteWrite1, view, ahead);
    const series = [...columns.refs.subarray(0, columns.rows)].map((ref) =>
      Number(
        path.registry
          .labels(ref)
          .find(({ name }) => name === 'series')!
          .value.slice(1),
      ),
    );
    expect([...columns.v.subarray(0, columns.rows)]).toEqual(series.map((id) => n * 10 + id));
    path.recycle(columns);
  }
  ahead.end();
  return ahead.taken - before;
}

test('what is scanned ahead is taken once its series are known', () => {
  const ahead = new ScanAhead(inlineScanThread());
  const path = newPath();
  const bodies = Array.from({ length: LEFT_AT_ONCE + SLOTS }, (_, n) => bodyOf(n));
  // All but the first, which brings what the numbers mean.
  expect(replayAll(path, ahead, bodies)).toBe(SLOTS - 1);
  expect(replayAll(path, ahead, bodies)).toBe(SLOTS);
});

test('numbers of series are learned anew under another registry', () => {
  const ahead = new ScanAhead(inlineScanThread());
  const path = newPath();
  const bodies = Array.from({ length: LEFT_AT_ONCE + 10 }, (_, n) => bodyOf(n));
  expect(replayAll(path, ahead, bodies)).toBe(9);
  const registry = new SeriesRegistry();
  registry.register(DB, labelsOf(99));
  path.useRegistry(registry);
  expect(replayAll(path, ahead, bodies)).toBe(9);
});

test('slots of bodies that replay passes over are free again', () => {
  const ahead = new ScanAhead(inlineScanThread());
  const path = newPath();
  const bodies = Array.from({ length: LEFT_AT_ONCE + SLOTS }, (_, n) => bodyOf(n));
  const { bytes, places } = placeBodies(bodies.map((body) => ({ dbId: DB, body })));
  ahead.begin(bytes, places);
  ahead.end();
  expect(replayAll(path, ahead, bodies)).toBe(SLOTS - 1);
});

test('a body with more rows than a slot has is left to replay', () => {
  const ahead = new ScanAhead(inlineScanThread());
  const path = newPath();
  const points = Array.from({ length: SLOT_ROWS + 1 }, (_, i): [number, number] => [NOW + i, 91]);
  const large = snappyEncode(encodeWriteRequestV1(batchOf(floatSeries(labelsOf(1), points))));
  const bodies = Array.from({ length: LEFT_AT_ONCE + 4 }, (_, n) => (n === 9 ? large : bodyOf(n)));
  expect(replayAll(path, ahead, bodies)).toBe(2);
});

test('a thread that does not go on is given up', () => {
  const slots = newScanSlots();
  const stuck: ScanThread = {
    slots,
    post: ({ table }) => Atomics.store(table, 0, EntryState.scanning),
    close: async () => {},
  };
  const ahead = new ScanAhead(stuck, 10);
  const path = newPath();
  const bodies = Array.from({ length: 3 }, (_, n) => bodyOf(n));
  expect(replayAll(path, ahead, bodies)).toBe(0);
  // It is not asked again.
  expect(replayAll(path, ahead, bodies)).toBe(0);
});

test('a thread of its own scans ahead', { timeout: 60_000 }, async () => {
  const problems: string[] = [];
  const ahead = new ScanAhead(startScanThread(LIMITS, (problem) => problems.push(problem)));
  const path = newPath();
  const bodies = Array.from({ length: 500 }, (_, n) => bodyOf(n, [n % 7, 10, 11]));
  try {
    // It may have come too late for the first segments.
    while (replayAll(path, ahead, bodies) === 0) await turn();
  } finally {
    await ahead.close();
  }
  expect(problems).toEqual([]);
});

test('a large log of a crash comes back whole', { timeout: 60_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tidemark-scan-ahead-'));
  const clock = new FakeClock();
  try {
    // Never closed: the log is all there is.
    const killed = await openTsdb({ dataDir, clock, threads: 'inline', minFreeBytes: 0 });
    const database = killed.database('default')!;
    for (let n = 0; n < 60; n++) {
      // What cannot be compressed makes a large log of few samples.
      const noise = Buffer.from(
        Array.from(
          { length: 8192 },
          (_, i) => (Math.imul(i * 64 + (n % 20), 2654435761) >>> 11) & 127,
        ),
      ).toString('latin1');
      const series = Array.from({ length: 20 }, (_, i) =>
        floatSeries(
          [...labelsOf(i), { name: 'z', value: `${n % 20}-${i}-${noise.slice(i)}` }],
          [[NOW + n, n + i / 7]],
        ),
      );
      const body = snappyEncode(encodeWriteRequestV1(batchOf(...series)));
      await database.writeEncoded!({ format: 'remote-write-1', body });
    }
    const wanted = await readEverything(database);
    const after = await openTsdb({ dataDir, clock, threads: 'worker', minFreeBytes: 0 });
    expect(await readEverything(after.database('default')!)).toEqual(wanted);
    await after.close();
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
