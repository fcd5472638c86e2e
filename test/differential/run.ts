// Asks a real Prometheus and Tidemark the same random queries over the same data.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '../support/app.ts';
import { Client } from '../support/client.ts';
import { type Peer, Prometheus } from '../support/prometheus.ts';
import { Random } from '../support/random.ts';
import { type ApiAnswer, differenceOf } from './compare.ts';
import { INTERVAL_MS, makeData, SPAN_MS, slices } from './data.ts';
import { QueryGenerator } from './generator.ts';
import { KNOWN_DIFFERENCES } from './known-differences.ts';

export interface DifferentialOptions {
  readonly peer: Peer;
  readonly queries: number;
  readonly seed: number;
  /** Hears of every unexplained difference. */
  readonly onDifference: (difference: Difference) => void;
  readonly onProgress?: (done: number) => void;
}

export interface Difference {
  readonly query: string;
  /** URL parameters besides the query. */
  readonly params: Readonly<Record<string, string>>;
  readonly what: string;
}

export interface DifferentialReport {
  readonly queries: number;
  /** How many had a result that was not empty. */
  readonly nonEmpty: number;
  readonly errors: number;
  readonly different: number;
  /** How often each known difference was met. */
  readonly explained: ReadonlyMap<string, number>;
}

const FEATURES = ['promql-experimental-functions', 'native-histograms', 'promql-duration-expr'];
/** Requests in flight to each side. */
const CONCURRENCY = 4;
const SLICE_MS = 10 * 60_000;

export async function runDifferential(options: DifferentialOptions): Promise<DifferentialReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-differential-'));
  try {
    return await withServers(options.peer, folder, options.seed, (own, theirs, baseT) =>
      compareAll(options, own, theirs, baseT),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Starts both, loads both with the same data and stops both. */
async function withServers<T>(
  peer: Peer,
  folder: string,
  seed: number,
  work: (ownUrl: string, theirUrl: string, baseT: number) => Promise<T>,
): Promise<T> {
  // Whole minutes, so that a seed gives the same queries relative to the data.
  const baseT = Math.floor((Date.now() - SPAN_MS) / 60_000 - 2) * 60_000;
  const features = FEATURES.map((feature) => `--enable-feature=${feature}`);
  mkdirSync(join(folder, 'own'));
  const app = await App.start({
    dataDir: join(folder, 'own'),
    flags: ['--enable-feature=promql-experimental-functions'],
  });
  try {
    const prometheus = await Prometheus.start({
      peer,
      folder: join(folder, 'theirs'),
      config: () => 'storage:\n  tsdb:\n    out_of_order_time_window: 3h\n',
      flags: ['--web.enable-remote-write-receiver', ...features],
    });
    try {
      const data = makeData(seed, baseT);
      for (const slice of slices(data, baseT, SLICE_MS)) {
        for (const client of [app.client, new Client(prometheus.url)]) {
          const { status, text } = await client.write(slice);
          if (status >= 300) throw new Error(`data was refused: ${status} ${text}`);
        }
      }
      return await work(app.url, prometheus.url, baseT);
    } finally {
      await prometheus.kill();
    }
  } finally {
    await app.stop();
  }
}

async function compareAll(
  { queries, seed, onDifference, onProgress }: DifferentialOptions,
  ownUrl: string,
  theirUrl: string,
  baseT: number,
): Promise<DifferentialReport> {
  const random = new Random(seed);
  const explained = new Map<string, number>();
  let [asked, nonEmpty, errors, different] = [0, 0, 0, 0];
  const generator = new QueryGenerator(random, { maxDepth: 3, experimental: true });
  const worker = async (): Promise<void> => {
    while (asked < queries) {
      asked++;
      const query = generator.query();
      const params = randomTimes(random, baseT);
      const [own, theirs] = await Promise.all([
        ask(ownUrl, query, params),
        ask(theirUrl, query, params),
      ]);
      if (theirs.status === 'error') errors++;
      else if (Array.isArray(theirs.data?.result) && theirs.data.result.length > 0) nonEmpty++;
      const what = differenceOf(own, theirs, /^(sort|sort_desc|topk|bottomk)\b/.test(query));
      if (what === undefined) continue;
      const known = KNOWN_DIFFERENCES.find(({ explains }) => explains(query, own, theirs));
      if (known !== undefined) explained.set(known.name, (explained.get(known.name) ?? 0) + 1);
      else {
        different++;
        onDifference({ query, params, what });
      }
      onProgress?.(asked);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return { queries: asked, nonEmpty, errors, different, explained };
}

/** Instants and ranges in and around the data, on and off the times of samples. */
function randomTimes(random: Random, baseT: number): Record<string, string> {
  const seconds = (t: number): string => String((baseT + t) / 1000);
  const off = random.oneIn(3) ? random.below(INTERVAL_MS) : 0;
  const at = random.between(0, SPAN_MS / INTERVAL_MS + 20) * INTERVAL_MS + off;
  if (random.oneIn(2)) return { time: seconds(at) };
  const step = random.pick([15, 60, 77, 300]);
  const end = at + step * 1000 * random.between(0, 30);
  return { start: seconds(at), end: seconds(end), step: String(step) };
}

async function ask(
  url: string,
  query: string,
  params: Readonly<Record<string, string>>,
): Promise<ApiAnswer> {
  const path = 'time' in params ? 'query' : 'query_range';
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    body: new URLSearchParams({ query, ...params }),
    signal: AbortSignal.timeout(60_000),
  });
  const answer = (await response.json()) as Omit<ApiAnswer, 'httpStatus'>;
  return { ...answer, httpStatus: response.status };
}

export function printReport({
  queries,
  nonEmpty,
  errors,
  different,
  explained,
}: DifferentialReport): string {
  const known = [...explained].map(([name, count]) => `${count} × ${name}`).join(', ');
  return `${queries} queries: ${nonEmpty} with a result, ${errors} errors; explained: ${known || 'none'}; different: ${different}`;
}
