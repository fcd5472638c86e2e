// Histograms as Prometheus' test language writes them: `schema:0 sum:5 count:4 buckets:[1 2 1]`.

import { type BucketSpan, ResetHint } from '../../model/native-histogram.ts';
import { FloatHistogram } from '../histogram/float-histogram.ts';
import { type LiteralError, numberValue } from './number-value.ts';

export interface HistogramLiteral {
  readonly histogram: FloatHistogram;
  /** A counter reset hint was written. */
  readonly isHintGiven: boolean;
}

const ITEM = /([a-z_]+):(\[[^\]]*\]|[^\s[\]]+)(?:\s+|$)/y;

const INTEGERS: ReadonlySet<string> = new Set(['schema', 'offset', 'n_offset']);
const NUMBERS: ReadonlySet<string> = new Set(['sum', 'count', 'z_bucket', 'z_bucket_w']);
const LISTS: ReadonlySet<string> = new Set(['buckets', 'n_buckets', 'custom_values']);

const HINTS: ReadonlyMap<string, ResetHint> = new Map([
  ['unknown', ResetHint.unknown],
  ['reset', ResetHint.yes],
  ['not_reset', ResetHint.no],
  ['gauge', ResetHint.gauge],
]);

/** What stands between `{{` and `}}`. Nothing is derived: count is what is written. */
export function parseHistogramLiteral(text: string): HistogramLiteral | LiteralError {
  const numbers = new Map<string, number>();
  const lists = new Map<string, number[]>();
  let hint: ResetHint | undefined;
  const items = text.trim();
  for (let at = 0; at < items.length; ) {
    ITEM.lastIndex = at;
    const match = ITEM.exec(items);
    if (match === null) return { why: `bad histogram description: ${items.slice(at)}` };
    at += match[0].length;
    const [, key, value] = match as unknown as [string, string, string];
    if (
      numbers.has(key) ||
      lists.has(key) ||
      (key === 'counter_reset_hint' && hint !== undefined)
    ) {
      return { why: `duplicate key "${key}" in histogram` };
    }
    const problem = { why: `bad value of ${key} in histogram: ${value}` };
    if (LISTS.has(key)) {
      const list = parseList(value);
      if (list === undefined) return problem;
      lists.set(key, list);
    } else if (INTEGERS.has(key) || NUMBERS.has(key)) {
      const number = parseNumber(value);
      if (number === undefined || (INTEGERS.has(key) && !Number.isInteger(number))) return problem;
      numbers.set(key, number);
    } else if (key === 'counter_reset_hint') {
      hint = HINTS.get(value);
      if (hint === undefined) return problem;
    } else {
      return { why: `bad histogram descriptor found: "${key}"` };
    }
  }
  const positiveBuckets = lists.get('buckets') ?? [];
  const negativeBuckets = lists.get('n_buckets') ?? [];
  const histogram = new FloatHistogram({
    schema: numbers.get('schema') ?? 0,
    sum: numbers.get('sum') ?? 0,
    count: numbers.get('count') ?? 0,
    zeroCount: numbers.get('z_bucket') ?? 0,
    zeroThreshold: numbers.get('z_bucket_w') ?? 0,
    positiveBuckets,
    positiveSpans: spans(numbers.get('offset') ?? 0, positiveBuckets),
    negativeBuckets,
    negativeSpans: spans(numbers.get('n_offset') ?? 0, negativeBuckets),
    customValues: lists.get('custom_values') ?? [],
    resetHint: hint ?? ResetHint.unknown,
  });
  return { histogram, isHintGiven: hint !== undefined };
}

function spans(offset: number, { length }: readonly number[]): BucketSpan[] {
  return length === 0 ? [] : [{ offset, length }];
}

function parseList(text: string): number[] | undefined {
  if (!text.startsWith('[')) return undefined;
  const items = text
    .slice(1, -1)
    .split(/\s+/)
    .filter((item) => item !== '');
  const list = items.map(parseNumber);
  return list.every((number) => number !== undefined) ? list : undefined;
}

function parseNumber(text: string): number | undefined {
  const isNegative = text.startsWith('-');
  const value = numberValue(text.replace(/^[-+]/, ''));
  if (typeof value !== 'number') return undefined;
  return isNegative ? -value : value;
}
