// What a query did, as a tree for people: `data.trace` of an answer.

import type { Matcher } from '../model/matcher.ts';
import type { SampleColumns } from '../model/sample.ts';
import type { TimeRange } from '../model/time-range.ts';
import type { SeriesSource } from '../promql/eval/interface.ts';
import type { OperatorNode } from '../promql/eval/operator-trace.ts';
import type { Querier, SelectionStats, SeriesSelection } from '../storage/interface.ts';
import type { QueryFigures, QueryJob } from './job.ts';

/** One piece of work; time includes that of its children. */
export interface TraceNode {
  readonly name: string;
  detail?: string;
  durationMs: number;
  series?: number;
  /** Read from storage. */
  samples?: number;
  /** Parts of series that were decoded; undefined where storage has none or does not count them. */
  chunks?: number | undefined;
  /** Values of the series, over all steps. */
  points?: number;
  children?: TraceNode[];
}

/** The whole query: how long it waited, what it did, how long its answer took to write. */
export function queryTrace(
  { request, queuedMs, preparationMs }: QueryJob,
  steps: number,
  figures: QueryFigures,
  parts: readonly TraceNode[],
  writingMs: number,
): TraceNode {
  const { evaluationMs, seriesReturned, samplesRead, cachedSteps } = figures;
  const evaluation: TraceNode = {
    name: 'evaluate',
    detail:
      cachedSteps === undefined
        ? `${steps} steps`
        : `${steps} steps, of which ${cachedSteps} out of the cache`,
    durationMs: evaluationMs,
    series: seriesReturned,
    samples: samplesRead,
    children: [...parts],
  };
  return {
    name: 'query',
    detail: request.query,
    durationMs: queuedMs + preparationMs + evaluationMs + writingMs,
    series: seriesReturned,
    samples: samplesRead,
    children: [
      { name: 'parse and plan', durationMs: preparationMs },
      { name: 'wait in the queue', durationMs: queuedMs },
      evaluation,
      { name: 'write the answer', durationMs: writingMs },
    ],
  };
}

/** An operator and what is below it. */
export function operatorNode(operator: OperatorNode): TraceNode {
  const { text, rows, points, durationMs, partsElsewhere, isRepeat, children } = operator;
  const node: TraceNode = { name: text, durationMs, series: rows, points };
  if (isRepeat) node.detail = 'taken from the same operand before';
  if (partsElsewhere > 0) {
    node.detail = `below: one of ${partsElsewhere + 1} parts, the others on other threads`;
  }
  if (children.length > 0) node.children = children.map(operatorNode);
  return node;
}

/** Selections and reads of the source, each selection as a node of `nodes`, which is added to as it goes. */
export function tracedSource(
  source: Pick<Querier, 'selection' | 'stats'>,
  now: () => number,
  nodes: TraceNode[],
): SeriesSource {
  const { stats } = source;
  return {
    async selection(matchers, range) {
      const started = now();
      const selection = await source.selection(matchers, range);
      const find: TraceNode = { name: 'find', durationMs: now() - started };
      const chunks = stats === undefined ? undefined : 0;
      const read: TraceNode = { name: 'read', durationMs: 0, series: 0, chunks, samples: 0 };
      const node: TraceNode = {
        name: 'select',
        detail: describeSelection(matchers, range),
        durationMs: find.durationMs,
        series: selection.length,
        chunks,
        samples: 0,
        children: [find, read],
      };
      nodes.push(node);
      return tracedSelection(selection, now, stats, node, read);
    },
  };
}

function tracedSelection(
  selection: SeriesSelection,
  now: () => number,
  stats: SelectionStats | undefined,
  node: TraceNode,
  read: TraceNode,
): SeriesSelection {
  return {
    length: selection.length,
    labels: (i) => selection.labels(i),
    read(i, minT, maxT): SampleColumns {
      const chunksBefore = stats?.chunks ?? 0;
      const started = now();
      const columns = selection.read(i, minT, maxT);
      const took = now() - started;
      if (stats !== undefined) {
        read.chunks! += stats.chunks - chunksBefore;
        node.chunks = read.chunks!;
      }
      read.durationMs += took;
      node.durationMs += took;
      read.series!++;
      read.samples! += columns.length;
      node.samples = read.samples!;
      return columns;
    },
  };
}

function describeSelection(matchers: readonly Matcher[], { minT, maxT }: TimeRange): string {
  const parts = matchers.map(({ name, type, value }) => `${name}${type}${JSON.stringify(value)}`);
  return `{${parts.join(',')}} ${timeText(minT)} to ${timeText(maxT)}`;
}

/** ISO 8601, or milliseconds where that has no such date. */
function timeText(t: number): string {
  const date = new Date(t);
  return Number.isNaN(date.getTime()) ? String(t) : date.toISOString();
}
