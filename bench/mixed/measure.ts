// One server that takes samples and answers queries: each alone, then both together.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Corpus } from '../corpus.ts';
import { checkAccepted, load, withFolder } from '../measure.ts';
import { ask, parseAnswer, queryPath } from '../query/ask.ts';
import { QUERY_CELLS } from '../query/list.ts';
import { RunningServer, type ServerKind } from '../server.ts';
import { runClients } from './clients.ts';

export const CLIENTS = 8;
/** What a dashboard asks over the last hour. */
const QUERIES = QUERY_CELLS[0]!.queries.filter(
  ({ range, class: of }) => range?.hours === 1 && of === 'aggregate' && range.stepSeconds === 15,
);

/** Three stretches of the same series, one after the other in time. */
export interface MixedCorpora {
  /** There before anything is measured; what queries ask for. */
  readonly history: Corpus;
  readonly alone: Corpus;
  readonly together: Corpus;
}

export interface MixedFigures {
  /** A million samples a second would be 1. */
  readonly ingestAlone: number;
  readonly ingestTogether: number;
  readonly answerP99Alone: number;
  readonly answerP99Together: number;
  readonly queriesAlone: number;
  readonly queriesTogether: number;
  readonly queryP99Alone: number;
  readonly queryP99Together: number;
}

export async function measureMixed(
  kind: ServerKind,
  { history, alone, together }: MixedCorpora,
  queryMs: number,
  folder: string,
): Promise<MixedFigures> {
  return withFolder(folder, async () => {
    const server = await RunningServer.start(kind, folder);
    try {
      await loadVisibly(server, history);
      const urls = QUERIES.map(
        (query) => `${server.url}${queryPath(query, history.endT, { nocache: '1' })}`,
      );
      await checkAnswers(urls);
      await runClients(urls, CLIENTS, sleep(queryMs / 4));
      const queries = await runClients(urls, CLIENTS, sleep(queryMs));
      const ingest = await load(server, alone);
      const both = load(server, together);
      const [ingestBoth, queriesBoth] = await Promise.all([both, runClients(urls, CLIENTS, both)]);
      return {
        ingestAlone: alone.samples / 1e6 / ingest.seconds,
        ingestTogether: together.samples / 1e6 / ingestBoth.seconds,
        answerP99Alone: ingest.answerP99Ms,
        answerP99Together: ingestBoth.answerP99Ms,
        queriesAlone: queries.queriesPerSecond,
        queriesTogether: queriesBoth.queriesPerSecond,
        queryP99Alone: queries.p99Ms,
        queryP99Together: queriesBoth.p99Ms,
      };
    } finally {
      await server.stop();
    }
  });
}

/** Until everything can be read: some servers show what is new only after a while. */
async function loadVisibly(server: RunningServer, corpus: Corpus): Promise<void> {
  await load(server, corpus);
  await checkAccepted(server, corpus.samples);
  // Prometheus shows everything at once, and settles by a snapshot that changes nothing.
  if (server.kind.name !== 'prometheus') await server.kind.settle(server);
}

/** Nothing is quickly answered. */
async function checkAnswers(urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    const { points } = parseAnswer(await ask(url));
    if (points === 0) throw new Error(`${url}: an empty answer`);
  }
}
