// Asks a server that is held to little memory one monster after another while somebody writes beside.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labelsFromObject } from '../../src/model/labels.ts';
import { floatColumns } from '../../src/model/sample.ts';
import type { BatchSeries } from '../../src/storage/interface.ts';
import { App } from '../support/app.ts';
import { Random } from '../support/random.ts';
import { anonymousBytes, jail } from './memory-jail.ts';
import { LABEL_VALUES, type Monster, monsters } from './monsters.ts';
import { judgePace, type Pace, paceOf, printPace, SteadyWriter } from './pace.ts';

export interface HostileOptions {
  readonly monsters: number;
  readonly seed: number;
  /** The server may not take more. */
  readonly memoryBytes: number;
  /** How long somebody writes without monsters, before and after them. */
  readonly quietMs: number;
  readonly onProgress?: (done: number) => void;
}

export interface HostileReport {
  readonly monsters: number;
  readonly jail: 'control group' | 'none';
  /** By HTTP status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** What should not have happened, in words. */
  readonly findings: readonly string[];
  /** Answers that began with 200 and ended in the middle, because their time was over. */
  readonly timedOutHalfWay: number;
  readonly peakAnonymousBytes: number;
  readonly slowestMs: number;
  readonly slowest: string;
  /** Of writes without monsters, and beside them. */
  readonly quiet: Pace;
  readonly beside: Pace;
}

/** Enough that a careless engine explodes, little enough to load in seconds. */
const SERIES = 2000;
const SAMPLES = 240;
const INTERVAL_MS = 15_000;
const ASKERS = 4;
const WRITE_EVERY_MS = 100;
/** Lower than the default, so that ten thousand monsters end today. */
const TIMEOUT_MS = 5000;
/** An answer may come this much after the time limit: parsing, the last slice, the way back. */
const TOLERATED_MS = 10_000;
const ALLOWED_STATUSES = [200, 400, 413, 422, 503];

export async function runHostile(options: HostileOptions): Promise<HostileReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-hostile-'));
  const app = await App.start({
    dataDir: join(folder, 'data'),
    flags: [
      `--query.timeout=${TIMEOUT_MS}ms`,
      // What a machine of 1 GiB gets by default.
      '--query.max-memory=64MiB',
      '--query.total-memory=128MiB',
      '--enable-feature=promql-experimental-functions',
    ],
  });
  const held = jail(app.pid, options.memoryBytes);
  try {
    await fill(app);
    return await new Siege(app, options, held.kind).run();
  } finally {
    await app.kill();
    held.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function fill(app: App): Promise<void> {
  const end = Math.floor(Date.now() / INTERVAL_MS) * INTERVAL_MS;
  for (let first = 0; first < SERIES; first += 200) {
    const series = Array.from({ length: 200 }, (_, i): BatchSeries => {
      const number = first + i;
      const t = Float64Array.from({ length: SAMPLES }, (_, n) => end - (SAMPLES - n) * INTERVAL_MS);
      const labels = labelsFromObject({
        __name__: number % 2 === 0 ? 'm' : `m${number % 40}`,
        instance: `${'a'.repeat(28)}${number}`,
        job: `j${number % 7}`,
      });
      return {
        labels,
        samples: floatColumns(
          t,
          t.map((time) => time % 977),
        ),
        exemplars: [],
      };
    });
    const { status, text } = await app.client.write(series);
    if (status >= 300) throw new Error(`filling: ${status} ${text}`);
  }
}

class Siege {
  readonly #app: App;
  readonly #options: HostileOptions;
  readonly #jail: 'control group' | 'none';
  readonly #statuses = new Map<number, number>();
  readonly #findings: string[] = [];
  #timedOutHalfWay = 0;
  #peakBytes = 0;
  #slowestMs = 0;
  #slowest = '';
  #asked = 0;
  #isOver = false;

  constructor(app: App, options: HostileOptions, jailKind: 'control group' | 'none') {
    this.#app = app;
    this.#options = options;
    this.#jail = jailKind;
  }

  async run(): Promise<HostileReport> {
    const { url, pid } = this.#app;
    const { quietMs, seed } = this.#options;
    const writer = new SteadyWriter({ url, pid, everyMs: WRITE_EVERY_MS });
    const begun = Date.now();
    await sleep(quietMs);
    const from = Date.now();
    const horde = monsters(new Random(seed), Math.floor(from / 1000));
    await Promise.all(Array.from({ length: ASKERS }, () => this.#ask(horde)));
    const to = Date.now();
    await sleep(quietMs);
    const ended = Date.now();
    await writer.end();
    const quiet = paceOf(writer.writes, [
      [begun, from],
      [to, ended],
    ]);
    const beside = paceOf(writer.writes, [[from, to]]);
    const problems = writer.writes.flatMap(({ problem }) => problem ?? []);
    const deaths = await this.#threadDeaths();
    return {
      monsters: this.#asked,
      jail: this.#jail,
      statuses: this.#statuses,
      findings: [
        ...this.#findings,
        ...problems,
        ...judgePace(quiet, beside),
        ...(deaths === 0 ? [] : [`${deaths} query threads died`]),
      ],
      timedOutHalfWay: this.#timedOutHalfWay,
      peakAnonymousBytes: this.#peakBytes,
      slowestMs: this.#slowestMs,
      slowest: this.#slowest,
      quiet,
      beside,
    };
  }

  async #threadDeaths(): Promise<number> {
    if (this.#app.status !== undefined) return 0;
    const { text } = await this.#app.client.send('GET', '/metrics');
    return Number(/^tidemark_query_thread_deaths_total (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  }

  async #ask(horde: Generator<Monster>): Promise<void> {
    while (this.#asked < this.#options.monsters && !this.#isOver) {
      this.#asked++;
      const monster = horde.next().value as Monster;
      const started = performance.now();
      try {
        await this.#askOne(monster);
      } catch (error) {
        this.#find(monster, `no answer: ${String(error)}`);
        if (this.#app.status !== undefined) this.#isOver = true;
      }
      const ms = performance.now() - started;
      if (ms > this.#slowestMs) {
        this.#slowestMs = ms;
        this.#slowest = monster.idea;
      }
      if (this.#app.status === undefined) {
        this.#peakBytes = Math.max(this.#peakBytes, anonymousBytes(this.#app.pid));
      }
      this.#options.onProgress?.(this.#asked);
    }
  }

  async #askOne(monster: Monster): Promise<void> {
    const { path, params } = monster;
    const form = new URLSearchParams(
      params.map(([name, value]): [string, string] => [name, value]),
    );
    const url = `${this.#app.url}/api/v1/${path}`;
    const started = performance.now();
    const response = await fetch(path === LABEL_VALUES ? `${url}?${form}` : url, {
      ...(path === LABEL_VALUES ? {} : { method: 'POST', body: form }),
      signal: AbortSignal.timeout(TIMEOUT_MS + TOLERATED_MS),
    });
    const { status } = response;
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    if (!ALLOWED_STATUSES.includes(status)) this.#find(monster, `status ${status}`);
    if (status === 200) {
      try {
        // Read and thrown away: what counts is that it ends.
        for await (const _ of response.body ?? []);
      } catch {
        // At its time limit an answer is broken off in the middle, so that nobody takes it for whole.
        const ms = performance.now() - started;
        if (ms < TIMEOUT_MS) this.#find(monster, `broken off after ${ms.toFixed(0)} ms`);
        this.#timedOutHalfWay++;
      }
      return;
    }
    const text = await response.text();
    const answer = JSON.parse(text) as { status: string; errorType: string; error: string };
    const isClear = answer.status === 'error' && answer.errorType !== '' && answer.error.length > 5;
    if (!isClear) this.#find(monster, `unclear refusal ${text.slice(0, 200)}`);
  }

  #find({ idea, path, params }: Monster, what: string): void {
    const [asked] = params;
    this.#findings.push(`${idea}: ${what}: ${path} ${asked?.[1].slice(0, 100)}`);
  }
}

export function printHostileReport(report: HostileReport): string {
  const statuses = [...report.statuses].sort(([a], [b]) => a - b);
  return [
    `${report.monsters} monsters, memory held by: ${report.jail}`,
    `answers: ${statuses.map(([status, count]) => `${count} × ${status}`).join(', ')}`,
    `peak memory without files ${(report.peakAnonymousBytes / 2 ** 20).toFixed(0)} MiB; slowest ${report.slowestMs.toFixed(0)} ms (${report.slowest})`,
    `beside them ${printPace(report.beside)}`,
    `without them ${printPace(report.quiet)}`,
    `findings: ${report.findings.length}; answers broken off in the middle by their time limit: ${report.timedOutHalfWay}`,
    ...report.findings.slice(0, 20),
  ].join('\n');
}
