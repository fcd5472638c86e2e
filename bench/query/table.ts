// The query results as Markdown.

import type { Summary } from '../statistics.ts';
import { markdownTable, renderRun } from '../table.ts';
import type { QueryClass } from './list.ts';
import {
  type QueryCellResult,
  type QueryResult,
  type QueryResults,
  ratioOf,
  wallOf,
} from './results.ts';

const OWN = 'tidemark';
const PEERS = ['victoria-metrics', 'prometheus'];

export function renderQueries(results: QueryResults): string {
  return renderRun(results, (cell) => renderCell(cell, results));
}

function renderCell(cell: QueryCellResult, { servers }: QueryResults): string[] {
  const hours = (cell.ticks * cell.tickMs) / 3_600_000;
  const peers = servers.filter(({ name }) => PEERS.includes(name));
  return [
    `### ${cell.seriesInStore.toLocaleString('en-US')} series × ${hours} h`,
    '',
    'Wall ms, median (worst) / CPU ms.',
    '',
    ...markdownTable(
      [
        'query',
        'points',
        'Tidemark',
        ...peers.map(({ title }) => title),
        ...peers.map(({ title }) => `÷ ${title}`),
      ],
      cell.queries.map((query) => [
        `${query.range} ${query.name}`,
        (query.points[OWN] ?? 0).toLocaleString('en-US'),
        ...[OWN, ...peers.map(({ name }) => name)].map((server) => figure(query, server)),
        ...peers.map(({ name }) => number(ratioOf(query.uncached, OWN, name))),
      ]),
    ),
    'The same request again, caches on: wall ms, median (worst).',
    '',
    ...markdownTable(
      [
        'query',
        'Tidemark',
        ...peers.map(({ title }) => title),
        ...peers.map(({ title }) => `÷ ${title}`),
      ],
      cell.queries
        .filter(({ range }) => range !== 'instant')
        .map((query) => [
          `${query.range} ${query.name}`,
          ...[OWN, ...peers.map(({ name }) => name)].map((server) =>
            printWall(wallOf(query.repeated, server)),
          ),
          ...peers.map(({ name }) => number(ratioOf(query.repeated, OWN, name))),
        ]),
    ),
    ...summary(
      cell,
      peers.map(({ name, title }) => ({ name, title })),
    ),
    ...cell.queries.flatMap(({ range, name, problems }) =>
      problems.map((problem) => `- ${range} ${name}: ${problem}`),
    ),
    '',
  ];
}

/** Median and worst of the ratios of each class. */
function summary(
  cell: QueryCellResult,
  peers: readonly { name: string; title: string }[],
): string[] {
  const classes: QueryClass[] = ['aggregate', 'matrix', 'instant'];
  const rows = classes.map((of) => [
    of,
    ...peers.map(({ name }) =>
      spread(
        cell.queries.filter((query) => query.class === of),
        name,
        'uncached',
      ),
    ),
    ...peers.map(({ name }) =>
      of === 'instant'
        ? '–'
        : spread(
            cell.queries.filter((query) => query.class === of),
            name,
            'repeated',
          ),
    ),
  ]);
  return [
    'Ratios of each class, median (worst query).',
    '',
    ...markdownTable(
      [
        'class',
        ...peers.map(({ title }) => `÷ ${title}`),
        ...peers.map(({ title }) => `repeated ÷ ${title}`),
      ],
      rows,
    ),
  ];
}

function spread(
  queries: readonly QueryResult[],
  peer: string,
  which: 'uncached' | 'repeated',
): string {
  const ratios = queries
    .flatMap((query) => ratioOf(query[which], OWN, peer) ?? [])
    .sort((a, b) => a - b);
  if (ratios.length === 0) return '–';
  const middle = ratios.length >> 1;
  const median =
    ratios.length % 2 === 1 ? ratios[middle]! : (ratios[middle - 1]! + ratios[middle]!) / 2;
  return `${median.toFixed(2)} (${ratios.at(-1)!.toFixed(2)})`;
}

function figure(query: QueryResult, server: string): string {
  const wall = wallOf(query.uncached, server);
  return wall === undefined ? '–' : `${printWall(wall)} / ${query.cpuMs[server]!.toFixed(0)}`;
}

function printWall(wall: Summary | undefined): string {
  return wall === undefined ? '–' : `${wall.median.toFixed(1)} (${wall.max.toFixed(1)})`;
}

function number(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(2);
}
