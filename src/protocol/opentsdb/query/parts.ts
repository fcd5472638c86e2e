// The parts of a sub-query that are the same in a URL and in JSON.

import { opentsdbRequest } from '../../errors.ts';
import {
  AGGREGATORS,
  type AggregatorName,
  type Downsample,
  FILL_POLICIES,
  FILTER_TYPES,
  type FilterType,
  type RateOptions,
  type TagFilter,
} from './query.ts';
import { parseDuration } from './time.ts';

/** Estimates of percentiles, which OpenTSDB computes as the percentiles themselves where values are floats. */
const ESTIMATE = /^e(p\d+)r[37]$/;

export function parseAggregator(text: string, problem: string): AggregatorName {
  const name = ESTIMATE.exec(text)?.[1] ?? text;
  const aggregator = AGGREGATORS.find((one) => one === name);
  if (aggregator === undefined) throw opentsdbRequest(`${problem}: ${text.slice(0, 100)}`);
  return aggregator;
}

/** `<interval>-<aggregator>[-<fill policy>]`. */
export function parseDownsample(text: string): Downsample {
  const [interval = '', name, fillText = 'none', ...more] = text.split('-');
  if (name === undefined || more.length > 0) {
    throw opentsdbRequest(
      `Invalid downsampling specifier '${text.slice(0, 100)}': must consist of interval, function, and optional fill policy`,
    );
  }
  const aggregator = parseAggregator(name, 'No such downsampling function');
  if (aggregator === 'none') {
    throw opentsdbRequest('cannot use the NONE aggregator for downsampling');
  }
  const fill = FILL_POLICIES.find((policy) => policy === fillText.toLowerCase());
  if (fill === undefined) {
    throw opentsdbRequest(
      `No such fill policy: '${fillText.slice(0, 100)}': must be one of: ${FILL_POLICIES.join(' ')}`,
    );
  }
  return { text, intervalMs: parseInterval(interval), aggregator, fill };
}

function parseInterval(text: string): number | undefined {
  if (text.includes('all')) return undefined;
  if (text.endsWith('c')) {
    throw opentsdbRequest(`intervals of the calendar are not supported: ${text.slice(0, 100)}`);
  }
  return parseDuration(text);
}

/** `tagk=…`: a value, several (`a|b`), with asterisks, or `type(filter)`. */
export function parseTagFilter(tagk: string, text: string, groupBy: boolean): TagFilter {
  if (tagk === '') throw opentsdbRequest('Tagk cannot be null or empty');
  if (text === '') throw opentsdbRequest('Filter cannot be null or empty');
  const paren = text.indexOf('(');
  if (paren >= 0) {
    if (!text.endsWith(')')) throw opentsdbRequest(`Filter must end with a ')': ${text}`);
    return makeFilter(tagk, text.slice(0, paren).toLowerCase(), text.slice(paren + 1, -1), groupBy);
  }
  if (text === '*') return { tagk, type: 'wildcard', filter: '*', groupBy };
  const type = text.includes('*') ? 'iwildcard' : 'literal_or';
  return makeFilter(tagk, type, text, groupBy);
}

/** A filter of a type that has yet to be known. */
export function makeFilter(
  tagk: string,
  typeText: string,
  filter: string,
  groupBy: boolean,
): TagFilter {
  if (tagk === '') throw opentsdbRequest('The tagk cannot be null or empty');
  const type: FilterType | undefined = FILTER_TYPES.find((one) => one === typeText);
  if (type === undefined) {
    throw opentsdbRequest(
      `Could not find a tag value filter of the type: ${typeText.slice(0, 100)}`,
    );
  }
  if (filter === '') throw opentsdbRequest('Filter cannot be null or empty');
  if (filter === '|') throw opentsdbRequest('Filter must contain more than just a pipe');
  if (type.endsWith('wildcard') && !filter.includes('*')) {
    throw opentsdbRequest('Filter must contain an asterisk');
  }
  return { tagk, type, filter, groupBy };
}

/** `rate`, or `rate{counter[,maximum[,reset value]]}`. */
export function parseRate(text: string): RateOptions {
  const options = /^rate\{(.*)\}$/i.exec(text)?.[1];
  if (options === undefined && text.toLowerCase() !== 'rate') {
    throw opentsdbRequest(`Invalid rate options specification: ${text.slice(0, 100)}`);
  }
  const [kind = '', max = '', reset = '', ...more] = (options ?? '').split(',');
  if (more.length > 0) {
    throw opentsdbRequest(
      'Incorrect number of values in rate options specification, must be counter[,counter max value,reset value]',
    );
  }
  return {
    isCounter: kind.endsWith('counter'),
    counterMax: integerOf(max, 2 ** 63, 'Max value of counter was not a number'),
    resetValue: integerOf(reset, 0, 'Reset value of counter was not a number'),
    dropsResets: kind === 'dropcounter',
  };
}

function integerOf(text: string, fallback: number, problem: string): number {
  if (text === '') return fallback;
  if (!/^-?\d{1,19}$/.test(text)) {
    throw opentsdbRequest(`${problem}, received '${text.slice(0, 100)}'`);
  }
  return Number(text);
}
