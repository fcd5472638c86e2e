// One cell of ingest: the same bodies to all servers, in turns.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../src/runtime/error.ts';
import type { Corpus } from './corpus.ts';
import { type Aftermath, measureLoad, measureReplay } from './measure.ts';
import type { CellPlan } from './options.ts';
import type { CellResult, Run } from './results.ts';
import type { ServerKind } from './server.ts';

export interface CellHooks {
  /** Makes the cell's bodies in an empty folder. */
  readonly makeBodies: (folder: string) => Corpus | Promise<Corpus>;
  /** Before a server is run. */
  readonly onStart?: (server: string, round: number) => void;
  /** After it. */
  readonly onRun?: (run: Run) => void;
  /** Taken in the first round, of cells that are loads. */
  readonly aftermath?: Aftermath;
}

/** Makes the bodies and runs every server through them, round by round. */
export async function measureCell(
  plan: CellPlan,
  kinds: readonly ServerKind[],
  rounds: number,
  folder: string,
  hooks: CellHooks,
): Promise<CellResult> {
  const bodyFolder = join(folder, 'bodies');
  mkdirSync(bodyFolder);
  try {
    const corpus = await hooks.makeBodies(bodyFolder);
    const runs: Run[] = [];
    for (let round = 0; round < rounds; round++) {
      const aftermath = round === 0 ? hooks.aftermath : undefined;
      for (const kind of kinds) {
        hooks.onStart?.(kind.name, round);
        const run = await runOnce(plan, kind, round, corpus, join(folder, 'server'), aftermath);
        hooks.onRun?.(run);
        runs.push(run);
      }
    }
    const { samples, bodies, rawBytes, compressedBytes } = corpus;
    return { ...plan, samples, bodies, rawBytes, compressedBytes, runs };
  } finally {
    rmSync(bodyFolder, { recursive: true, force: true });
  }
}

/** One server's failure is a result too; the others go on. */
async function runOnce(
  { kind: cellKind }: CellPlan,
  kind: ServerKind,
  round: number,
  corpus: Corpus,
  folder: string,
  aftermath: Aftermath | undefined,
): Promise<Run> {
  try {
    const figures =
      cellKind === 'replay'
        ? await measureReplay(kind, corpus, folder)
        : await measureLoad(kind, corpus, folder, aftermath);
    return { server: kind.name, round, figures, problem: undefined };
  } catch (error) {
    return { server: kind.name, round, figures: {}, problem: errorMessage(error) };
  }
}
