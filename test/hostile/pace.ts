// How writing goes beside queries, against how it goes without them in the same run. What is judged does not depend
// on how busy the machine is: the processor time of the server's own main thread, and the pace as a ratio.

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ROOT } from '../support/app.ts';

const WRITER = join(ROOT, 'dist/test/hostile/steady-writer.js');

export interface WriterSetup {
  readonly url: string;
  /** Of the server. */
  readonly pid: number;
  readonly everyMs: number;
}

/** One write. Times in ms. */
export interface PacedWrite {
  /** Unix ms. */
  readonly startedAt: number;
  readonly ms: number;
  /** What the server's main thread worked meanwhile, and waited for a processor; NaN where the system does not tell. */
  readonly cpuMs: number;
  readonly waitMs: number;
  readonly problem: string | undefined;
}

/** Writes until it is ended. */
export class SteadyWriter {
  readonly writes: PacedWrite[] = [];
  readonly #worker: Worker;

  constructor(setup: WriterSetup) {
    this.#worker = new Worker(WRITER, { workerData: setup });
    this.#worker.on('message', (write: PacedWrite) => this.writes.push(write));
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.postMessage('end');
    await ended;
  }
}

/** Of one of the figures of writes. */
export interface Spread {
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

export interface Pace {
  readonly writes: number;
  readonly perSecond: number;
  readonly ms: Spread;
  readonly cpuMs: Spread;
  readonly waitMs: Spread;
}

/** Of the writes that began in some stretches of time, given as Unix ms. */
export function paceOf(
  writes: readonly PacedWrite[],
  stretches: readonly (readonly [from: number, to: number])[],
): Pace {
  const counted = writes.filter(({ startedAt }) =>
    stretches.some(([from, to]) => startedAt >= from && startedAt < to),
  );
  const seconds = stretches.reduce((sum, [from, to]) => sum + (to - from) / 1000, 0);
  return {
    writes: counted.length,
    perSecond: counted.length / seconds,
    ms: spreadOf(counted.map(({ ms }) => ms)),
    cpuMs: spreadOf(counted.map(({ cpuMs }) => cpuMs)),
    waitMs: spreadOf(counted.map(({ waitMs }) => waitMs)),
  };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { median: at(0.5), p99: at(0.99), max: at(1) };
}

/**
 * Least share of the pace without queries: where other programs keep the processors busy, writes wait for them with
 * the queries.
 */
const LEAST_SHARE = 0.25;
/**
 * Most that the main thread may work while a write waits: it takes in the write, parses queries, and now and then
 * collects garbage. Several times what it is found to work.
 */
const MOST_CPU_MS = { p99: 60, max: 250 } as const;
/**
 * A write that waits long, because the processors are busy, waits for many turns of the main thread, with queries or
 * without: what the longest one saw may be so many times what was seen without.
 */
const MOST_TIMES_WITHOUT = 2;

/** What is wrong with the pace beside queries, in words. */
export function judgePace(without: Pace, beside: Pace): string[] {
  const findings: string[] = [];
  if (!(beside.perSecond >= LEAST_SHARE * without.perSecond)) {
    findings.push(
      `${beside.perSecond.toFixed(1)} writes a second, ${without.perSecond.toFixed(1)} without queries`,
    );
  }
  for (const which of ['p99', 'max'] as const) {
    const most = Math.max(MOST_CPU_MS[which], MOST_TIMES_WITHOUT * without.cpuMs[which]);
    const cpuMs = beside.cpuMs[which];
    if (cpuMs > most) {
      findings.push(
        `the main thread worked ${cpuMs.toFixed(0)} ms while a write waited (${which}, at most ${most.toFixed(0)})`,
      );
    }
  }
  return findings;
}

export function printPace({ writes, perSecond, ms, cpuMs, waitMs }: Pace): string {
  const print = ({ median, p99, max }: Spread): string =>
    [median, p99, max].map((value) => value.toFixed(0)).join(' / ');
  return (
    `${writes} writes, ${perSecond.toFixed(1)} a second; median / 99 % / most in ms: ${print(ms)}; ` +
    `of it the main thread worked ${print(cpuMs)}, waited for a processor ${print(waitMs)}`
  );
}
