// Results as Markdown: one table of figures and one of ratios per cell.

import {
  type CellResult,
  figuresOf,
  type MeasureName,
  type Results,
  type RunResults,
  ratiosOf,
  type ServerInfo,
} from './results.ts';
import { type Summary, summarize } from './statistics.ts';

interface Column {
  readonly measure: MeasureName;
  readonly title: string;
  readonly print: (value: number) => string;
  /** False where a ratio would say nothing. */
  readonly hasRatio: boolean;
}

const MiB = 2 ** 20;
const decimals =
  (digits: number) =>
  (value: number): string =>
    value.toFixed(digits);
const mebibytes = (value: number): string => (value / MiB).toFixed(0);

const LOAD_COLUMNS: readonly Column[] = [
  {
    measure: 'samplesPerSecond',
    title: 'M samples/s',
    print: (value) => (value / 1e6).toFixed(2),
    hasRatio: true,
  },
  { measure: 'loadCpu', title: 'CPU s/M', print: decimals(3), hasRatio: true },
  { measure: 'steadyCpu', title: 'CPU s/M, steady', print: decimals(3), hasRatio: true },
  { measure: 'settledCpu', title: 'CPU s/M, settled', print: decimals(3), hasRatio: true },
  { measure: 'loadPeakBytes', title: 'peak MiB', print: mebibytes, hasRatio: true },
  { measure: 'settledPeakBytes', title: 'peak MiB, settled', print: mebibytes, hasRatio: true },
  { measure: 'bytesPerSample', title: 'bytes/sample', print: decimals(3), hasRatio: true },
  { measure: 'indexBytes', title: 'of it index MiB', print: mebibytes, hasRatio: false },
];

const REPLAY_COLUMNS: readonly Column[] = [
  { measure: 'logBytes', title: 'log MiB', print: mebibytes, hasRatio: false },
  { measure: 'startSeconds', title: 'start s', print: decimals(2), hasRatio: true },
  { measure: 'startCpuSeconds', title: 'CPU s', print: decimals(2), hasRatio: true },
  { measure: 'startPeakBytes', title: 'peak MiB', print: mebibytes, hasRatio: true },
  { measure: 'lostSeconds', title: 'lost s', print: decimals(2), hasRatio: false },
];

/** The servers that others are compared with. */
const YARDSTICKS = ['victoria-metrics', 'prometheus'];

/** The page of a whole run. */
export function renderResults(results: Results): string {
  return renderRun(results, (cell) => renderCell(cell, results.servers));
}

/** What was measured on what, and the lines of every cell. */
export function renderRun<Cell>(
  results: RunResults<Cell>,
  linesOf: (cell: Cell) => string[],
): string {
  const lines = [...describeRun(results), '', ...results.cells.flatMap(linesOf)];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** What was measured on what, as the items of a list. */
export function describeRun<Cell>(results: RunResults<Cell>): string[] {
  const { date, commit, machine, servers, missing } = results;
  return [
    `- ${date}, commit ${commit}`,
    ...machine.map((line) => `- ${line}`),
    ...servers.map(describeServer),
    ...missing.map((name) => `- ${name} was not found and is left out`),
  ];
}

/** One server and its settings as a list item. */
function describeServer({ title, version, flags }: ServerInfo): string {
  const how = flags.length === 0 ? 'as it comes' : flags.map((flag) => `\`${flag}\``).join(' ');
  return `- ${title} ${version}, ${how}`;
}

/** The lines of one cell. */
export function renderCell(cell: CellResult, servers: readonly ServerInfo[]): string[] {
  const columns = cell.kind === 'replay' ? REPLAY_COLUMNS : LOAD_COLUMNS;
  const present = servers.filter(({ name }) => cell.runs.some(({ server }) => server === name));
  const rounds = new Set(cell.runs.map(({ round }) => round)).size;
  return [
    `### ${heading(cell)}`,
    '',
    `${count(cell.bodies)} bodies, ${perSample(cell.rawBytes, cell)} bytes a sample before compression and ` +
      `${perSample(cell.compressedBytes, cell)} after. Median of ${rounds} (least–most).`,
    '',
    ...markdownTable(
      ['', ...columns.map(({ title }) => title)],
      present.map((server) => [
        server.title,
        ...columns.map(({ measure, print }) =>
          printSummary(summarize(figuresOf(cell, server.name, measure)), print),
        ),
      ]),
    ),
    ...YARDSTICKS.flatMap((peer) => renderRatios(cell, present, columns, peer)),
    ...describeProblems(cell),
  ];
}

function renderRatios(
  cell: CellResult,
  servers: readonly ServerInfo[],
  columns: readonly Column[],
  peer: string,
): string[] {
  const yardstick = servers.find(({ name }) => name === peer);
  const others = servers.filter(({ name }) => !YARDSTICKS.includes(name));
  if (yardstick === undefined || others.length === 0) return [];
  // A start is no yardstick where there was no log to read.
  if (cell.kind === 'replay' && !figuresOf(cell, peer, 'logBytes').some((bytes) => bytes > 0)) {
    return [];
  }
  const compared = columns.filter(({ hasRatio }) => hasRatio);
  return markdownTable(
    [`÷ ${yardstick.title}`, ...compared.map(({ title }) => title)],
    others.map(({ name, title }) => [
      title,
      ...compared.map(({ measure }) =>
        printSummary(summarize(ratiosOf(cell, name, peer, measure)), decimals(2)),
      ),
    ]),
  );
}

function describeProblems({ runs }: CellResult): string[] {
  const problems = runs.flatMap(({ server, round, problem }) =>
    problem === undefined ? [] : [`- ${server}, round ${round + 1}: ${problem.split('\n')[0]}`],
  );
  return problems.length === 0 ? [] : ['Left out:', '', ...problems, ''];
}

function heading({ kind, series, ticks }: CellResult): string {
  const size = `${count(series)} series × ${count(ticks)}`;
  return kind === 'replay' ? `Start after kill -9, ${size}` : size;
}

/** Spread only where there is any. */
function printSummary(summary: Summary | undefined, print: (value: number) => string): string {
  if (summary === undefined) return '–';
  const [median, min, max] = [summary.median, summary.min, summary.max].map(print);
  return min === max ? median! : `${median} (${min}–${max})`;
}

function perSample(bytes: number, { samples }: CellResult): string {
  return (bytes / samples).toFixed(1);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** A table whose columns but the first are numbers, and the empty line after it. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const print = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = header.map((_, i) => (i === 0 ? '---' : '---:'));
  return [print(header), print(rule), ...rows.map(print), ''];
}
