// Asks a real Prometheus and Tidemark the same random queries over the same data.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Peer } from '../support/prometheus.ts';
import { Random } from '../support/random.ts';
import { type ApiAnswer, differenceOf } from './compare.ts';
import { BASE_T, INTERVAL_MS, SPAN_MS } from './data.ts';
import { explain } from './explain.ts';
import { type GeneratedQuery, QueryGenerator } from './generator.ts';
import { ask, type Servers, type Times, withServers } from './servers.ts';

export interface DifferentialOptions {
  readonly peer: Peer;
  /** Two thirds of them as usual, the others with delayed name removal on both sides. */
  readonly queries: number;
  readonly seed: number;
  /** Hears of every unexplained difference. */
  readonly onDifference: (difference: Difference) => void;
  readonly onProgress?: (done: number) => void;
}

export interface Difference {
  readonly query: string;
  readonly times: Times;
  readonly delayedNameRemoval: boolean;
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

const MAX_DEPTH = 4;
/** Requests in flight to each side. */
const CONCURRENCY = 4;

export async function runDifferential(options: DifferentialOptions): Promise<DifferentialReport> {
  const { peer, queries, seed } = options;
  const tally = new Tally(options);
  const delayed = Math.floor(queries / 3);
  for (const delayedNameRemoval of [false, true]) {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-differential-'));
    const random = new Random(delayedNameRemoval ? seed + 1_000_000 : seed);
    const generator = new QueryGenerator(random, { maxDepth: MAX_DEPTH, version: peer.version });
    let left = delayedNameRemoval ? delayed : queries - delayed;
    try {
      await withServers({ peer, folder, seed, delayedNameRemoval }, async (servers) => {
        const worker = async (): Promise<void> => {
          while (left > 0) {
            left--;
            const query = generator.query();
            const times = randomTimes(random, query.isInstantOnly && !random.oneIn(8));
            await tally.compare(servers, query, times, delayedNameRemoval);
          }
        };
        await Promise.all(Array.from({ length: CONCURRENCY }, worker));
      });
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  }
  return tally;
}

class Tally implements DifferentialReport {
  queries = 0;
  nonEmpty = 0;
  errors = 0;
  different = 0;
  readonly explained = new Map<string, number>();
  readonly #options: DifferentialOptions;

  constructor(options: DifferentialOptions) {
    this.#options = options;
  }

  async compare(
    servers: Servers,
    { text: query }: GeneratedQuery,
    times: Times,
    delayedNameRemoval: boolean,
  ): Promise<void> {
    const { peer, onDifference, onProgress } = this.#options;
    const [own, theirs] = await Promise.all([
      ask(servers.ownUrl, query, times),
      ask(servers.theirUrl, query, times),
    ]);
    this.#count(theirs);
    const isOrdered = 'time' in times && hasOrder(query);
    const what = differenceOf(own, theirs, isOrdered);
    if (what !== undefined) {
      const reasons = await explain(
        { servers, version: peer.version, query, times, isOrdered },
        own,
        theirs,
      );
      for (const reason of reasons ?? []) {
        this.explained.set(reason, (this.explained.get(reason) ?? 0) + 1);
      }
      if (reasons === undefined) {
        this.different++;
        onDifference({ query, times, delayedNameRemoval, what });
      }
    }
    onProgress?.(this.queries);
  }

  #count({ status, data }: ApiAnswer): void {
    this.queries++;
    if (status === 'error') this.errors++;
    else if (Array.isArray(data?.result) && data.result.length > 0) this.nonEmpty++;
  }
}

/** Instants and ranges in and around the data, on and off the times of samples. */
function randomTimes(random: Random, isInstant: boolean): Times {
  const seconds = (t: number): string => String((BASE_T + t) / 1000);
  const off = random.oneIn(3) ? random.below(INTERVAL_MS) : 0;
  const at = random.between(0, SPAN_MS / INTERVAL_MS + 20) * INTERVAL_MS + off;
  const lookback = random.oneIn(10) ? { lookback_delta: random.pick(['30s', '90', '10m']) } : {};
  if (isInstant || random.oneIn(2)) return { time: seconds(at), ...lookback };
  const step = random.pick([15, 60, 77, 300, 0.5]);
  const excess = random.oneIn(4) ? random.below(step * 1000) : 0;
  const end = at + step * 1000 * random.between(0, 30) + excess;
  return { start: seconds(at), end: seconds(end), step: String(step), ...lookback };
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

/**
 * Whether an instant query says in which order its series come. Groups come in the order in which their first
 * series are met, and that is Prometheus' affair.
 */
function hasOrder(query: string): boolean {
  if (/^\s*sort/.test(query)) return true;
  return /^\s*(topk|bottomk)\s*\(/.test(query) && !/\)\s*(by|without)\s*\([^()]*\)\s*$/.test(query);
}
