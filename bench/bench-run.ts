// What every bench does with what it measures: results kept after every cell, printed, and put into the page.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorMessage } from '../src/runtime/error.ts';
import { describeCommit, describeMachine, fileSystemOf, repositoryFolder } from './machine.ts';
import type { BenchOptions } from './options.ts';
import { writeSection } from './page.ts';
import { findPeers } from './peers.ts';
import { joinResults, type RunResults } from './results.ts';
import type { ServerKind } from './server.ts';
import { tidemarkKinds } from './tidemark.ts';
import { exitOnSignals, say, withWorkFolder } from './workspace.ts';

export interface Bench<Options extends BenchOptions, Cell extends { readonly name: string }> {
  /** Begins the names of its files of results. */
  readonly name: string;
  readonly usage: string;
  /** Throws an Error that says what is wrong. */
  readonly parse: (args: readonly string[]) => Options;
  /** Whether a server takes part if none are chosen. */
  readonly isIncluded: (server: string) => boolean;
  /** Measures one cell after the other; `keep` is called as soon as each is there. */
  readonly measure: (
    options: Options,
    kinds: readonly ServerKind[],
    folder: string,
    keep: (cell: Cell) => void,
  ) => Promise<void>;
  readonly isFaulty: (cell: Cell) => boolean;
  /** As Markdown. */
  readonly render: (results: RunResults<Cell>) => string;
  /** The section of docs/benchmarks.md. */
  readonly renderSection: (results: RunResults<Cell>) => string;
}

/** The whole program: ends the process with 1 if a cell is faulty, with 2 for wrong arguments. */
export async function runBench<
  Options extends BenchOptions,
  Cell extends { readonly name: string },
>(bench: Bench<Options, Cell>, args: readonly string[]): Promise<void> {
  exitOnSignals();
  process.exitCode = await exitCodeOf(bench, args);
}

async function exitCodeOf<Options extends BenchOptions, Cell extends { readonly name: string }>(
  bench: Bench<Options, Cell>,
  args: readonly string[],
): Promise<number> {
  let options: Options;
  try {
    options = bench.parse(args);
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n\n${bench.usage}`);
    return 2;
  }
  if (options.render.length > 0) return renderFiles(bench, options.render);
  return withWorkFolder(options.folder, async (folder) => {
    const results = await measureAll(bench, options, folder);
    if (options.isWhole) publish(bench, results);
    else process.stdout.write(bench.render(results));
    return results.cells.some(bench.isFaulty) ? 1 : 0;
  });
}

/** Prints and publishes what earlier runs left. */
function renderFiles<Options extends BenchOptions, Cell extends { readonly name: string }>(
  bench: Bench<Options, Cell>,
  files: readonly string[],
): number {
  try {
    publish(
      bench,
      joinResults(files.map((file) => JSON.parse(readFileSync(resolve(file), 'utf8')))),
    );
    return 0;
  } catch (error) {
    process.stderr.write(`--render: ${errorMessage(error)}\n`);
    return 2;
  }
}

function publish<Options extends BenchOptions, Cell extends { readonly name: string }>(
  { render, renderSection }: Bench<Options, Cell>,
  results: RunResults<Cell>,
): void {
  process.stdout.write(render(results));
  writeSection(repositoryFolder(), renderSection(results));
}

async function measureAll<Options extends BenchOptions, Cell extends { readonly name: string }>(
  bench: Bench<Options, Cell>,
  options: Options,
  folder: string,
): Promise<RunResults<Cell>> {
  const repository = repositoryFolder();
  const { quick, servers } = options;
  const isWanted = (name: string): boolean =>
    servers.length === 0 ? bench.isIncluded(name) : servers.includes(name);
  const missing: string[] = [];
  const all = [
    ...tidemarkKinds(repository),
    ...findPeers(options.peers, (name) => missing.push(name)),
  ];
  const kinds = all.filter(({ name }) => isWanted(name));
  const cells: Cell[] = [];
  const date = new Date().toISOString();
  const results: RunResults<Cell> = {
    date: date.slice(0, 10),
    commit: describeCommit(),
    quick,
    machine: describeMachine(folder),
    servers: kinds.map(({ name, title, version, flags }) => ({ name, title, version, flags })),
    missing: missing.filter(isWanted),
    cells,
  };
  for (const name of results.missing) say(`${name} was not found and is left out`);
  if (fileSystemOf(folder) === 'tmpfs') say(`${folder} is in memory: a sync costs nothing there`);
  const file = join(repository, `bench/results/${bench.name}-${date.replaceAll(':', '-')}.json`);
  mkdirSync(join(repository, 'bench/results'), { recursive: true });
  await bench.measure(options, kinds, folder, (cell) => {
    cells.push(cell);
    // After every cell: a run that is broken off has not been for nothing.
    writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  });
  say(`written to ${file}`);
  return results;
}
