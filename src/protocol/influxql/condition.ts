// WHERE taken apart: what it says of time becomes one range, the rest stays an expression.

import type { Expression } from './ast.ts';
import { statementInvalid } from './errors.ts';
import { goTypeOf } from './go-type.ts';
import { floatToInt64 } from './int64.ts';
import { printExpression } from './print-expression.ts';
import { reduce, reduceExpression, type Surroundings } from './reduce.ts';
import { looksLikeTime, parseTime, printTime } from './time-literal.ts';
import type { BinaryOperator } from './token.ts';

/** The least and the greatest time that a point can have. */
export const MIN_TIME_NS: bigint = -(2n ** 63n) + 2n;
export const MAX_TIME_NS: bigint = 2n ** 63n - 2n;

/** Both ends inclusive, undefined where nothing was said. May be empty (`minNs > maxNs`). */
export interface TimeRange {
  readonly minNs: bigint | undefined;
  readonly maxNs: bigint | undefined;
}

export interface SplitCondition {
  /** What is not about time; undefined if nothing is left. */
  readonly condition: Expression | undefined;
  readonly timeRange: TimeRange;
}

export const ALL_TIME: TimeRange = { minNs: undefined, maxNs: undefined };

/** `nowNs` is what `now()` means. Throws INFLUXQL_INVALID. */
export function splitCondition(
  condition: Expression | undefined,
  nowNs: bigint,
  timeZone: string | undefined,
): SplitCondition {
  if (condition === undefined) return { condition, timeRange: ALL_TIME };
  const split = splitExpression(condition, {
    timeZone,
    evaluateCall: (name, args) =>
      name === 'now' && args.length === 0 ? { kind: 'time', ns: nowNs } : undefined,
  });
  let rest = split.condition;
  if (rest?.kind === 'parentheses') rest = rest.inner;
  if (rest?.kind === 'boolean' && rest.value) rest = undefined;
  return { condition: rest, timeRange: split.timeRange };
}

export function intersect(left: TimeRange, right: TimeRange): TimeRange {
  const { minNs = right.minNs } = left;
  const { maxNs = right.maxNs } = left;
  return {
    minNs: right.minNs !== undefined && right.minNs > minNs! ? right.minNs : minNs,
    maxNs: right.maxNs !== undefined && right.maxNs < maxNs! ? right.maxNs : maxNs,
  };
}

function splitExpression(expression: Expression, surroundings: Surroundings): SplitCondition {
  switch (expression.kind) {
    case 'binary':
      break;
    case 'parentheses': {
      const { condition, timeRange } = splitExpression(expression.inner, surroundings);
      if (condition === undefined) return { condition, timeRange };
      return {
        condition: reduce({ kind: 'parentheses', inner: condition }, {}),
        timeRange,
      };
    }
    case 'boolean':
      return { condition: expression, timeRange: ALL_TIME };
    default:
      throw statementInvalid(`invalid condition expression: ${printExpression(expression)}`);
  }
  const { operator, left, right } = expression;
  if (operator === 'AND' || operator === 'OR') {
    const first = splitExpression(left, surroundings);
    const second = splitExpression(right, surroundings);
    // Times joined by OR are intersected all the same: InfluxDB has no other way.
    const timeRange = intersect(first.timeRange, second.timeRange);
    if (first.condition === undefined) return { condition: second.condition, timeRange };
    if (second.condition === undefined) return { condition: first.condition, timeRange };
    const joined: Expression = {
      kind: 'binary',
      operator,
      left: first.condition,
      right: second.condition,
    };
    return { condition: reduce(joined, {}), timeRange };
  }
  if (isTime(left)) return timeOnly(rangeOf(operator, right, surroundings));
  if (isTime(right))
    return timeOnly(rangeOf(MIRRORED.get(operator) ?? operator, left, surroundings));
  return { condition: reduce(expression, surroundings), timeRange: ALL_TIME };
}

function timeOnly(timeRange: TimeRange): SplitCondition {
  return { condition: undefined, timeRange };
}

const MIRRORED: ReadonlyMap<BinaryOperator, BinaryOperator> = new Map([
  ['<', '>'],
  ['>', '<'],
  ['<=', '>='],
  ['>=', '<='],
]);

function isTime(expression: Expression): boolean {
  return expression.kind === 'reference' && expression.name.toLowerCase() === 'time';
}

/** What `time operator bound` says. */
function rangeOf(
  operator: BinaryOperator,
  bound: Expression,
  surroundings: Surroundings,
): TimeRange {
  const ns = timeOf(bound, surroundings);
  switch (operator) {
    case '>':
      return { minNs: ns + 1n, maxNs: undefined };
    case '>=':
      return { minNs: ns, maxNs: undefined };
    case '<':
      return { minNs: undefined, maxNs: ns - 1n };
    case '<=':
      return { minNs: undefined, maxNs: ns };
    case '=':
      return { minNs: ns, maxNs: ns };
    default:
      throw statementInvalid(`invalid time comparison operator: ${operator}`);
  }
}

function timeOf(bound: Expression, surroundings: Surroundings): bigint {
  const value =
    bound.kind === 'string' && looksLikeTime(bound.value)
      ? timeLiteral(bound.value, surroundings.timeZone)
      : reduceExpression(bound, surroundings);
  switch (value.kind) {
    case 'time':
      if (value.ns > MAX_TIME_NS) {
        throw statementInvalid(`time ${printSeconds(value.ns)} overflows time literal`);
      }
      if (value.ns <= MIN_TIME_NS) {
        throw statementInvalid(`time ${printSeconds(value.ns)} underflows time literal`);
      }
      return value.ns;
    case 'duration':
      return value.ns;
    case 'integer':
      return value.value;
    case 'number':
      return floatToInt64(value.value);
    default:
      throw statementInvalid(`invalid operation: time and ${goTypeOf(value)} are not compatible`);
  }
}

function timeLiteral(text: string, timeZone: string | undefined): Expression {
  const ns = parseTime(text, timeZone);
  if (ns === undefined) throw statementInvalid('invalid timestamp string');
  return { kind: 'time', ns };
}

function printSeconds(ns: bigint): string {
  return printTime(ns).replace(/\.\d+/, '');
}
