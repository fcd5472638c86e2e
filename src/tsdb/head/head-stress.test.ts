// Reads while another thread appends: each must find the first so many writes of its series, all that
// had been applied before among them, and nothing torn.

import { expect, test } from 'vitest';
import { startWorker } from '../../runtime/workers.ts';
import { HeadMemory } from './head-memory.ts';
import {
  STRESS_SERIES,
  STRESS_WRITES,
  type StressJob,
  type StressReport,
  stressStart,
  stressTime,
  stressValue,
} from './head-stress.ts';

const READS = 50_000;

test('a head is read while it is appended to (takes a second)', { timeout: 60_000 }, async () => {
  const head = new HeadMemory();
  const counters = (length: number): Int32Array =>
    new Int32Array(new SharedArrayBuffer(length * 4));
  const job: StressJob = {
    memory: head.memory,
    applied: counters(STRESS_SERIES),
    current: counters(1),
    reads: counters(1),
    ended: counters(1),
  };
  const worker = startWorker('./head-stress.ts', import.meta.url, { workerData: job });
  const report = new Promise<StressReport>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  while (Atomics.load(job.reads, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
  // The reader stops at the first problem.
  const isBusy = (): boolean => Atomics.load(job.reads, 0) < READS;
  for (let series = 0; series < STRESS_SERIES && isBusy(); series++) writeSeries(head, job, series);
  Atomics.store(job.ended, 0, 1);
  const { racing, problem } = await report;
  await worker.terminate();
  expect(problem).toBeUndefined();
  expect(Atomics.load(job.reads, 0)).toBeGreaterThanOrEqual(READS);
  expect(racing).toBeGreaterThan(100);
});

const ROOM = 8;
const refs = new Uint32Array(ROOM);
const t = new Float64Array(ROOM);
const v = new Float64Array(ROOM);
const startT = new Float64Array(ROOM);

/** Appends all writes of a series, some at a time. */
function writeSeries(head: HeadMemory, { applied, current }: StressJob, series: number): void {
  Atomics.store(current, 0, series);
  refs.fill(series);
  for (let from = 0; from < STRESS_WRITES; ) {
    const count = Math.min(1 + (from % ROOM), STRESS_WRITES - from);
    for (let i = 0; i < count; i++) {
      t[i] = stressTime(from + i);
      v[i] = stressValue(series, t[i]!);
      startT[i] = stressStart(from + i);
    }
    const { stored } = head.appendFloats(refs, t, v, startT, 0, count);
    if (stored !== count) throw new Error(`stored ${stored} of ${count}`);
    from += count;
    Atomics.store(applied, series, from);
  }
}
