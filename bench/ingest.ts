// `npm run bench:ingest`: Tidemark beside VictoriaMetrics and Prometheus, on the same bodies, in turns.

import { type Bench, runBench } from './bench-run.ts';
import { measureCell } from './ingest-cell.ts';
import { type IngestOptions, parseOptions, USAGE } from './options.ts';
import { renderIngestSection } from './page.ts';
import type { CellResult, Figures } from './results.ts';
import { renderCell, renderResults } from './table.ts';
import { makeCorpus, say } from './workspace.ts';

const BENCH: Bench<IngestOptions, CellResult> = {
  name: 'ingest',
  usage: USAGE,
  parse: parseOptions,
  isIncluded: () => true,
  measure: async ({ cells, rounds }, kinds, folder, keep) => {
    for (const plan of cells) {
      const cell = await measureCell(plan, kinds, rounds, folder, {
        makeBodies: (bodyFolder) => makeCorpus(plan, bodyFolder),
        onRun: ({ server, round, figures, problem }) => {
          const outcome = problem ?? printFigures(figures);
          say(`${plan.name}, round ${round + 1} of ${rounds}, ${server}: ${outcome}`);
        },
      });
      keep(cell);
      say(renderCell(cell, kinds).join('\n'));
    }
  },
  isFaulty: ({ runs }) => runs.some(({ problem }) => problem !== undefined),
  render: renderResults,
  renderSection: renderIngestSection,
};

function printFigures(figures: Figures): string {
  const parts = Object.entries(figures).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  return parts.join(', ');
}

await runBench(BENCH, process.argv.slice(2));
