// Several servers that hold the same data and are up together.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Corpus } from './corpus.ts';
import { checkAccepted, load } from './measure.ts';
import { RunningServer, type ServerKind } from './server.ts';

/** Starts and loads every server one after the other, in a folder of its own below `folder`; stops and removes them. */
export async function withLoadedServers<T>(
  kinds: readonly ServerKind[],
  corpus: Corpus,
  folder: string,
  say: (text: string) => void,
  work: (servers: readonly RunningServer[]) => Promise<T>,
): Promise<T> {
  const servers: RunningServer[] = [];
  try {
    for (const kind of kinds) {
      say(`loading ${kind.name}`);
      const server = await RunningServer.start(kind, join(folder, kind.name));
      servers.push(server);
      const { seconds } = await load(server, corpus);
      await checkAccepted(server, corpus.samples);
      // Prometheus is not told to settle: it can only make a snapshot, which changes nothing.
      if (kind.name !== 'prometheus') await kind.settle(server);
      say(`${kind.name} loaded in ${seconds.toFixed(0)} s`);
    }
    return await work(servers);
  } finally {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}
