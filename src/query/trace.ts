// What a query did, as a tree for people: `data.trace` of an answer.

import type { Matcher } from '../model/matcher.ts';
import type { SampleColumns } from '../model/sample.ts';
import type { TimeRange } from '../model/time-range.ts';
import type { SeriesSource } from '../promql/eval/interface.ts';
import type { SeriesSelection } from '../storage/interface.ts';
import type { QueryFigures, QueryJob } from './job.ts';

/** One piece of work; time includes that of its children. */
export interface TraceNode {
  readonly name: string;
  detail?: string;
  durationMs: number;
  series?: number;
  samples?: number;
  children?: TraceNode[];
}

/** The whole query: how long it waited, what it did, how long its answer took to write. */
export function queryTrace(
  { request, queuedMs, preparationMs }: QueryJob,
  steps: number,
  figures: QueryFigures,
  selections: readonly TraceNode[],
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
    children: [...selections],
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

/** Selections and reads of the source, each selection as a node of `nodes`, which is added to as it goes. */
export function tracedSource(
  source: SeriesSource,
  now: () => number,
  nodes: TraceNode[],
): SeriesSource {
  return {
    async selection(matchers, range) {
      const started = now();
      const selection = await source.selection(matchers, range);
      const find: TraceNode = { name: 'find', durationMs: now() - started };
      const read: TraceNode = { name: 'read', durationMs: 0, series: 0, samples: 0 };
      const node: TraceNode = {
        name: 'select',
        detail: describeSelection(matchers, range),
        durationMs: find.durationMs,
        series: selection.length,
        children: [find, read],
      };
      nodes.push(node);
      return tracedSelection(selection, now, node, read);
    },
  };
}

function tracedSelection(
  selection: SeriesSelection,
  now: () => number,
  node: TraceNode,
  read: TraceNode,
): SeriesSelection {
  return {
    length: selection.length,
    labels: (i) => selection.labels(i),
    read(i, minT, maxT): SampleColumns {
      const started = now();
      const columns = selection.read(i, minT, maxT);
      const took = now() - started;
      read.durationMs += took;
      node.durationMs += took;
      read.series!++;
      read.samples! += columns.length;
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
