// What a run of the query bench leaves behind, and the figures that are made of it.

import type { RunResults } from '../results.ts';
import { type Summary, summarize } from '../statistics.ts';
import type { QueryClass } from './list.ts';

/** One query once on one server. */
export interface Timing {
  readonly server: string;
  readonly round: number;
  /** From the request to the last byte of the answer, in ms. */
  readonly wallMs: number;
  readonly bytes: number;
}

export interface QueryResult {
  readonly name: string;
  readonly range: string;
  readonly query: string;
  readonly class: QueryClass;
  /** Of the answer, by server. */
  readonly series: Readonly<Record<string, number>>;
  readonly points: Readonly<Record<string, number>>;
  /** CPU of the server for one query, in ms, by server: the mean over all rounds. */
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly uncached: readonly Timing[];
  /** The same request again with caches on, where a server has one. */
  readonly repeated: readonly Timing[];
  /** What is wrong with an answer: it failed, or differs from Prometheus'. */
  readonly problems: readonly string[];
}

export interface QueryCellResult {
  readonly name: string;
  readonly seriesInStore: number;
  readonly ticks: number;
  readonly tickMs: number;
  readonly queries: readonly QueryResult[];
}

export type QueryResults = RunResults<QueryCellResult>;

export function wallOf(timings: readonly Timing[], server: string): Summary | undefined {
  return summarize(timings.filter((one) => one.server === server).map(({ wallMs }) => wallMs));
}

/** Median of one server's walls by another's, each round by its own. */
export function ratioOf(
  timings: readonly Timing[],
  server: string,
  peer: string,
): number | undefined {
  const ratios = timings
    .filter((one) => one.server === server)
    .flatMap(({ round, wallMs }) => {
      const beside = timings.find((one) => one.server === peer && one.round === round);
      return beside === undefined ? [] : [wallMs / beside.wallMs];
    });
  return summarize(ratios)?.median;
}
