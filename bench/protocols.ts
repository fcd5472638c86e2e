// `npm run bench:protocols`: the same samples in every protocol to Tidemark and VictoriaMetrics, in turns.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorMessage } from '../src/runtime/error.ts';
import { describeCommit, describeMachine, repositoryFolder } from './machine.ts';
import { renderProtocolSection, writeSection } from './page.ts';
import { findPeers } from './peers.ts';
import { type Bodies, writeBodies } from './protocols/bodies.ts';
import type { Format } from './protocols/formats.ts';
import { measureProtocol } from './protocols/measure.ts';
import { type ProtocolBenchOptions, parseProtocolOptions, USAGE } from './protocols/options.ts';
import { type ProtocolCell, type ProtocolResults, renderProtocols } from './protocols/table.ts';
import type { Run } from './results.ts';
import type { ServerKind } from './server.ts';
import { tidemarkKinds } from './tidemark.ts';
import { exitOnSignals, say, withWorkFolder } from './workspace.ts';

const repository = repositoryFolder();

async function main(args: readonly string[]): Promise<number> {
  let options: ProtocolBenchOptions;
  try {
    options = parseProtocolOptions(args);
  } catch (error) {
    process.stderr.write(`${errorMessage(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options.render !== undefined) {
    publish(JSON.parse(readFileSync(resolve(options.render), 'utf8')) as ProtocolResults);
    return 0;
  }
  return withWorkFolder(options.folder, async (folder) => {
    const results = await measureAll(options, folder);
    if (options.isWhole) publish(results);
    else process.stdout.write(renderProtocols(results));
    return results.cells.some(({ runs }) => runs.some(({ problem }) => problem)) ? 1 : 0;
  });
}

function publish(results: ProtocolResults): void {
  process.stdout.write(renderProtocols(results));
  writeSection(repository, renderProtocolSection(results));
}

async function measureAll(options: ProtocolBenchOptions, folder: string): Promise<ProtocolResults> {
  const missing: string[] = [];
  const kinds = [
    ...tidemarkKinds(repository),
    ...findPeers(options.peers, (name) => missing.push(name)),
  ].filter(({ name }) =>
    options.servers.length === 0
      ? name === 'tidemark' || name === 'victoria-metrics'
      : options.servers.includes(name),
  );
  const cells: ProtocolCell[] = [];
  const date = new Date().toISOString();
  const results: ProtocolResults = {
    date: date.slice(0, 10),
    commit: describeCommit(),
    quick: options.quick,
    machine: describeMachine(folder),
    servers: kinds.map(({ name, title, version, flags }) => ({ name, title, version, flags })),
    missing: missing.filter((name) => name === 'victoria-metrics'),
    cells,
  };
  mkdirSync(join(repository, 'bench/results'), { recursive: true });
  const file = join(repository, `bench/results/protocols-${date.replaceAll(':', '-')}.json`);
  for (const format of options.formats) {
    cells.push(await measureFormat(format, kinds, options, folder));
    // After every protocol: a run that is broken off has not been for nothing.
    writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  }
  say(`written to ${file}`);
  return results;
}

/** Makes the bodies and runs every server through them, round by round. */
async function measureFormat(
  format: Format,
  kinds: readonly ServerKind[],
  { hosts, ticks, rounds }: ProtocolBenchOptions,
  folder: string,
): Promise<ProtocolCell> {
  const bodyFolder = join(folder, 'bodies');
  mkdirSync(bodyFolder);
  try {
    say(`${format.name}: making bodies`);
    const endT = Math.floor(Date.now() / 1000) * 1000;
    const bodies = writeBodies(format, { hosts, ticks, endT }, bodyFolder);
    const runs: Run[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const kind of kinds.filter(({ name }) => format.intakes[name] !== undefined)) {
        runs.push(await runOnce(kind, format, bodies, round, join(folder, 'server')));
      }
    }
    const { name, title } = format;
    const { samples, bytes } = bodies;
    const sizes = { samples, bodies: bodies.bodies, rawBytes: bytes, compressedBytes: bytes };
    return { name, title, kind: 'load', series: hosts * 10, ticks, ...sizes, runs };
  } finally {
    rmSync(bodyFolder, { recursive: true, force: true });
  }
}

/** One server's failure is a result too; the others go on. */
async function runOnce(
  kind: ServerKind,
  format: Format,
  bodies: Bodies,
  round: number,
  folder: string,
): Promise<Run> {
  const server = kind.name;
  try {
    const figures = await measureProtocol(kind, format, bodies, folder);
    const { loadCpu = 0, samplesPerSecond = 0 } = figures;
    say(
      `${format.name}, round ${round + 1}, ${server}: ${loadCpu.toFixed(3)} CPU s/M, ` +
        `${(samplesPerSecond / 1e6).toFixed(2)} M samples/s`,
    );
    return { server, round, figures, problem: undefined };
  } catch (error) {
    const problem = errorMessage(error);
    say(`${format.name}, round ${round + 1}, ${server}: ${problem}`);
    return { server, round, figures: {}, problem };
  }
}

exitOnSignals();
process.exitCode = await main(process.argv.slice(2));
