// Native histograms in JSON lines. Integer counts are strings, because JSON numbers are doubles to most
// readers; empty lists and default values are left out. Form: docs/formats/json-lines.md.

import { type BucketSpan, type NativeHistogram, ResetHint } from '../../model/native-histogram.ts';
import { parseNumber, parseRaw, printNumber, printRaw } from './value.ts';

const HINT_NAMES: readonly string[] = ['unknown', 'yes', 'no', 'gauge'];

const COUNT = /^-?[0-9]{1,20}$/;

/** A histogram as a JSON object. */
export function printHistogram(histogram: NativeHistogram): string {
  const integer = histogram.kind === 'integer' ? histogram : undefined;
  const fields = [
    `"kind":"${histogram.kind}"`,
    `"count":${printCount(histogram.count)}`,
    `"zeroCount":${printCount(histogram.zeroCount)}`,
    `"sum":${printRaw(histogram.sum)}`,
    `"schema":${histogram.schema}`,
    `"zeroThreshold":${printNumber(histogram.zeroThreshold)}`,
  ];
  if (histogram.resetHint !== ResetHint.unknown) {
    fields.push(`"resetHint":"${HINT_NAMES[histogram.resetHint]}"`);
  }
  const list = (name: string, items: readonly string[]): void => {
    if (items.length > 0) fields.push(`"${name}":[${items.join(',')}]`);
  };
  const counts = (of: readonly (bigint | number)[]): string[] => of.map(printCount);
  list('positiveSpans', histogram.positiveSpans.map(printSpan));
  list('positiveCounts', counts(integer?.positiveCounts ?? histogram.positiveCounts));
  list('negativeSpans', histogram.negativeSpans.map(printSpan));
  list('negativeCounts', counts(integer?.negativeCounts ?? histogram.negativeCounts));
  list('customValues', histogram.customValues.map(printNumber));
  return `{${fields.join(',')}}`;
}

function printCount(count: bigint | number): string {
  return typeof count === 'bigint' ? `"${count}"` : printNumber(count);
}

function printSpan({ offset, length }: BucketSpan): string {
  return `[${offset},${length}]`;
}

/** The histogram of a parsed JSON object; a string says what is wrong with it. Counts are not validated. */
export function parseHistogram(json: unknown): NativeHistogram | string {
  if (!isObject(json)) return 'a histogram is not an object';
  const sum = parseRaw(json.sum);
  if (!sum) return 'sum is not a number';
  const zeroThreshold = parseNumber(json.zeroThreshold ?? 0);
  if (zeroThreshold === undefined) return 'zeroThreshold is not a number';
  const schema = json.schema;
  if (!isInteger(schema, -(2 ** 31), 2 ** 31 - 1)) return 'schema is not an integer';
  const hint = HINT_NAMES.indexOf(String(json.resetHint ?? 'unknown'));
  if (hint < 0) return `resetHint is none of ${HINT_NAMES.join(', ')}`;
  const positiveSpans = parseList(json.positiveSpans, parseSpan);
  const negativeSpans = parseList(json.negativeSpans, parseSpan);
  if (!positiveSpans || !negativeSpans) return 'spans are not a list of [offset, length]';
  const customValues = parseList(json.customValues, parseNumber);
  if (!customValues) return 'customValues is not a list of numbers';
  const layout = {
    resetHint: hint as ResetHint,
    schema,
    zeroThreshold,
    sum,
    positiveSpans,
    negativeSpans,
    customValues,
  };
  if (json.kind === 'integer') {
    const counts = parseCounts(json, parseInteger);
    if (!counts) return 'counts of an integer histogram are not strings of digits';
    return { ...layout, kind: 'integer', ...counts };
  }
  if (json.kind === 'float') {
    const counts = parseCounts(json, parseNumber);
    if (!counts) return 'counts of a float histogram are not numbers';
    return { ...layout, kind: 'float', ...counts };
  }
  return 'kind is neither integer nor float';
}

interface Counts<Count> {
  readonly count: Count;
  readonly zeroCount: Count;
  readonly positiveCounts: Count[];
  readonly negativeCounts: Count[];
}

function parseCounts<Count>(
  json: Record<string, unknown>,
  parse: (item: unknown) => Count | undefined,
): Counts<Count> | undefined {
  const count = parse(json.count);
  const zeroCount = parse(json.zeroCount);
  const positiveCounts = parseList(json.positiveCounts, parse);
  const negativeCounts = parseList(json.negativeCounts, parse);
  if (count === undefined || zeroCount === undefined) return undefined;
  if (!positiveCounts || !negativeCounts) return undefined;
  return { count, zeroCount, positiveCounts, negativeCounts };
}

/** A list of items that all parse, empty if absent; else undefined. */
function parseList<Item>(
  json: unknown,
  parse: (item: unknown) => Item | undefined,
): Item[] | undefined {
  if (json === undefined) return [];
  if (!Array.isArray(json)) return undefined;
  const items: Item[] = [];
  for (const one of json) {
    const item = parse(one);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

function parseSpan(json: unknown): BucketSpan | undefined {
  if (!Array.isArray(json) || json.length !== 2) return undefined;
  const [offset, length] = json as unknown[];
  if (!isInteger(offset, -(2 ** 31), 2 ** 31 - 1)) return undefined;
  if (!isInteger(length, 0, 2 ** 32 - 1)) return undefined;
  return { offset, length };
}

/** A count of 64 bits; a small one may also be a plain number. */
function parseInteger(json: unknown): bigint | undefined {
  if (isInteger(json, 0, Number.MAX_SAFE_INTEGER)) return BigInt(json);
  if (typeof json !== 'string' || !COUNT.test(json)) return undefined;
  const count = BigInt(json);
  return count >= -(2n ** 63n) && count < 2n ** 64n ? count : undefined;
}

function isInteger(json: unknown, min: number, max: number): json is number {
  return Number.isInteger(json) && (json as number) >= min && (json as number) <= max;
}

export function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
