// `npm run bench:ingest`: Tidemark beside VictoriaMetrics and Prometheus, on the same bodies, in turns.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorMessage } from '../src/runtime/error.ts';
import type { Corpus } from './corpus.ts';
import { describeCommit, describeMachine, fileSystemOf, repositoryFolder } from './machine.ts';
import { measureLoad, measureReplay } from './measure.ts';
import { type CellPlan, type IngestOptions, parseOptions, USAGE } from './options.ts';
import { renderIngestSection, writeSection } from './page.ts';
import { findPeers } from './peers.ts';
import { type CellResult, type Figures, joinResults, type Results, type Run } from './results.ts';
import type { ServerKind } from './server.ts';
import { renderCell, renderResults } from './table.ts';
import { tidemarkKinds } from './tidemark.ts';
import { exitOnSignals, makeCorpus, say, withWorkFolder } from './workspace.ts';

const repository = repositoryFolder();

async function main(args: readonly string[]): Promise<number> {
  let options: IngestOptions;
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options.render.length > 0) {
    return renderFiles(options.render);
  }
  return withWorkFolder(options.folder, async (folder) => {
    const results = await measureAll(options, folder);
    if (options.isWhole) publish(results);
    else process.stdout.write(renderResults(results));
    return results.cells.some(({ runs }) => runs.some(({ problem }) => problem)) ? 1 : 0;
  });
}

/** Prints and publishes what earlier runs left. */
function renderFiles(files: readonly string[]): number {
  try {
    publish(joinResults(files.map((file) => JSON.parse(readFileSync(resolve(file), 'utf8')))));
    return 0;
  } catch (error) {
    process.stderr.write(`--render: ${errorMessage(error)}\n`);
    return 2;
  }
}

function publish(results: Results): void {
  process.stdout.write(renderResults(results));
  writeSection(repository, renderIngestSection(results));
}

async function measureAll(options: IngestOptions, folder: string): Promise<Results> {
  const missing: string[] = [];
  const all = [
    ...tidemarkKinds(repository),
    ...findPeers(options.peers, (name) => missing.push(name)),
  ];
  const kinds = all.filter(
    ({ name }) => options.servers.length === 0 || options.servers.includes(name),
  );
  for (const name of missing) say(`${name} was not found and is left out`);
  if (fileSystemOf(folder) === 'tmpfs') say(`${folder} is in memory: a sync costs nothing there`);
  const cells: CellResult[] = [];
  const date = new Date().toISOString();
  const results: Results = {
    date: date.slice(0, 10),
    commit: describeCommit(),
    quick: options.quick,
    machine: describeMachine(folder),
    servers: kinds.map(({ name, title, version, flags }) => ({ name, title, version, flags })),
    missing,
    cells,
  };
  const file = join(repository, `bench/results/ingest-${date.replaceAll(':', '-')}.json`);
  mkdirSync(join(repository, 'bench/results'), { recursive: true });
  for (const plan of options.cells) {
    const cell = await measureCell(plan, kinds, options.rounds, folder);
    cells.push(cell);
    // After every cell: a run that is broken off has not been for nothing.
    writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
    say(renderCell(cell, results.servers).join('\n'));
  }
  say(`written to ${file}`);
  return results;
}

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

exitOnSignals();
process.exitCode = await main(process.argv.slice(2));
