// `npm run bench:query`: the same queries to Tidemark, VictoriaMetrics and Prometheus, in turns.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorMessage } from '../src/runtime/error.ts';
import { describeCommit, describeMachine, repositoryFolder } from './machine.ts';
import { renderQuerySection, writeSection } from './page.ts';
import { findPeers } from './peers.ts';
import { measureQueries } from './query/measure.ts';
import { parseQueryOptions, type QueryBenchOptions, USAGE } from './query/options.ts';
import type { QueryCellResult, QueryResults } from './query/results.ts';
import { renderQueries } from './query/table.ts';
import { tidemarkKinds } from './tidemark.ts';
import { exitOnSignals, makeCorpus, say, withWorkFolder } from './workspace.ts';

const repository = repositoryFolder();

async function main(args: readonly string[]): Promise<number> {
  let options: QueryBenchOptions;
  try {
    options = parseQueryOptions(args);
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options.render !== undefined) {
    publish(JSON.parse(readFileSync(resolve(options.render), 'utf8')) as QueryResults);
    return 0;
  }
  return withWorkFolder(options.folder, async (folder) => {
    const results = await measureAll(options, folder);
    if (options.isWhole) publish(results);
    else process.stdout.write(renderQueries(results));
    const queries = results.cells.flatMap((cell) => cell.queries);
    return queries.some(({ problems }) => problems.length > 0) ? 1 : 0;
  });
}

function publish(results: QueryResults): void {
  process.stdout.write(renderQueries(results));
  writeSection(repository, renderQuerySection(results));
}

async function measureAll(options: QueryBenchOptions, folder: string): Promise<QueryResults> {
  const missing: string[] = [];
  const [tidemark] = tidemarkKinds(repository);
  const all = [tidemark!, ...findPeers(options.peers, (name) => missing.push(name))];
  const kinds = all.filter(
    ({ name }) => options.servers.length === 0 || options.servers.includes(name),
  );
  for (const name of missing) say(`${name} was not found and is left out`);
  const cells: QueryCellResult[] = [];
  const date = new Date().toISOString();
  const results: QueryResults = {
    date: date.slice(0, 10),
    commit: describeCommit(),
    quick: options.quick,
    machine: describeMachine(folder),
    servers: kinds.map(({ name, title, version, flags }) => ({ name, title, version, flags })),
    missing,
    cells,
  };
  mkdirSync(join(repository, 'bench/results'), { recursive: true });
  const file = join(repository, `bench/results/query-${date.replaceAll(':', '-')}.json`);
  for (const cell of options.cells) {
    const ticks = options.quick ? cell.quickTicks : cell.ticks;
    const bodies = join(folder, 'bodies');
    mkdirSync(bodies);
    const corpus = makeCorpus({ name: cell.name, series: cell.series, ticks }, bodies);
    const servers = join(folder, 'servers');
    cells.push(await measureQueries(cell, kinds, corpus, options.rounds, servers, say));
    rmSync(bodies, { recursive: true, force: true });
    // After every cell: a run that is broken off has not been for nothing.
    writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  }
  say(`written to ${file}`);
  return results;
}

exitOnSignals();
process.exitCode = await main(process.argv.slice(2));
