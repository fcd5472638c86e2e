// /api/query on whatever thread: series chosen, read, downsampled, turned to rates, aggregated by group and written.

import type { Labels } from '../model/labels.ts';
import type { TimeRange } from '../model/time-range.ts';
import type { SubQuery, TsdbQuery } from '../protocol/opentsdb/query/query.ts';
import type { Querier, SeriesSelection } from '../storage/interface.ts';
import { noSeries } from './errors.ts';
import { type EvaluationHost, TextPieces } from './host.ts';
import { mergeSeries } from './merge.ts';
import {
  alignDown,
  BYTES_PER_POINT,
  downsample,
  downsampledLength,
  type Points,
  pointsOf,
  rate,
} from './points.ts';
import { chooseSeries, groupSeries, groupTags } from './select.ts';
import { writeResult } from './write-result.ts';

/** The name of the language among the threads' evaluators. */
export const OPENTSDB = 'opentsdb';

/** OpenTSDB keeps points of an hour together and reads whole hours: so far it sees beyond the range. */
const ROW_MS = 3_600_000;

/** Of a series whose labels are looked at. */
const BYTES_PER_SERIES = 500;

/** Plain data. */
export interface EvaluationBody {
  readonly query: TsdbQuery;
  /** False: a sub-query that finds no series ends the evaluation with OPENTSDB_NO_SERIES. */
  readonly mayBeEmpty: boolean;
}

/** What of a database the query reads. */
export function readRange(query: TsdbQuery): TimeRange {
  const ranges = query.queries.map((sub) => rangeOf(sub, query));
  return {
    minT: Math.min(...ranges.map(({ minT }) => minT)),
    maxT: Math.max(...ranges.map(({ maxT }) => maxT)),
  };
}

function rangeOf(sub: SubQuery, { startT, endT }: TsdbQuery): TimeRange {
  if (sub.downsample !== undefined) {
    const { intervalMs } = sub.downsample;
    if (intervalMs === undefined) return { minT: startT, maxT: endT };
    const minT = alignDown(startT, intervalMs) - (sub.rate === undefined ? 0 : intervalMs);
    return { minT, maxT: alignDown(endT, intervalMs) + intervalMs - 1 };
  }
  if (sub.aggregator === 'none' && sub.rate === undefined) return { minT: startT, maxT: endT };
  return { minT: alignDown(startT, ROW_MS), maxT: alignDown(endT, ROW_MS) + ROW_MS - 1 };
}

/** Writes the whole answer. Throws AppError. */
export async function evaluateTsdbQuery(
  body: unknown,
  [querier]: readonly Querier[],
  host: EvaluationHost,
): Promise<void> {
  const { query, mayBeEmpty } = body as EvaluationBody;
  // All are chosen before anything is written, so that one that finds nothing can still have a status of its own.
  const chosen: ChosenSeries[] = [];
  for (const sub of query.queries) {
    const series = await choose(querier!, sub, query, host);
    if (series.groups.length === 0 && !mayBeEmpty) throw noSeries(sub.metric);
    chosen.push(series);
  }
  const out = new TextPieces(host);
  await out.add('[');
  let results = 0;
  for (const [index, { sub, selection, labels, groups }] of chosen.entries()) {
    for (const group of groups) {
      await host.breathe();
      const points = evaluateGroup(sub, query, selection, group, host);
      if (points.t.length > 0) {
        const { tags, aggregateTags } = groupTags(group.map((i) => labels.get(i)!));
        const result = { metric: sub.metric, tags, aggregateTags, points };
        if (results++ > 0) await out.add(',');
        for (const text of writeResult(query, sub, index, result)) await out.add(text);
      }
      host.reserve(-points.t.length * BYTES_PER_POINT);
    }
  }
  await out.add(']');
  await out.end();
}

interface ChosenSeries {
  readonly sub: SubQuery;
  readonly selection: SeriesSelection;
  readonly labels: ReadonlyMap<number, Labels>;
  readonly groups: readonly (readonly number[])[];
}

async function choose(
  querier: Querier,
  sub: SubQuery,
  query: TsdbQuery,
  host: EvaluationHost,
): Promise<ChosenSeries> {
  const { matchers, passes } = chooseSeries(sub);
  const selection = await querier.selection(matchers, rangeOf(sub, query));
  host.reserve(selection.length * BYTES_PER_SERIES);
  const labels = new Map<number, Labels>();
  for (let i = 0; i < selection.length; i++) {
    if ((i & 0xfff) === 0) await host.breathe();
    const own = selection.labels(i);
    if (passes(own)) labels.set(i, own);
  }
  const series = [...labels].map(([index, own]) => ({ index, labels: own }));
  return { sub, selection, labels, groups: groupSeries(series, sub) };
}

/** Points of one group within the range of the answer; their memory is held. */
function evaluateGroup(
  sub: SubQuery,
  query: TsdbQuery,
  selection: SeriesSelection,
  group: readonly number[],
  host: EvaluationHost,
): Points {
  const { minT, maxT } = rangeOf(sub, query);
  let held = 0;
  const series: Points[] = [];
  for (const i of group) {
    host.checkpoint();
    const columns = selection.read(i, minT, maxT);
    const most = sub.downsample ? downsampledLength(sub.downsample, query, columns.length) : 0;
    const bytes = (columns.length + most) * BYTES_PER_POINT;
    host.reserve(bytes);
    held += bytes;
    const points = convert(pointsOf(columns), sub, query);
    if (points.t.length > 0) series.push(points);
  }
  const isAlone = series.length === 1 && sub.aggregator === 'none';
  const total = series.reduce((sum, { t }) => sum + t.length, 0);
  host.reserve(total * BYTES_PER_POINT);
  held += total * BYTES_PER_POINT;
  const merged = isAlone
    ? series[0]!
    : mergeSeries(series, sub.aggregator, sub.rate !== undefined, () => host.checkpoint());
  const points = within(merged, query);
  host.reserve(points.t.length * BYTES_PER_POINT - held);
  return points;
}

function convert(points: Points, sub: SubQuery, query: TsdbQuery): Points {
  const sampled = sub.downsample === undefined ? points : downsample(points, sub.downsample, query);
  return sub.rate === undefined ? sampled : rate(sampled, sub.rate);
}

/** The points of the answer's range. */
function within({ t, v }: Points, { startT, endT }: TsdbQuery): Points {
  let from = 0;
  while (from < t.length && t[from]! < startT) from++;
  let to = t.length;
  while (to > from && t[to - 1]! > endT) to--;
  return { t: t.subarray(from, to), v: v.subarray(from, to) };
}
