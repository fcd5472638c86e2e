// The figures of a row beside each other.

import { type Summary, summarize } from '../statistics.ts';
import type { Row, Values } from './axis.ts';

export const OWN = 'tidemark';
export const OWN_UNSYNCED = 'tidemark-interval';

/** Undefined if the server has none. */
export function summaryOf({ values }: Row, server: string): Summary | undefined {
  return summarize((values[server] ?? []).filter((value) => value !== null));
}

/** One of ours by a peer, round by round: both saw the same mood of the machine. */
export function ratioOf(row: Row, own: string, peer: string): Summary | undefined {
  if (row.ratios !== undefined) return own === OWN ? summarize(row.ratios[peer] ?? []) : undefined;
  return summarize(ratiosOf(row.values, own, peer));
}

export function ratiosOf(values: Values, own: string, peer: string): number[] {
  return (values[own] ?? []).flatMap((value, round) => {
    const other = values[peer]?.[round];
    const isComparable = value !== null && other !== null && other !== undefined && other > 0;
    return isComparable ? [value / other] : [];
  });
}

/** A row for many: the median of their ratios, with the least and the most. */
export function ratioRow(what: string, rows: readonly Row[], peers: readonly string[]): Row {
  const ratios = peers.map((peer) => [
    peer,
    rows.flatMap((row) => ratioOf(row, OWN, peer)?.median ?? []),
  ]);
  return { what, unit: 'ratio', values: {}, ratios: Object.fromEntries(ratios) };
}

/** Where it makes no difference when the log is synced. */
export function withoutUnsynced(values: Values): Values {
  const { [OWN_UNSYNCED]: _, ...others } = values;
  return others;
}
