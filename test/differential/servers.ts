// A real Prometheus and Tidemark, side by side with the same data.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { App } from '../support/app.ts';
import { Client } from '../support/client.ts';
import { type Peer, Prometheus } from '../support/prometheus.ts';
import type { ApiAnswer } from './compare.ts';
import { makeData, requestsOf } from './data.ts';

/** What both have on: everything experimental that concerns the language. */
export const LANGUAGE_FEATURES: readonly string[] = [
  'promql-experimental-functions',
  'promql-duration-expr',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
];
/** What Prometheus 3.5 still asks for. */
const THEIR_FEATURES = ['native-histograms'];
const SLICE_MS = 10 * 60_000;
const REQUEST_TIMEOUT_MS = 60_000;

export interface ServersOptions {
  readonly peer: Peer;
  readonly folder: string;
  /** Seed of the data. */
  readonly seed: number;
  readonly delayedNameRemoval: boolean;
}

export interface Servers {
  readonly ownUrl: string;
  readonly theirUrl: string;
}

/** Starts both, loads both with the same data, lets `work` ask them and stops both. */
export async function withServers<T>(
  { peer, folder, seed, delayedNameRemoval }: ServersOptions,
  work: (servers: Servers) => Promise<T>,
): Promise<T> {
  const features = delayedNameRemoval
    ? [...LANGUAGE_FEATURES, 'promql-delayed-name-removal']
    : LANGUAGE_FEATURES;
  const dataDir = join(folder, 'own');
  mkdirSync(dataDir, { recursive: true });
  const flags = ['--retention=0', `--enable-feature=${features.join(',')}`];
  const app = await App.start({ dataDir, flags });
  try {
    const prometheus = await Prometheus.start({
      peer,
      folder: join(folder, 'theirs'),
      config: () => 'storage:\n  tsdb:\n    out_of_order_time_window: 3h\n',
      flags: [
        '--web.enable-remote-write-receiver',
        `--enable-feature=${[...features, ...THEIR_FEATURES].join(',')}`,
      ],
    });
    try {
      for (const request of requestsOf(makeData(seed), SLICE_MS)) {
        for (const client of [app.client, new Client(prometheus.url)]) {
          const { status, text } = await client.write(request);
          if (status >= 300) throw new Error(`data was refused: ${status} ${text}`);
        }
      }
      return await work({ ownUrl: app.url, theirUrl: prometheus.url });
    } finally {
      await prometheus.kill();
    }
  } finally {
    await app.stop();
  }
}

/** URL parameters besides the query: `time`, or `start`, `end` and `step`. */
export type Times = Readonly<Record<string, string>>;

/** Asks a server. Rejects only where no answer came. */
export async function ask(url: string, query: string, times: Times): Promise<ApiAnswer> {
  const path = 'time' in times ? 'query' : 'query_range';
  const response = await fetch(`${url}/api/v1/${path}`, {
    method: 'POST',
    body: new URLSearchParams({ query, ...times }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const answer = (await response.json()) as Omit<ApiAnswer, 'httpStatus'>;
  return { ...answer, httpStatus: response.status };
}
