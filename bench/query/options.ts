// Arguments of the query bench.

import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { listOf, parsePeer, parseServer } from '../options.ts';
import { QUERY_CELLS, type QueryCell } from './list.ts';

export interface QueryBenchOptions {
  readonly quick: boolean;
  /** Whether the run is whole: only then it goes into the page. */
  readonly isWhole: boolean;
  readonly cells: readonly QueryCell[];
  readonly rounds: number;
  /** Names of servers to run; empty for all that are there. */
  readonly servers: readonly string[];
  readonly peers: ReadonlyMap<string, string>;
  readonly folder: string;
  /** Results to print and to put into the page instead of measuring anything. */
  readonly render: string | undefined;
}

export const USAGE: string = `npm run bench:query -- [options]
Loads all servers that are there with the same data, asks them the same queries in turns, and writes
docs/benchmarks.md where neither cells nor servers are chosen by hand.

  --quick              less data, under five minutes
  --cells LIST         of ${QUERY_CELLS.map(({ name }) => name).join(',')}
  --rounds N           repeats of every query, interleaved (9; quick 5)
  --servers LIST       only these
  --peer NAME=PATH     the program of a peer, instead of the one on PATH
  --dir FOLDER         for bodies and data (${tmpdir()})
  --render FILE        write the page from an earlier run
`;

/** Throws an Error that says what is wrong. */
export function parseQueryOptions(args: readonly string[]): QueryBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      cells: { type: 'string' },
      rounds: { type: 'string' },
      servers: { type: 'string', default: '' },
      peer: { type: 'string', multiple: true, default: [] },
      dir: { type: 'string', default: tmpdir() },
      render: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 5 : 9));
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error('--rounds: want a number from 1');
  return {
    quick: values.quick,
    isWhole: !values.quick && values.cells === undefined && values.servers === '',
    cells: values.cells === undefined ? QUERY_CELLS : listOf(values.cells).map(cellNamed),
    rounds,
    servers: listOf(values.servers).map(parseServer),
    peers: new Map(values.peer.map(parsePeer)),
    folder: values.dir,
    render: values.render,
  };
}

function cellNamed(name: string): QueryCell {
  const found = QUERY_CELLS.find((cell) => cell.name === name);
  if (found === undefined) throw new Error(`--cells: ${name} is not a cell`);
  return found;
}
