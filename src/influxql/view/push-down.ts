// What of WHERE the store's index can answer: the parts joined by AND that compare a tag with a text or a
// regular expression. The rest, and these again, are judged series by series.

import type { Matcher } from '../../model/matcher.ts';
import type { Expression } from '../../protocol/influxql/index.ts';
import { type FieldSource, labelOfTag } from './fields.ts';
import type { FilterContext } from './series-filter.ts';

/** What is put around a pattern must not take it past the engine's own limit. */
const MAX_PATTERN_LENGTH = 1024;

export function matchersOf(
  condition: Expression | undefined,
  source: FieldSource,
  context: FilterContext,
): Matcher[] {
  const matchers = [...source.matchers];
  if (condition !== undefined) collect(condition, source, context, matchers);
  return matchers;
}

/** The same if matchers can say all of the condition, else undefined. */
export function exactMatchersOf(
  condition: Expression | undefined,
  source: FieldSource,
  context: FilterContext,
): Matcher[] | undefined {
  const matchers = [...source.matchers];
  const isAll = condition === undefined || collect(condition, source, context, matchers);
  return isAll ? matchers : undefined;
}

/** False if anything is left over. */
function collect(
  expression: Expression,
  source: FieldSource,
  context: FilterContext,
  into: Matcher[],
): boolean {
  if (expression.kind === 'parentheses') return collect(expression.inner, source, context, into);
  if (expression.kind !== 'binary') return false;
  const { operator, left, right } = expression;
  if (operator === 'AND') {
    const isAll = collect(left, source, context, into);
    return collect(right, source, context, into) && isAll;
  }
  if (left.kind !== 'reference' || left.name === '_name') return false;
  if (left.type === undefined ? context.isField(left.name) : left.type !== 'tag') return false;
  const name = labelOfTag(left.name, source);
  if (name === undefined) return false;
  if ((operator === '=' || operator === '!=') && right.kind === 'string') {
    into.push({ type: operator, name, value: right.value });
    return true;
  }
  if ((operator === '=~' || operator === '!~') && right.kind === 'regexp') {
    if (right.pattern.length > MAX_PATTERN_LENGTH) return false;
    into.push({ type: operator, name, value: anchored(right.pattern) });
    return true;
  }
  return false;
}

/** The same for an engine whose patterns must fit the whole value, with `.` for line feeds, too. */
function anchored(pattern: string): string {
  // `^(a|b)$`, as Grafana writes it, is worth being seen through: the index then looks values up.
  const whole = /^\^\(([\w|-]*)\)\$$/.exec(pattern) ?? /^\^([\w-]*)\$$/.exec(pattern);
  return whole === null ? `.*(?-s:${pattern}).*` : whole[1]!;
}
