// What a file and a server hold of the same series, side by side.

import type { DayDigest, Digest, SeriesDigest } from './digest.ts';
import { printCount } from './progress-bar.ts';

/** Differences told one by one; the rest is counted. */
const MAX_TOLD = 20;
const DAY_MS = 86_400_000;

export interface Comparison {
  readonly isEqual: boolean;
  /** For people, a line each. */
  readonly lines: readonly string[];
}

/** `isWhole`: the file should have every series that the server has. */
export function compareDigests(file: Digest, server: Digest, isWhole: boolean): Comparison {
  const told: string[] = [];
  let differences = 0;
  const differ = (text: string): void => {
    differences++;
    if (told.length < MAX_TOLD) told.push(text);
  };
  const totals = { series: 0, days: 0, samples: 0, exemplars: 0 };
  for (const [key, series] of file.series) {
    const other = server.series.get(key);
    totals.series++;
    for (const day of daysOf(series, other)) {
      const [mine, theirs] = [series.days.get(day), other?.days.get(day)];
      totals.days++;
      totals.samples += mine?.count ?? 0;
      totals.exemplars += mine?.exemplars ?? 0;
      if (isSame(mine, theirs)) continue;
      differ(
        `DIFFERENT ${series.name} on ${dateOf(day)}\n    file:   ${describe(mine)}\n    server: ${describe(theirs)}`,
      );
    }
  }
  let others = 0;
  for (const [key, series] of server.series) {
    if (file.series.has(key)) continue;
    others++;
    if (isWhole) differ(`DIFFERENT ${series.name}: only on the server`);
  }
  const lines = [...told];
  if (differences > told.length) lines.push(`and ${printCount(differences - told.length)} more`);
  if (others > 0 && !isWhole) {
    lines.push(`${printCount(others)} other series on the server are not in the file`);
  }
  lines.push(
    `compared ${printCount(totals.series)} series, ${printCount(totals.days)} days of series, ` +
      `${printCount(totals.samples)} samples, ${printCount(totals.exemplars)} exemplars: ` +
      (differences === 0 ? 'all equal' : `${printCount(differences)} differences`),
  );
  return { isEqual: differences === 0, lines };
}

function daysOf(series: SeriesDigest, other: SeriesDigest | undefined): number[] {
  const days = new Set([...series.days.keys(), ...(other?.days.keys() ?? [])]);
  return [...days].sort((a, b) => a - b);
}

/** Sums are for people: they depend on the order in which they are added up. */
function isSame(a: DayDigest | undefined, b: DayDigest | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.count === b.count &&
    a.exemplars === b.exemplars &&
    a.firstT === b.firstT &&
    a.lastT === b.lastT &&
    a.hashLow === b.hashLow &&
    a.hashHigh === b.hashHigh
  );
}

function describe(day: DayDigest | undefined): string {
  if (day === undefined) return 'nothing';
  const { count, exemplars, firstT, lastT, sum, hashHigh, hashLow } = day;
  const samples =
    count === 0
      ? 'no samples'
      : `${printCount(count)} samples, first ${timeOf(firstT)}, last ${timeOf(lastT)}, sum ${sum}`;
  const more = exemplars === 0 ? '' : `, ${printCount(exemplars)} exemplars`;
  return `${samples}${more}, hash ${hex(hashHigh)}${hex(hashLow)}`;
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().replace(/T.*/, '');
}

function timeOf(t: number): string {
  return new Date(t).toISOString();
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
