// Arguments of the query bench.

import { type BenchOptions, COMMON_USAGE, listOf, parseBenchOptions } from '../options.ts';
import { QUERY_CELLS, type QueryCell } from './list.ts';

export interface QueryBenchOptions extends BenchOptions {
  readonly cells: readonly QueryCell[];
}

export const USAGE: string = `npm run bench:query -- [options]
Loads all servers that are there with the same data, asks them the same queries in turns, and writes
docs/benchmarks.md where neither cells nor servers are chosen by hand.

  --quick              less data, under five minutes
  --cells LIST         of ${QUERY_CELLS.map(({ name }) => name).join(',')}
  --rounds N           repeats of every query, interleaved (9; quick 5)
${COMMON_USAGE}`;

/** Throws an Error that says what is wrong. */
export function parseQueryOptions(args: readonly string[]): QueryBenchOptions {
  const { common, own } = parseBenchOptions(args, ['cells'], { whole: 9, quick: 5 });
  const cells = own.cells === undefined ? QUERY_CELLS : listOf(own.cells).map(cellNamed);
  return { ...common, cells };
}

function cellNamed(name: string): QueryCell {
  const found = QUERY_CELLS.find((cell) => cell.name === name);
  if (found === undefined) throw new Error(`--cells: ${name} is not a cell`);
  return found;
}
