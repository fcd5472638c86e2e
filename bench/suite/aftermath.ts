// What is looked at when a server has been loaded and is settled.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Corpus, tickOffsetMs, tickStart } from '../corpus.ts';
import type { Aftermath } from '../measure.ts';
import { memoryOf } from '../process-stats.ts';
import { ask, askUntilWarm } from '../query/ask.ts';
import type { Figures } from '../results.ts';
import type { RunningServer } from '../server.ts';
import { targetShape } from '../shape.ts';
import { summarize } from '../statistics.ts';
import { TargetValues } from '../values.ts';

/** How long a server is left alone before its memory is at rest. */
const REST_MS = 2000;
/** Every query is asked for so long before it is measured, as on the axis of queries. */
const WARM_UP_MS = 1000;
const REPEATS = 5;
const STEPS = 60;

/** Memory at rest, and what queries cost on what is there. */
export const restAndQueries: Aftermath = async (server, corpus) => {
  await sleep(REST_MS);
  const { residentBytes, ownBytes } = memoryOf(server.pid);
  const queries = await growthQueries(server, corpus);
  return { restBytes: residentBytes, ownRestBytes: ownBytes, ...queries };
};

/** One aggregate over all targets and all times, and one series among all, both uncached. */
export async function growthQueries(server: RunningServer, corpus: Corpus): Promise<Figures> {
  const { endT, ticks, tickMs } = corpus;
  const end = Math.floor(endT / 1000);
  const seconds = Math.ceil((ticks * tickMs) / 1000);
  const window = `${Math.max(300, Math.ceil((5 * tickMs) / 1000))}s`;
  const range = new URLSearchParams({
    query: `sum(rate(node_cpu_seconds_total{mode="idle"}[${window}]))`,
    start: String(end - seconds),
    end: String(end),
    step: String(Math.max(1, Math.ceil(seconds / STEPS))),
    nocache: '1',
  });
  const one = new URLSearchParams({
    query: 'node_load5{instance="10.0.0.0:9100"}',
    time: String(end),
    nocache: '1',
  });
  return {
    aggregateMs: await medianMs(`${server.url}/api/v1/query_range?${range}`),
    instantMs: await medianMs(`${server.url}/api/v1/query?${one}`),
  };
}

async function medianMs(url: string): Promise<number> {
  const measure = async (): Promise<number> => {
    const { wallMs, status, body } = await ask(url);
    if (status === 200) return wallMs;
    throw new Error(`${url}: ${status} ${body.toString().slice(0, 200)}`);
  };
  await askUntilWarm(url, WARM_UP_MS);
  const walls: number[] = [];
  for (let i = 0; i < REPEATS; i++) walls.push(await measure());
  return summarize(walls)!.median;
}

const CHECKED_TARGET = 0;

/** Share of the samples of some full-precision series that come back with other bits than were sent. */
export const changedSamples: Aftermath = async (server, corpus) => {
  const { metric, sent } = sentSeries(corpus);
  const seconds = Math.ceil((corpus.ticks * corpus.tickMs) / 1000) + 1;
  const query = `${metric}{instance="10.0.0.${CHECKED_TARGET}:9100"}[${seconds}s]`;
  const params = new URLSearchParams({ query, time: String(corpus.endT / 1000) });
  const answer = JSON.parse(await server.ask(`/api/v1/query?${params}`)) as {
    data: { result: readonly { values: readonly (readonly [number, string])[] }[] };
  };
  const came = answer.data.result[0]?.values ?? [];
  if (came.length !== sent.length) {
    throw new Error(`${came.length} samples of ${metric} came back of ${sent.length}`);
  }
  const changed = came.filter(([, text], i) => !Object.is(Number(text), sent[i])).length;
  return { changedShare: changed / sent.length };
};

/** A series of one target that no label but `instance` tells from those of others, and its values. */
function sentSeries(corpus: Corpus): { readonly metric: string; readonly sent: number[] } {
  const shape = targetShape('full-precision');
  const place = shape.findIndex(({ metric }) => metric === 'node_load1');
  const values = new TargetValues(shape, CHECKED_TARGET);
  const sent = Array.from({ length: corpus.ticks }, (_, tick) => {
    const t = tickStart(corpus, tick) + tickOffsetMs(CHECKED_TARGET);
    return values.next(t)[place]!;
  });
  return { metric: shape[place]!.metric, sent };
}
