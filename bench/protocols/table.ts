// The results of the protocols' bench as Markdown: one row for each protocol.

import {
  type CellResult,
  figuresOf,
  type MeasureName,
  type RunResults,
  ratiosOf,
  type ServerInfo,
} from '../results.ts';
import { summarize } from '../statistics.ts';
import { describeRun, markdownTable } from '../table.ts';

export type ProtocolResults = RunResults<ProtocolCell>;

export interface ProtocolCell extends CellResult {
  readonly title: string;
}

const OWN = 'tidemark';
const PEER = 'victoria-metrics';

export function renderProtocols(results: ProtocolResults): string {
  const { servers, cells } = results;
  const lines = [
    ...describeRun(results),
    '',
    ...markdownTable(
      ['', 'bytes/sample', ...servers.flatMap(columnTitles), 'CPU ÷', 'steady', 'settled'],
      cells.map((cell) => renderRow(cell, servers)),
    ),
    ...describeProblems(cells),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function columnTitles({ title }: ServerInfo): string[] {
  return [`${title}, M samples/s`, 'CPU s/M', 'steady', 'settled'];
}

function renderRow(cell: ProtocolCell, servers: readonly ServerInfo[]): string[] {
  const figure = (server: string, measure: MeasureName, scale: number): string => {
    const median = summarize(figuresOf(cell, server, measure))?.median;
    return median === undefined ? '–' : (median / scale).toFixed(2);
  };
  const ratio = (measure: MeasureName): string => {
    const summary = summarize(ratiosOf(cell, OWN, PEER, measure));
    if (summary === undefined) return '–';
    const [median, min, max] = [summary.median, summary.min, summary.max].map((n) => n.toFixed(2));
    return `${median} (${min}–${max})`;
  };
  return [
    cell.title,
    (cell.rawBytes / cell.samples).toFixed(0),
    ...servers.flatMap(({ name }) => [
      figure(name, 'samplesPerSecond', 1e6),
      figure(name, 'loadCpu', 1),
      figure(name, 'steadyCpu', 1),
      figure(name, 'settledCpu', 1),
    ]),
    ratio('loadCpu'),
    ratio('steadyCpu'),
    ratio('settledCpu'),
  ];
}

function describeProblems(cells: readonly ProtocolCell[]): string[] {
  const problems = cells.flatMap(({ name, runs }) =>
    runs.flatMap(({ server, round, problem }) =>
      problem === undefined
        ? []
        : [`- ${name}, ${server}, round ${round + 1}: ${problem.split('\n')[0]}`],
    ),
  );
  return problems.length === 0 ? [] : ['Left out:', '', ...problems, ''];
}
