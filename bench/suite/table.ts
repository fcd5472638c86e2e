// The one table of the whole bench, as Markdown.

import type { RunResults } from '../results.ts';
import type { Summary } from '../statistics.ts';
import { describeRun, markdownTable } from '../table.ts';
import type { AxisCellResult, Row } from './axis.ts';
import { CAVEATS, marksOf } from './caveats.ts';
import { OWN, OWN_UNSYNCED, ratioOf, summaryOf } from './ratios.ts';
import { isMet, type Limits } from './targets.ts';

export type SuiteResults = RunResults<AxisCellResult>;

/** What was measured on what, the table, how the targets stand, what went wrong. */
export function renderSuite(results: SuiteResults): string {
  const { cells, servers } = results;
  const peers = servers.filter(({ name }) => name !== OWN && name !== OWN_UNSYNCED);
  const problems = cells.flatMap(({ name, problems: own }) =>
    own.map((problem) => `- ${name}: ${problem.split('\n')[0]}`),
  );
  const lines = [
    ...describeRun(results),
    ...(results.quick ? ['- a quick run of small cells: to see that it works, not to quote'] : []),
    `- measured in ${printDuration(cells.reduce((sum, { seconds }) => sum + seconds, 0))}`,
    '',
    'Median (least–most) of all rounds; less is better everywhere. A ratio is Tidemark’s figure by the peer’s in the same round.',
    '',
    ...markdownTable(
      [
        '',
        'Tidemark',
        ...peers.map(({ title }) => title),
        ...peers.flatMap(({ title }) => [`÷ ${title}`, 'target']),
      ],
      cells.flatMap((cell) =>
        cell.rows.flatMap((row) =>
          renderRow(
            cell,
            row,
            peers.map(({ name }) => name),
          ),
        ),
      ),
    ),
    ...Object.values(CAVEATS).map(({ mark, text }) => `${mark} ${text}  `),
    '',
    countTargets(results),
    '',
    ...(problems.length === 0 ? [] : ['Missing or doubtful:', '', ...problems, '']),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** One line for Tidemark as it comes, and one for its log synced later where that was measured. */
function renderRow(cell: AxisCellResult, row: Row, peers: readonly string[]): string[][] {
  return subjectsOf(row).map((own) => {
    const note = own === OWN_UNSYNCED ? ', log synced later' : '';
    return [
      `${cell.name}: ${row.what}${note}${row.unit === 'ratio' ? '' : `, ${row.unit}`}`,
      ...[own, ...peers].map((server) => {
        const summary = summaryOf(row, server);
        if (summary === undefined) return '–';
        return `${printSummary(summary)}${marksOf(server, row.caveats)}`;
      }),
      ...peers.flatMap((peer) => {
        const ratio = ratioOf(row, own, peer);
        return [
          ratio === undefined ? '–' : printSummary(ratio, printRatio),
          printTarget(ratio?.median, limitsOf(row, own), peer),
        ];
      }),
    ];
  });
}

function subjectsOf(row: Row): string[] {
  return row.values[OWN_UNSYNCED] === undefined ? [OWN] : [OWN, OWN_UNSYNCED];
}

function limitsOf({ targets }: Row, own: string): Limits | undefined {
  return own === OWN ? targets?.synced : targets?.unsynced;
}

function printTarget(ratio: number | undefined, limits: Limits | undefined, peer: string): string {
  const met = isMet(ratio, limits, peer);
  if (met === undefined) return '';
  return `≤ ${limits![peer]} ${met ? 'met' : '**not met**'}`;
}

/** `17 of 20 targets are met.` */
export function countTargets({ cells, servers }: SuiteResults): string {
  const verdicts = cells
    .flatMap(({ rows }) => rows)
    .flatMap((row) =>
      subjectsOf(row).flatMap((own) =>
        servers.map(({ name: peer }) =>
          isMet(ratioOf(row, own, peer)?.median, limitsOf(row, own), peer),
        ),
      ),
    )
    .filter((met) => met !== undefined);
  return `${verdicts.filter((met) => met).length} of ${verdicts.length} targets are met.`;
}

/** Spread only where there is any. */
function printSummary(summary: Summary, print: (value: number) => string = printFigure): string {
  const [median, min, max] = [summary.median, summary.min, summary.max].map(print);
  return min === max ? median! : `${median} (${min}–${max})`;
}

/** Three digits are more than a run can tell apart. */
export function printFigure(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

function printRatio(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

/** `41 s`, `12 min`, `1 h 20 min`. */
export function printDuration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
