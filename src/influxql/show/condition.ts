// WHERE and FROM of SHOW: what they say of measurements' names, and what of tags.

import { type Expression, type Source, splitCondition } from '../../protocol/influxql/index.ts';
import { statementFailed } from '../errors.ts';
import { cachedSearch } from '../view/series-filter.ts';

/** True if the name is one of those that a FROM means; without any all are. */
export function sourceFilter(sources: readonly Source[]): (name: string) => boolean {
  if (sources.length === 0) return () => true;
  const tests = sources.map((source) => {
    if (source.kind !== 'measurement') return () => false;
    if (source.regexp !== undefined) return cachedSearch(source.regexp.pattern);
    const { name } = source;
    return (candidate: string) => candidate === name;
  });
  return (name) => tests.some((test) => test(name));
}

export function hasTime(expression: Expression | undefined): boolean {
  if (expression === undefined) return false;
  switch (expression.kind) {
    case 'reference':
      return expression.name === 'time';
    case 'parentheses':
      return hasTime(expression.inner);
    case 'binary':
      return hasTime(expression.left) || hasTime(expression.right);
    default:
      return false;
  }
}

export function refuseTime(condition: Expression | undefined, statement: string): void {
  if (hasTime(condition)) {
    throw statementFailed(`${statement} doesn't support time in WHERE clause`);
  }
}

/** WHERE without what it says of time. */
export function withoutTime(
  condition: Expression | undefined,
  nowNs: bigint,
): Expression | undefined {
  return splitCondition(condition, nowNs, undefined).condition;
}

/** `offset` and `limit` of a list; 0 is no limit. */
export function slice<T>(
  items: readonly T[],
  { limit, offset }: { readonly limit: number; readonly offset: number },
): readonly T[] {
  return items.slice(offset, limit > 0 ? offset + limit : undefined);
}
