// WHERE judged series by series: what it says of tags decides at once, what it says of fields is left over
// for every point.

import type { Expression } from '../../protocol/influxql/index.ts';
import { compileSearch, type SearchRegexp } from '../../runtime/regexp.ts';
import { type Tag, tagValue } from './fields.ts';

/** False: no point of the series fits. True: all do. Else the condition on its fields. */
export type SeriesVerdict = boolean | Expression;

export type SeriesFilter = (tags: readonly Tag[]) => SeriesVerdict;

/** What a filter needs to know of the measurement that it is for. */
export interface FilterContext {
  readonly measurement: string;
  isField(name: string): boolean;
}

/** Verdicts on values that come again and again. */
const MAX_CACHED_VERDICTS = 10_000;

export function compileSeriesFilter(
  condition: Expression | undefined,
  context: FilterContext,
): SeriesFilter {
  return condition === undefined ? () => true : compile(condition, context);
}

function compile(expression: Expression, context: FilterContext): SeriesFilter {
  switch (expression.kind) {
    case 'parentheses':
      return compile(expression.inner, context);
    case 'boolean': {
      const { value } = expression;
      return () => value;
    }
    case 'binary':
      break;
    default:
      return () => false;
  }
  const { operator, left, right } = expression;
  if (operator === 'AND' || operator === 'OR') {
    const first = compile(left, context);
    const second = compile(right, context);
    return operator === 'AND' ? both(first, second) : either(first, second);
  }
  return compileComparison(expression, context);
}

function both(first: SeriesFilter, second: SeriesFilter): SeriesFilter {
  return (tags) => {
    const a = first(tags);
    if (a === false) return false;
    const b = second(tags);
    if (a === true || b === false) return b;
    return b === true ? a : { kind: 'binary', operator: 'AND', left: a, right: b };
  };
}

function either(first: SeriesFilter, second: SeriesFilter): SeriesFilter {
  return (tags) => {
    const a = first(tags);
    if (a === true) return true;
    const b = second(tags);
    if (a === false || b === true) return b;
    return b === false ? a : { kind: 'binary', operator: 'OR', left: a, right: b };
  };
}

function compileComparison(
  expression: Expression & { readonly kind: 'binary' },
  context: FilterContext,
): SeriesFilter {
  const { operator, left, right } = expression;
  const leftOver: SeriesFilter = () => expression;
  if (left.kind === 'binary' || right.kind === 'binary') return leftOver;
  const [key, value] = left.kind === 'reference' ? [left, right] : [right, left];
  if (key.kind !== 'reference' || isFieldReference(key, context)) return leftOver;
  const isNegated = operator === '!=' || operator === '!~';
  const read = tagReader(key.name, context);
  switch (value.kind) {
    case 'reference': {
      if (isFieldReference(value, context)) return leftOver;
      if (operator !== '=' && operator !== '!=') return () => false;
      const other = tagReader(value.name, context);
      return (tags) => (read(tags) === other(tags)) !== isNegated;
    }
    case 'string': {
      if (operator !== '=' && operator !== '!=') return () => false;
      const wanted = value.value;
      return (tags) => (read(tags) === wanted) !== isNegated;
    }
    case 'regexp': {
      if (operator !== '=~' && operator !== '!~') return () => false;
      const finds = cachedSearch(value.pattern);
      return (tags) => finds(read(tags)) !== isNegated;
    }
    default:
      return leftOver;
  }
}

function tagReader(name: string, { measurement }: FilterContext): (tags: readonly Tag[]) => string {
  return name === '_name' ? () => measurement : (tags) => tagValue(tags, name);
}

function isFieldReference(
  { name, type }: Expression & { readonly kind: 'reference' },
  { isField }: FilterContext,
): boolean {
  if (name === '_name') return false;
  return type === undefined ? isField(name) : type !== 'tag';
}

export function cachedSearch(pattern: string): (text: string) => boolean {
  const regexp: SearchRegexp = compileSearch(pattern);
  const verdicts = new Map<string, boolean>();
  return (text) => {
    const known = verdicts.get(text);
    if (known !== undefined) return known;
    const verdict = regexp.isFoundIn(text);
    if (verdicts.size < MAX_CACHED_VERDICTS) verdicts.set(text, verdict);
    return verdict;
  };
}
