// `npm run bench:ingest`: Tidemark beside VictoriaMetrics and Prometheus, on the same bodies, in turns.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../src/runtime/error.ts';
import { type Bench, runBench } from './bench-run.ts';
import type { Corpus } from './corpus.ts';
import { measureLoad, measureReplay } from './measure.ts';
import { type CellPlan, type IngestOptions, parseOptions, USAGE } from './options.ts';
import { renderIngestSection } from './page.ts';
import type { CellResult, Figures, Run } from './results.ts';
import type { ServerKind } from './server.ts';
import { renderCell, renderResults } from './table.ts';
import { makeCorpus, say } from './workspace.ts';

const BENCH: Bench<IngestOptions, CellResult> = {
  name: 'ingest',
  usage: USAGE,
  parse: parseOptions,
  isIncluded: () => true,
  measure: async ({ cells, rounds }, kinds, folder, keep) => {
    for (const plan of cells) {
      const cell = await measureCell(plan, kinds, rounds, folder);
      keep(cell);
      say(renderCell(cell, kinds).join('\n'));
    }
  },
  isFaulty: ({ runs }) => runs.some(({ problem }) => problem !== undefined),
  render: renderResults,
  renderSection: renderIngestSection,
};

/** Makes the bodies and runs every server through them, round by round. */
async function measureCell(
  plan: CellPlan,
  kinds: readonly ServerKind[],
  rounds: number,
  folder: string,
): Promise<CellResult> {
  const bodyFolder = join(folder, 'bodies');
  mkdirSync(bodyFolder);
  try {
    const corpus = makeCorpus(plan, bodyFolder);
    const runs: Run[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const kind of kinds) {
        const run = await runOnce(plan, kind, round, corpus, join(folder, 'server'));
        const outcome = run.problem ?? printFigures(run.figures);
        say(`${plan.name}, round ${round + 1} of ${rounds}, ${kind.name}: ${outcome}`);
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
): Promise<Run> {
  const measure = cellKind === 'replay' ? measureReplay : measureLoad;
  try {
    const figures = await measure(kind, corpus, folder);
    return { server: kind.name, round, figures, problem: undefined };
  } catch (error) {
    return { server: kind.name, round, figures: {}, problem: errorMessage(error) };
  }
}

function printFigures(figures: Figures): string {
  const parts = Object.entries(figures).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  return parts.join(', ');
}

await runBench(BENCH, process.argv.slice(2));
