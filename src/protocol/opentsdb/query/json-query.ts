// /api/query as JSON has it.

import { opentsdbRequest } from '../../errors.ts';
import { makeFilter, parseAggregator, parseDownsample, parseTagFilter } from './parts.ts';
import {
  NO_RATE_OPTIONS,
  type RateOptions,
  type SubQuery,
  type TagFilter,
  type TsdbQuery,
} from './query.ts';
import { parseTime } from './time.ts';
import { checkRange } from './url-query.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** Reads what JSON.parse has made; members that nobody knows are passed over. Throws OPENTSDB_REQUEST. `now` is in ms. */
export function parseJsonQuery(body: unknown, now: number): TsdbQuery {
  const query = objectOf(body, 'The query');
  const start = scalarOf(query, 'start');
  if (start === '') throw opentsdbRequest('Missing start time');
  const end = scalarOf(query, 'end');
  if (isTrue(query, 'delete')) throw opentsdbRequest('Deleting data is not enabled');
  const queries = listOf(query, 'queries');
  if (queries.length === 0) throw opentsdbRequest('Missing queries');
  return checkRange({
    startT: parseTime(start, now),
    endT: end === '' ? now : parseTime(end, now),
    queries: queries.map((sub) =>
      parseSubQuery(objectOf(sub, 'A sub query'), isTrue(query, 'useCalendar')),
    ),
    hasMilliseconds: isTrue(query, 'msResolution'),
    hasArrays: false,
    showsQuery: isTrue(query, 'showQuery'),
  });
}

function parseSubQuery(sub: JsonObject, usesCalendar: boolean): SubQuery {
  const aggregator = scalarOf(sub, 'aggregator');
  if (aggregator === '') throw opentsdbRequest('Missing the aggregation function');
  const metric = scalarOf(sub, 'metric');
  if (metric === '') {
    throw opentsdbRequest(
      listOf(sub, 'tsuids').length > 0
        ? 'queries of tsuids are not supported: name a metric'
        : 'Missing the metric or tsuids, provide at least one',
    );
  }
  const downsampleText = scalarOf(sub, 'downsample');
  const downsample = downsampleText === '' ? undefined : parseDownsample(downsampleText);
  if (usesCalendar && downsample?.intervalMs !== undefined) {
    throw opentsdbRequest(`intervals of the calendar are not supported: ${downsampleText}`);
  }
  return {
    metric,
    aggregator: parseAggregator(aggregator, 'No such aggregation function'),
    downsample,
    rate: isTrue(sub, 'rate') ? parseRateOptions(sub.rateOptions) : undefined,
    filters: [
      ...listOf(sub, 'filters').map((filter) => parseFilter(objectOf(filter, 'A filter'))),
      ...parseTags(sub.tags),
    ],
    hasExplicitTags: isTrue(sub, 'explicitTags'),
  };
}

function parseFilter(filter: JsonObject): TagFilter {
  const type = scalarOf(filter, 'type');
  if (type === '') throw opentsdbRequest('The filter type cannot be null or empty');
  const groupBy = isTrue(filter, 'groupBy') || isTrue(filter, 'group_by');
  return makeFilter(scalarOf(filter, 'tagk'), type, scalarOf(filter, 'filter'), groupBy);
}

/** As they were before there were filters: every tag groups. */
function parseTags(tags: unknown): TagFilter[] {
  if (tags === undefined || tags === null) return [];
  const object = objectOf(tags, '"tags"');
  return Object.keys(object).map((tagk) => parseTagFilter(tagk, scalarOf(object, tagk), true));
}

function parseRateOptions(options: unknown): RateOptions {
  if (options === undefined || options === null) return NO_RATE_OPTIONS;
  const object = objectOf(options, '"rateOptions"');
  return {
    isCounter: isTrue(object, 'counter'),
    counterMax: numberOf(object, 'counterMax', NO_RATE_OPTIONS.counterMax),
    resetValue: numberOf(object, 'resetValue', NO_RATE_OPTIONS.resetValue),
    dropsResets: isTrue(object, 'dropResets'),
  };
}

export function objectOf(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw opentsdbRequest(`${what} is not an object`);
}

/** A text, or what can be written as one; '' where there is none. */
export function scalarOf(object: JsonObject, name: string): string {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw opentsdbRequest(`"${name}" is not a text`);
}

export function listOf(object: JsonObject, name: string): readonly unknown[] {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw opentsdbRequest(`"${name}" is not a list`);
}

function numberOf(object: JsonObject, name: string, fallback: number): number {
  const text = scalarOf(object, name);
  if (text === '') return fallback;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw opentsdbRequest(`"${name}" is not a number`);
}

function isTrue(object: JsonObject, name: string): boolean {
  return scalarOf(object, name) === 'true';
}
