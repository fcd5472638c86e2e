// EXPLAIN and EXPLAIN ANALYZE: what a SELECT reads, in the form that InfluxDB gives it. There are no shards, files
// and blocks to be told of; a retention policy that is read counts as one shard.

import {
  type CheckedSelect,
  printExpression,
  printGoDuration,
  printStatement,
  type StatementOf,
} from '../../protocol/influxql/index.ts';
import { type ResultSeries, table } from '../result.ts';
import type { PlannedRead } from '../select/level.ts';
import { topOptions } from '../select/options.ts';
import { prepareSelect } from '../select/prepare.ts';
import { selectRows } from '../select/rows.ts';
import type { ReadContext } from './context.ts';
import { JobSources } from './sources.ts';

export async function explain(
  { isAnalyze, select }: StatementOf<'explain'>,
  checked: CheckedSelect,
  context: ReadContext,
): Promise<ResultSeries> {
  const { control, breathe, random, now } = context;
  const started = now();
  const planned: PlannedRead[] = [];
  const prepared = await prepareSelect(checked, new JobSources(checked, context));
  const options = topOptions(checked, prepared.condition, prepared.dimensions);
  const { rows } = await selectRows({
    prepared,
    options,
    control,
    breathe,
    random,
    evaluate: selectRows,
    planned: (read) => planned.push(read),
  });
  if (!isAnalyze) return lines('QUERY PLAN', planLines(planned));
  const planningMs = now() - started;
  let rowCount = 0;
  for (const row of rows) {
    if (row === undefined) await breathe();
    else if (++rowCount % ROWS_PER_CHECK === 0) control.checkpoint();
  }
  const executionMs = now() - started - planningMs;
  const root: Node = {
    text: 'select',
    children: [
      leaf('execution_time', printMs(executionMs)),
      leaf('planning_time', printMs(planningMs)),
      leaf('total_time', printMs(planningMs + executionMs)),
      leaf('rows_returned', rowCount),
      ...readingFigures(context),
      {
        text: 'build_cursor',
        children: [
          { text: 'labels', children: [leaf('statement', printStatement(select))] },
          ...planned.map(scannerNode),
        ],
      },
    ],
  };
  return lines('EXPLAIN ANALYZE', ['.', ...treeLines([root], ''), '']);
}

const ROWS_PER_CHECK = 1000;

function lines(column: string, texts: readonly string[]): ResultSeries {
  return table(
    '',
    [column],
    ['string'],
    texts.map((text) => [text]),
  );
}

function planLines(planned: readonly PlannedRead[]): string[] {
  const all: string[] = [];
  for (const read of planned) {
    if (all.length > 0) all.push('');
    all.push(`EXPRESSION: ${expressionOf(read) ?? '<nil>'}`);
    if (read.aux.length > 0) all.push(`AUXILIARY FIELDS: ${auxOf(read)}`);
    all.push(`NUMBER OF SHARDS: ${read.series > 0 ? 1 : 0}`, `NUMBER OF SERIES: ${read.series}`);
  }
  return all.length === 0 ? [''] : all;
}

function expressionOf({ expression }: PlannedRead): string | undefined {
  return expression === undefined ? undefined : printExpression(expression);
}

function auxOf({ aux }: PlannedRead): string {
  return aux.map(({ name, type }) => (type === 'unknown' ? name : `${name}::${type}`)).join(', ');
}

/** What all reading has cost, where the store counts. */
function readingFigures({ scopes }: ReadContext): Node[] {
  const queriers = [...new Set(scopes.map(({ querier }) => querier))];
  const sum = (name: 'chunks' | 'samples' | 'pages' | 'bytes'): number =>
    queriers.reduce((total, { stats }) => total + (stats?.[name] ?? 0), 0);
  return [
    leaf('samples_read', sum('samples')),
    leaf('chunks_decoded', sum('chunks')),
    leaf('pages_read', sum('pages')),
    leaf('pages_size_bytes', sum('bytes')),
  ];
}

function scannerNode(read: PlannedRead): Node {
  const expression = expressionOf(read);
  const labels: Node[] = [];
  if (expression !== undefined) labels.push(leaf('expr', expression));
  if (read.aux.length > 0) labels.push(leaf('auxiliary_fields', auxOf(read)));
  const { condition, measurement, series } = read;
  const places: Node[] = [leaf('measurement', measurement)];
  if (condition !== undefined) places.unshift(leaf('cond', printExpression(condition)));
  return {
    text: 'iterator_scanner',
    children: [
      { text: 'labels', children: labels },
      {
        text: 'create_iterator',
        children: [{ text: 'labels', children: places }, leaf('series', series)],
      },
    ],
  };
}

interface Node {
  readonly text: string;
  readonly children: readonly Node[];
}

function leaf(name: string, value: string | number): Node {
  return { text: `${name}: ${value}`, children: [] };
}

function treeLines(nodes: readonly Node[], indent: string): string[] {
  return nodes.flatMap(({ text, children }, i) => {
    const isLast = i === nodes.length - 1;
    const below = treeLines(children, `${indent}${isLast ? '    ' : '│   '}`);
    return [`${indent}${isLast ? '└── ' : '├── '}${text}`, ...below];
  });
}

function printMs(ms: number): string {
  return printGoDuration(BigInt(Math.round(ms * 1e6)));
}
