// Arguments of the benches: those that all know, and those of the ingest bench.

import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { type CorpusSpec, unfitSeries } from './corpus.ts';
import { isProgram } from './files.ts';
import { PEERS } from './peers.ts';
import { TIDEMARK_NAMES } from './tidemark.ts';

export interface CellPlan extends Omit<CorpusSpec, 'endT'> {
  readonly name: string;
  readonly kind: 'load' | 'replay';
}

/** What every bench can be told. */
export interface BenchOptions {
  readonly quick: boolean;
  /** Whether the run is whole: only then it goes into the page. */
  readonly isWhole: boolean;
  readonly rounds: number;
  /** Names of servers to run; empty for those that the bench is about. */
  readonly servers: readonly string[];
  /** Programs of peers by name, where PATH is not to be asked. */
  readonly peers: ReadonlyMap<string, string>;
  /** Folder for everything temporary. */
  readonly folder: string;
  /** Results to print and to put into the page instead of measuring anything. */
  readonly render: readonly string[];
}

export interface IngestOptions extends BenchOptions {
  readonly cells: readonly CellPlan[];
}

/**
 * Ticks of the known sizes: whole and quick. The replay's are what keeps Tidemark's log just below
 * the size at which it is flushed, 1 GiB.
 */
const CELLS: Readonly<Record<string, readonly [CellPlan, CellPlan]>> = {
  '10k': both({ name: '10k', kind: 'load', series: 10_000, ticks: 1000 }, 100),
  '100k': both({ name: '100k', kind: 'load', series: 100_000, ticks: 240 }, 20),
  '1m': both({ name: '1m', kind: 'load', series: 1_000_000, ticks: 20 }, 2),
  replay: both({ name: 'replay', kind: 'replay', series: 100_000, ticks: 320 }, 20),
};
const QUICK_CELLS = '10k,100k,replay';

/** The lines about what every bench can be told. */
export const COMMON_USAGE: string = `  --servers LIST       only these: ${[...TIDEMARK_NAMES, ...PEERS.keys()].join(',')}
  --peer NAME=PATH     the program of a peer, instead of the one on PATH
  --dir FOLDER         for bodies and data, on the disk to be measured (${tmpdir()})
  --render FILE        write the page from an earlier run; repeat it to join cells of the same commit
`;

export const USAGE: string = `npm run bench:ingest -- [options]
Measures all cells on all servers that are there, and writes docs/benchmarks.md where neither
cells nor servers are chosen by hand.

  --quick              small cells, under five minutes
  --cells LIST         of ${Object.keys(CELLS).join(',')}, or of sizes like 20kx50 (series x samples)
  --rounds N           repeats of every cell, interleaved (3; quick 2)
${COMMON_USAGE}`;

/**
 * Reads arguments: what every bench can be told, and the bench's `own` options as they were given. A run is whole
 * unless something is chosen that changes what is measured. Throws an Error that says what is wrong.
 */
export function parseBenchOptions<Own extends string>(
  args: readonly string[],
  own: readonly Own[],
  rounds: { readonly whole: number; readonly quick: number },
): { readonly common: BenchOptions; readonly own: Partial<Record<Own, string>> } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(own.map((name) => [name, { type: 'string' as const }])),
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      servers: { type: 'string', default: '' },
      peer: { type: 'string', multiple: true, default: [] },
      dir: { type: 'string', default: tmpdir() },
      render: { type: 'string', multiple: true, default: [] },
    },
  });
  const { quick } = values;
  const given = values as Partial<Record<Own, string>>;
  const repeats = Number(values.rounds ?? (quick ? rounds.quick : rounds.whole));
  if (!(Number.isInteger(repeats) && repeats > 0)) {
    throw new Error('--rounds: want a number from 1');
  }
  const isChosen = values.servers !== '' || own.some((name) => given[name] !== undefined);
  return {
    common: {
      quick,
      isWhole: !quick && !isChosen,
      rounds: repeats,
      servers: listOf(values.servers).map(parseServer),
      peers: new Map(values.peer.map(parsePeer)),
      folder: values.dir,
      render: values.render,
    },
    own: given,
  };
}

/** Throws an Error that says what is wrong. */
export function parseOptions(args: readonly string[]): IngestOptions {
  const { common, own } = parseBenchOptions(args, ['cells'], { whole: 3, quick: 2 });
  const { quick } = common;
  const cells = own.cells ?? (quick ? QUICK_CELLS : Object.keys(CELLS).join(','));
  return { ...common, cells: listOf(cells).map((cell) => parseCell(cell, quick)) };
}

function parseCell(text: string, quick: boolean): CellPlan {
  const known = CELLS[text.toLowerCase()];
  if (known !== undefined) return known[quick ? 1 : 0];
  const [, digits, unit, ticks] = /^(\d+)([km]?)x([1-9]\d*)$/i.exec(text) ?? [];
  if (digits === undefined) throw new Error(`--cells: ${text} is not a cell`);
  const series = Number(digits) * { '': 1, k: 1000, m: 1e6 }[unit!.toLowerCase() as '' | 'k' | 'm'];
  const unfit = unfitSeries(series);
  if (unfit !== undefined) throw new Error(`--cells: ${unfit}`);
  return { name: text, kind: 'load', series, ticks: Number(ticks) };
}

export function parseServer(name: string): string {
  const known = [...TIDEMARK_NAMES, ...PEERS.keys()];
  if (known.includes(name)) return name;
  throw new Error(`--servers: ${name}: want one of ${known.join(', ')}`);
}

export function parsePeer(text: string): [string, string] {
  const [name, ...rest] = text.split('=');
  const path = rest.join('=');
  if (!PEERS.has(name!)) {
    throw new Error(`--peer: ${text}: want NAME=PATH, NAME one of ${[...PEERS.keys()].join(', ')}`);
  }
  if (!isProgram(path)) throw new Error(`--peer: ${path} is not a program`);
  return [name!, path];
}

export function listOf(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}

function both(plan: CellPlan, quickTicks: number): readonly [CellPlan, CellPlan] {
  return [plan, { ...plan, ticks: quickTicks }];
}
