// One result of /api/query as JSON.

import type { SubQuery, TsdbQuery } from '../protocol/opentsdb/query/query.ts';
import type { Points } from './points.ts';

/** Points in one text. */
const POINTS_PER_TEXT = 1000;

export interface GroupResult {
  readonly metric: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly aggregateTags: readonly string[];
  readonly points: Points;
}

/** The texts of the result, one after another. `index` is the sub-query's. */
export function* writeResult(
  query: TsdbQuery,
  sub: SubQuery,
  index: number,
  { metric, tags, aggregateTags, points }: GroupResult,
): Generator<string, void> {
  const parts = [
    `"metric":${JSON.stringify(metric)}`,
    `"tags":${JSON.stringify(Object.fromEntries(tags))}`,
    `"aggregateTags":${JSON.stringify(aggregateTags)}`,
  ];
  if (query.showsQuery) parts.push(`"query":${JSON.stringify(describe(sub, index))}`);
  yield `{${parts.join(',')},"dps":`;
  yield* writePoints(query, sub, points);
  yield '}';
}

function* writePoints(
  { hasArrays, hasMilliseconds }: TsdbQuery,
  { downsample }: SubQuery,
  { t, v }: Points,
): Generator<string, void> {
  const missing = downsample?.fill === 'null' ? 'null' : '"NaN"';
  const isSameSecond = (i: number): boolean => {
    return !hasMilliseconds && i + 1 < t.length && second(t[i]!) === second(t[i + 1]!);
  };
  let text = hasArrays ? '[' : '{';
  let isFirst = true;
  for (let i = 0; i < t.length; i++) {
    // An object has a name once: of points in one second the last counts.
    if (isSameSecond(i)) continue;
    const time = hasMilliseconds ? t[i]! : second(t[i]!);
    const value = valueText(v[i]!, missing);
    text += `${isFirst ? '' : ','}${hasArrays ? `[${time},${value}]` : `"${time}":${value}`}`;
    isFirst = false;
    if ((i + 1) % POINTS_PER_TEXT !== 0) continue;
    yield text;
    text = '';
  }
  yield `${text}${hasArrays ? ']' : '}'}`;
}

function second(t: number): number {
  return Math.floor(t / 1000);
}

/** JSON has no other numbers; OpenTSDB writes them as texts. */
function valueText(value: number, missing: string): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? missing : `"${value}"`;
}

/** A sub-query as OpenTSDB repeats it. */
function describe(sub: SubQuery, index: number): unknown {
  const { rate } = sub;
  return {
    aggregator: sub.aggregator,
    metric: sub.metric,
    tsuids: null,
    downsample: sub.downsample?.text ?? null,
    rate: rate !== undefined,
    filters: sub.filters.map(({ tagk, filter, groupBy, type }) => ({
      tagk,
      filter,
      group_by: groupBy,
      type,
    })),
    explicitTags: sub.hasExplicitTags,
    index,
    rateOptions: rate && {
      counter: rate.isCounter,
      counterMax: rate.counterMax,
      resetValue: rate.resetValue,
      dropResets: rate.dropsResets,
    },
    tags: Object.fromEntries(
      sub.filters
        .filter(({ groupBy }) => groupBy)
        .map(({ tagk, type, filter }) => [tagk, `${type}(${filter})`]),
    ),
  };
}
