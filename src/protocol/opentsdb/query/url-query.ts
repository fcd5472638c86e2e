// /api/query as a URL has it: `start=…&m=sum:1m-avg:rate:sys.cpu{host=*}{dc=regexp(eu.*)}`.

import { opentsdbRequest } from '../../errors.ts';
import { parseAggregator, parseDownsample, parseRate, parseTagFilter } from './parts.ts';
import type { Downsample, RateOptions, SubQuery, TagFilter, TsdbQuery } from './query.ts';
import { parseTime } from './time.ts';

/** Throws OPENTSDB_REQUEST. `now` is in ms. */
export function parseUrlQuery(params: URLSearchParams, now: number): TsdbQuery {
  const start = params.get('start') ?? '';
  if (start === '') throw opentsdbRequest('Missing start time');
  const end = params.get('end') ?? '';
  if (params.has('tsuid'))
    throw opentsdbRequest('queries of tsuids are not supported: name a metric');
  const texts = [...new Set(params.getAll('m'))];
  if (texts.length === 0) throw opentsdbRequest('Missing sub queries');
  return checkRange({
    startT: parseTime(start, now),
    endT: end === '' ? now : parseTime(end, now),
    queries: texts.map(parseMetricQuery),
    hasMilliseconds: params.has('ms'),
    hasArrays: params.has('arrays'),
    showsQuery: params.has('show_query'),
  });
}

/** Throws OPENTSDB_REQUEST for a range that ends before it begins. */
export function checkRange(query: TsdbQuery): TsdbQuery {
  const { startT, endT } = query;
  if (endT >= startT) return query;
  throw opentsdbRequest(
    `End time [${endT}] must be greater than or equal to the start time [${startT}]`,
  );
}

/** `aggregator:[downsample:][rate[{…}]:][explicit_tags:]metric[{groups}[{filters}]]`. */
function parseMetricQuery(text: string): SubQuery {
  if (text === '') throw opentsdbRequest('The query string was empty');
  const parts = splitOutside(text);
  if (parts.length < 2 || parts.length > 5) {
    const why = parts.length < 2 ? 'not enough' : 'too many';
    throw opentsdbRequest(`Invalid parameter m=${text.slice(0, 200)} (${why} :-separated parts)`);
  }
  const { metric, filters } = parseMetric(parts.at(-1)!);
  let downsample: Downsample | undefined;
  let rate: RateOptions | undefined;
  let hasExplicitTags = false;
  for (const part of parts.slice(1, -1)) {
    const lower = part.toLowerCase();
    if (lower.startsWith('rate')) rate = parseRate(part);
    else if (/^\d/.test(part)) downsample = parseDownsample(part);
    else if (lower.startsWith('explicit_tags')) hasExplicitTags = true;
    else throw opentsdbRequest(`not supported in m=: ${part.slice(0, 100)}`);
  }
  const aggregator = parseAggregator(parts[0]!, 'No such aggregation function');
  return { metric, aggregator, downsample, rate, filters, hasExplicitTags };
}

/** Parts between colons, of which those within braces are none. */
function splitOutside(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '{') depth++;
    else if (char === '}') depth--;
    else if (char === ':' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** `metric`, `metric{groups}` or `metric{groups}{filters}`. Throws OPENTSDB_REQUEST. */
export function parseMetric(text: string): { metric: string; filters: TagFilter[] } {
  const match = /^([^{}]*)(?:\{([^{}]*)\}(?:\{([^{}]*)\})?)?$/s.exec(text);
  if (match === null) throw opentsdbRequest(`Missing '}' at the end of: ${text.slice(0, 200)}`);
  const [, metric = '', groups = '', others = ''] = match;
  if (metric === '') throw opentsdbRequest('Missing the metric or tsuids, provide at least one');
  return {
    metric,
    filters: [...parseFilters(groups, true), ...parseFilters(others, false)],
  };
}

function parseFilters(text: string, groupBy: boolean): TagFilter[] {
  return parsePairs(text).map(([tagk, filter]) => parseTagFilter(tagk, filter, groupBy));
}

/** `a=b,c=d`. A filter may have commas in its parentheses. */
export function parsePairs(text: string): [string, string][] {
  return text
    .split(/,(?![^(]*\))/)
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1 || equals === pair.length - 1) {
        throw opentsdbRequest(`When parsing tag '${pair.slice(0, 100)}': invalid tag: ${pair}`);
      }
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    });
}
