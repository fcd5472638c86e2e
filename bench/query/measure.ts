// One cell of the query bench: all servers hold the same data and are asked in turns.

import { errorMessage } from '../../src/runtime/error.ts';
import type { Corpus } from '../corpus.ts';
import { withLoadedServers } from '../loaded-servers.ts';
import { cpuSecondsOf } from '../process-stats.ts';
import type { RunningServer, ServerKind } from '../server.ts';
import {
  ask,
  askUntilWarm,
  firstDifference,
  type ParsedAnswer,
  parseAnswer,
  queryPath,
} from './ask.ts';
import { type BenchQuery, printRange, type QueryCell } from './list.ts';
import type { QueryCellResult, QueryResult, Timing } from './results.ts';

/** The server whose answers are right by definition. */
const ORACLE = 'prometheus';
const WARM_UP_MS = 1000;
/** VictoriaMetrics and Tidemark both know it; Prometheus, which has no cache, ignores it. */
const UNCACHED = { nocache: '1' };

/** How a cell is measured. */
export interface QueryRun {
  readonly rounds: number;
  /**
   * Every query is asked for so long, and at least three times, before all of them and again before itself. Default: a
   * second.
   */
  readonly warmUpMs?: number;
  readonly say: (text: string) => void;
}

/** Loads every server and asks all queries; stops and removes the servers. */
export async function measureQueries(
  cell: QueryCell,
  kinds: readonly ServerKind[],
  corpus: Corpus,
  folder: string,
  run: QueryRun,
): Promise<QueryCellResult> {
  const { warmUpMs = WARM_UP_MS } = run;
  const say = (text: string): void => run.say(`${cell.name}: ${text}`);
  return withLoadedServers(kinds, corpus, folder, say, async (servers) => {
    const queries: QueryResult[] = [];
    // Else the first queries of the list would pay for what all have in common.
    say(`all queries are asked for ${warmUpMs / 1000} s each before the first is measured`);
    for (const query of cell.queries) {
      await firstAnswers(servers, queryPath(query, corpus.endT, UNCACHED), warmUpMs);
    }
    for (const query of cell.queries) {
      const result = await measureQuery(query, servers, corpus, run.rounds, warmUpMs);
      queries.push(result);
      say(describe(result));
    }
    const { series: seriesInStore, ticks, tickMs } = corpus;
    return { name: cell.name, seriesInStore, ticks, tickMs, queries };
  });
}

async function measureQuery(
  query: BenchQuery,
  servers: readonly RunningServer[],
  corpus: Corpus,
  rounds: number,
  warmUpMs: number,
): Promise<QueryResult> {
  const uncachedPath = queryPath(query, corpus.endT, UNCACHED);
  const path = queryPath(query, corpus.endT, {});
  const { answers, problems } = await firstAnswers(servers, uncachedPath, warmUpMs);
  const sound = servers.filter(({ kind }) => answers.has(kind.name));
  const cpuSeconds = new Map<string, number>();
  const uncached: Timing[] = [];
  const repeated: Timing[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const server of sound) {
      const before = cpuSecondsOf(server.pid);
      const { wallMs, body } = await ask(`${server.url}${uncachedPath}`);
      const spent = cpuSecondsOf(server.pid) - before;
      cpuSeconds.set(server.kind.name, (cpuSeconds.get(server.kind.name) ?? 0) + spent);
      uncached.push({ server: server.kind.name, round, wallMs, bytes: body.length });
    }
  }
  for (const server of sound) await ask(`${server.url}${path}`);
  for (let round = 0; round < rounds; round++) {
    for (const server of sound) {
      const { wallMs, body } = await ask(`${server.url}${path}`);
      repeated.push({ server: server.kind.name, round, wallMs, bytes: body.length });
    }
  }
  const byServer = (of: (server: string) => number): Record<string, number> =>
    Object.fromEntries(sound.map(({ kind }) => [kind.name, of(kind.name)]));
  return {
    name: query.name,
    range: printRange(query),
    query: query.query,
    class: query.class,
    series: byServer((server) => answers.get(server)!.series),
    points: byServer((server) => answers.get(server)!.points),
    cpuMs: byServer((server) => (1000 * (cpuSeconds.get(server) ?? 0)) / rounds),
    uncached,
    repeated,
    problems,
  };
}

/** Every server's answer, also a warm-up; Tidemark's is compared with the oracle's. */
async function firstAnswers(
  servers: readonly RunningServer[],
  path: string,
  warmUpMs: number,
): Promise<{ answers: Map<string, ParsedAnswer>; problems: string[] }> {
  const answers = new Map<string, ParsedAnswer>();
  const problems: string[] = [];
  for (const { kind, url } of servers) {
    try {
      answers.set(kind.name, parseAnswer(await askUntilWarm(`${url}${path}`, warmUpMs)));
    } catch (error) {
      problems.push(`${kind.name}: ${errorMessage(error)}`);
    }
  }
  const oracle = answers.get(ORACLE);
  const own = answers.get('tidemark');
  if (oracle !== undefined && own !== undefined) {
    const difference = firstDifference(own, oracle);
    if (difference !== undefined) problems.push(`tidemark differs from ${ORACLE}: ${difference}`);
  }
  return { answers, problems };
}

function describe({ name, range, uncached, problems }: QueryResult): string {
  const servers = [...new Set(uncached.map(({ server }) => server))];
  const walls = servers.map((server) => {
    const own = uncached.filter((one) => one.server === server).map(({ wallMs }) => wallMs);
    own.sort((a, b) => a - b);
    return `${server} ${own[own.length >> 1]!.toFixed(1)} ms`;
  });
  return `${range} ${name}: ${[...walls, ...problems].join(', ')}`;
}
