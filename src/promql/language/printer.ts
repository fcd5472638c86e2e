// Prints an expression on one line, in the form that Prometheus gives it. What is printed parses
// again to the same tree.

import { printDuration } from '../../model/duration.ts';
import { formatF, formatG, quote } from '../../model/go-text.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type {
  AggregateExpr,
  BinaryExpr,
  DurationExpr,
  Expr,
  MatrixSelector,
  NumberLiteral,
  SubqueryExpr,
  TimeModifiers,
  VectorSelector,
} from './ast.ts';

/** One line of PromQL. */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return printNumber(expr);
    case 'string':
      return quote(expr.value);
    case 'paren':
      return `(${printExpr(expr.expr)})`;
    case 'unary':
      return `${expr.op}${printExpr(expr.expr)}`;
    case 'binary':
      return `${printExpr(expr.lhs)} ${printOperator(expr)} ${printExpr(expr.rhs)}`;
    case 'aggregate': {
      const param = expr.param === undefined ? '' : `${printExpr(expr.param)}, `;
      return `${printAggregator(expr)}(${param}${printExpr(expr.expr)})`;
    }
    case 'call':
      return `${expr.func}(${expr.args.map(printExpr).join(', ')})`;
    case 'vectorSelector': {
      const { offset, at } = printTimes(expr);
      return `${printSeries(expr)}${at}${printRangeKind(expr)}${offset}`;
    }
    case 'matrixSelector':
      return printMatrixSelector(expr);
    case 'subquery':
      return `${printExpr(expr.expr)}${printSubqueryRange(expr)}`;
    case 'stepInvariant':
      return printExpr(expr.expr);
  }
}

/** `sum`, `sum by (a, b) `, `sum without (a) `. */
export function printAggregator({ op, grouping, without }: AggregateExpr): string {
  if (without) return `${op} without (${printNames(grouping)}) `;
  return grouping.length === 0 ? op : `${op} by (${printNames(grouping)}) `;
}

/** The operator and its modifiers: `+`, `== bool on (a) group_left ()`. */
export function printOperator({ op, bool, matching }: BinaryExpr): string {
  let text = bool ? `${op} bool` : op;
  if (matching === undefined) return text;
  const { card, labels, on, include, fillLeft, fillRight } = matching;
  const isGrouped = card === 'many-to-one' || card === 'one-to-many';
  if (labels.length > 0 || on || isGrouped) {
    text += ` ${on ? 'on' : 'ignoring'} (${printNames(labels)})`;
  }
  if (isGrouped) {
    text += ` ${card === 'many-to-one' ? 'group_left' : 'group_right'} (${printNames(include)})`;
  }
  if (fillLeft !== undefined && fillLeft === fillRight) {
    return `${text} fill (${formatG(fillLeft)})`;
  }
  if (fillLeft !== undefined) text += ` fill_left (${formatG(fillLeft)})`;
  if (fillRight !== undefined) text += ` fill_right (${formatG(fillRight)})`;
  return text;
}

/** `[5m:30s] @ 10.000 offset 1m`. */
export function printSubqueryRange(expr: SubqueryExpr): string {
  const range = printRange(expr.rangeMs, expr.rangeExpr);
  let step = expr.stepMs === 0 ? '' : printDuration(expr.stepMs);
  if (expr.stepExpr !== undefined && step === '') step = printDurationExpr(expr.stepExpr);
  const { offset, at } = printTimes(expr);
  return `[${range}:${step}]${at}${offset}`;
}

/** Arithmetic in the place of a duration. */
function printDurationExpr(expr: DurationExpr): string {
  if (expr.kind === 'number') return printNumber(expr);
  const lhs = expr.lhs === undefined ? undefined : printDurationExpr(expr.lhs);
  const rhs = expr.rhs === undefined ? '' : printDurationExpr(expr.rhs);
  const text = printDurationOperation(expr.op, lhs, rhs);
  return expr.wrapped ? `(${text})` : text;
}

function printDurationOperation(op: string, lhs: string | undefined, rhs: string): string {
  if (op === 'step' || op === 'range') return `${op}()`;
  if (op === 'min_of' || op === 'max_of') return `${op}(${lhs}, ${rhs})`;
  if (lhs !== undefined) return `${lhs} ${op} ${rhs}`;
  return op === '-' ? `-${rhs}` : rhs;
}

function printMatrixSelector({ selector, rangeMs, rangeExpr }: MatrixSelector): string {
  const { offset, at } = printTimes(selector);
  const range = printRange(rangeMs, rangeExpr);
  return `${printSeries(selector)}[${range}]${printRangeKind(selector)}${at}${offset}`;
}

function printSeries({ name, matchers }: VectorSelector): string {
  const others = matchers.filter(
    (matcher) =>
      matcher.name !== METRIC_NAME ||
      matcher.type !== '=' ||
      matcher.value !== name ||
      matcher.value === '',
  );
  if (others.length === 0) return name;
  const texts = others.map((matcher) => Buffer.from(printMatcher(matcher)));
  return `${name}{${texts.sort(Buffer.compare).join(',')}}`;
}

function printMatcher({ name, type, value }: Matcher): string {
  return `${printName(name)}${type}${quote(value)}`;
}

function printRangeKind({ anchored, smoothed }: VectorSelector): string {
  if (anchored) return ' anchored';
  return smoothed ? ' smoothed' : '';
}

function printTimes({ offsetMs, offsetExpr, atT, atBound }: TimeModifiers): {
  offset: string;
  at: string;
} {
  let at = '';
  if (atT !== undefined) at = ` @ ${(atT / 1000).toFixed(3)}`;
  else if (atBound !== undefined) at = ` @ ${atBound}()`;
  if (offsetExpr !== undefined) return { at, offset: ` offset ${printDurationExpr(offsetExpr)}` };
  return { at, offset: offsetMs === 0 ? '' : ` offset ${printSignedDuration(offsetMs)}` };
}

function printRange(rangeMs: number, rangeExpr: DurationExpr | undefined): string {
  return rangeExpr === undefined ? printDuration(rangeMs) : printDurationExpr(rangeExpr);
}

function printNumber({ value, isDuration }: NumberLiteral): string {
  return isDuration ? printSignedDuration(Math.trunc(value * 1000)) : formatF(value);
}

function printSignedDuration(ms: number): string {
  return ms < 0 ? `-${printDuration(-ms)}` : printDuration(ms);
}

function printNames(names: readonly string[]): string {
  return names.map(printName).join(', ');
}

function printName(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : quote(name);
}
