// What the writer and the reader of the stress test agree on, and the reader: a thread that reads series
// of a head without pause while another appends to them.

import { parentPort, workerData } from 'node:worker_threads';
import { ColumnsBuilder } from '../chunk/columns-builder.ts';
import { HeadReader } from './head-reader.ts';

/** Series are written to one after another, so many writes each. */
export const STRESS_SERIES = 4096;
export const STRESS_WRITES = 2000;

export interface StressJob {
  readonly memory: WebAssembly.Memory;
  /** By series: writes that have been applied for certain. */
  readonly applied: Int32Array;
  /** The series that is being written to. */
  readonly current: Int32Array;
  /** Reads so far. */
  readonly reads: Int32Array;
  /** 1 once the writer has ended. */
  readonly ended: Int32Array;
}

export interface StressReport {
  /** Reads that found more than had been applied when they began: those that met the writer. */
  readonly racing: number;
  /** The first thing that was wrong. */
  readonly problem: string | undefined;
}

/** Time of a series' write number `k`: every 61st comes out of order, between two that came before. */
export function stressTime(k: number): number {
  return isLate(k) ? (k - 5) * 1000 + 500 : k * 1000;
}

function isLate(k: number): boolean {
  return k % 61 === 60;
}

/** Value of a sample; also tells series and time apart. */
export function stressValue(series: number, t: number): number {
  return (series * 7919 + t) / 8;
}

/** Start timestamp of write `k`: it changes now and then, which seals blocks early. */
export function stressStart(k: number): number {
  return isLate(k) ? 0 : Math.floor(k / 37) * 10;
}

/** Most reads are of the newest rows, so that they are short and meet the writer often. */
const RECENT_WRITES = 40;
const FULL_READ_EVERY = 500;

function readUntilEnd({ memory, applied, current, reads: count, ended }: StressJob): StressReport {
  const reader = new HeadReader(memory);
  const out = new ColumnsBuilder();
  let racing = 0;
  for (let reads = 0; ; reads++) {
    Atomics.store(count, 0, reads);
    const isLast = Atomics.load(ended, 0) === 1;
    const series = Atomics.load(current, 0);
    const least = Atomics.load(applied, series);
    const from = reads % FULL_READ_EVERY === 0 ? 0 : Math.max(0, least - RECENT_WRITES);
    out.reset();
    reader.read(series, from * 1000, Number.MAX_SAFE_INTEGER, out, () => {
      throw new Error('no histogram was written');
    });
    const found = check(series, from, least, out);
    if (typeof found === 'string') return { racing, problem: found };
    if (found > least) racing++;
    if (isLast) return { racing, problem: undefined };
  }
}

/**
 * The rows must be those of the first so many writes, from the time of write `from` on. How many writes
 * that is, or what is wrong.
 */
function check(series: number, from: number, least: number, out: ColumnsBuilder): number | string {
  const { length, t, v } = out;
  const wanted: number[] = [];
  let writes = from;
  // A write that came out of order may be of a time before `from`.
  for (; writes < least || wanted.length < length; writes++) {
    const time = stressTime(writes);
    if (time >= from * 1000) wanted.push(time);
  }
  if (wanted.length > length) return `series ${series}: ${length} rows, not ${wanted.length}`;
  wanted.sort((a, b) => a - b);
  for (let i = 0; i < length; i++) {
    if (t[i] !== wanted[i] || v[i] !== stressValue(series, t[i]!)) {
      return `series ${series}, ${length} rows: row ${i} is ${t[i]} ${v[i]}, want ${wanted[i]}`;
    }
  }
  return writes;
}

parentPort?.postMessage(readUntilEnd(workerData as StressJob));
