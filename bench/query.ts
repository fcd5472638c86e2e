// `npm run bench:query`: the same queries to Tidemark, VictoriaMetrics and Prometheus, in turns.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, runBench } from './bench-run.ts';
import { renderQuerySection } from './page.ts';
import { measureQueries } from './query/measure.ts';
import { parseQueryOptions, type QueryBenchOptions, USAGE } from './query/options.ts';
import type { QueryCellResult } from './query/results.ts';
import { renderQueries } from './query/table.ts';
import { makeCorpus, say } from './workspace.ts';

const BENCH: Bench<QueryBenchOptions, QueryCellResult> = {
  name: 'query',
  usage: USAGE,
  parse: parseQueryOptions,
  // How the log is synced makes no difference to queries.
  isIncluded: (server) => server !== 'tidemark-interval',
  measure: async ({ cells, quick, rounds }, kinds, folder, keep) => {
    for (const cell of cells) {
      const ticks = quick ? cell.quickTicks : cell.ticks;
      const bodies = join(folder, 'bodies');
      mkdirSync(bodies);
      const { name, series, tickMs } = cell;
      const corpus = makeCorpus({ name, series, ticks, tickMs }, bodies);
      const servers = join(folder, 'servers');
      keep(await measureQueries(cell, kinds, corpus, servers, { rounds, say }));
      rmSync(bodies, { recursive: true, force: true });
    }
  },
  isFaulty: ({ queries }) => queries.some(({ problems }) => problems.length > 0),
  render: renderQueries,
  renderSection: renderQuerySection,
};

await runBench(BENCH, process.argv.slice(2));
