// From text to tree. A Pratt parser: operands with what follows them directly, then binary operators
// by precedence. Messages, and which of several mistakes is told first, are those of Prometheus.

import { quote } from '../../model/go-text.ts';
import type { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { parseAggregation } from './aggregation-parser.ts';
import type {
  BinaryExpr,
  BinaryOp,
  CallExpr,
  DurationExpr,
  Expr,
  MatrixSelector,
  SubqueryExpr,
} from './ast.ts';
import { parseBinaryModifiers } from './binary-modifiers.ts';
import { checkTypes } from './check.ts';
import { parsePositiveDuration } from './duration-parser.ts';
import { type ParserOptions, parserOptions } from './features.ts';
import { FUNCTIONS } from './functions.ts';
import { isNumberNext, numberLiteral, spanOf, withSign } from './literals.ts';
import { LOWEST, precedenceOf, rightPrecedence, UNARY } from './precedence.ts';
import { parseLabelSet, parseVectorSelector, vectorSelectorAfter } from './selector-parser.ts';
import { durationFields, parseAt, parseOffset, parseRangeKind } from './time-modifiers.ts';
import {
  AGGREGATORS,
  canNameMetric,
  canStartExpression,
  FUNCTION_KEYWORDS,
  type Token,
} from './token.ts';
import { type Place, type StreamLimits, TokenStream } from './token-stream.ts';
import { unquote } from './unquote.ts';

const RANGE_START: Place = {
  context: 'subquery or range selector',
  expected: 'number, duration, step(), or range()',
};
const RANGE_END: Place = { context: 'subquery or range', expected: '":" or "]"' };
const STEP_START: Place = {
  context: 'subquery selector',
  expected: 'number, duration, step(), range(), or "]"',
};
const STEP_END: Place = { context: 'subquery selector', expected: '"]"' };

const DEFAULTS = parserOptions();

/**
 * Parses and type-checks a query. Throws PROMQL_PARSE with line and column, PROMQL_TOO_DEEP, and
 * PROMQL_REGEXPS_TOO_LARGE.
 * The length of the text is for the caller to limit.
 */
export function parseExpr(text: string, options: ParserOptions): Expr {
  const stream = new TokenStream(text, options);
  if (stream.is('end of input')) throw stream.error(0, 'no expression found in input');
  const expr = new ExpressionParser(stream, options).parse(LOWEST);
  stream.expect('end of input');
  return checkTypes(expr, text, options.maxDepth);
}

/**
 * Matchers of one series selector (`up{job="a"}`) in the order written, the metric name before the
 * braces last. Throws PROMQL_PARSE and PROMQL_REGEXPS_TOO_LARGE. Selectors that match everything are for the caller to
 * refuse.
 */
export function parseMetricSelector(text: string, limits: StreamLimits = DEFAULTS): Matcher[] {
  const stream = new TokenStream(text, limits);
  const { matchers } = parseVectorSelector(stream);
  stream.expect('end of input');
  return [...matchers];
}

/** Labels of a series as people write it: `up{job="a"}`; nothing at all has none. Throws PROMQL_PARSE. */
export function parseMetric(text: string): Labels {
  const stream = new TokenStream(text, DEFAULTS);
  const labels = parseLabelSet(stream);
  stream.expect('end of input');
  return labels;
}

class ExpressionParser {
  readonly #stream: TokenStream;
  readonly #options: ParserOptions;

  constructor(stream: TokenStream, options: ParserOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** An expression that ends before the first operator weaker than `minPrecedence`. */
  parse(minPrecedence: number): Expr {
    const stream = this.#stream;
    stream.enter();
    let expr = this.#postfix(this.#operand());
    for (;;) {
      const { kind } = stream.peek();
      const precedence = precedenceOf(kind);
      if (precedence === undefined || precedence < minPrecedence) break;
      expr = this.#binary(expr, kind as BinaryOp, precedence);
    }
    stream.leave();
    return expr;
  }

  #operand(): Expr {
    const stream = this.#stream;
    const token = stream.peek();
    if (isNumberNext(stream)) return numberLiteral(stream);
    switch (token.kind) {
      case 'string':
        stream.next();
        return { kind: 'string', span: spanOf(token), value: unquote(token.text) };
      case '(':
        return this.#paren();
      case '+':
      case '-':
        return this.#unary(token.kind);
      case '{':
        return vectorSelectorAfter(stream, undefined);
    }
    if (!canNameMetric(token)) throw stream.unexpected();
    stream.next();
    return this.#named(token);
  }

  /** What begins with a word that has been taken: an aggregation, a call, or a selector. */
  #named(name: Token): Expr {
    const stream = this.#stream;
    if (AGGREGATORS.has(name.kind)) {
      if (stream.is('(') || stream.is('by') || stream.is('without')) {
        return parseAggregation(stream, name, this.#options, () => this.#arguments());
      }
    } else if (name.kind === 'identifier' || FUNCTION_KEYWORDS.has(name.kind)) {
      if (stream.is('(')) return this.#call(name);
    }
    return vectorSelectorAfter(stream, name);
  }

  #paren(): Expr {
    const { start } = this.#stream.next();
    const expr = this.parse(LOWEST);
    const { end } = this.#stream.expect(')');
    return { kind: 'paren', span: { start, end }, expr };
  }

  #unary(op: '+' | '-'): Expr {
    const sign = this.#stream.next();
    const expr = this.parse(UNARY + 1);
    if (expr.kind === 'number') return withSign(sign, expr);
    return { kind: 'unary', span: { start: sign.start, end: expr.span.end }, op, expr };
  }

  #binary(lhs: Expr, op: BinaryOp, precedence: number): BinaryExpr {
    const stream = this.#stream;
    stream.next();
    const { bool, matching } = parseBinaryModifiers(stream);
    const rhs = this.parse(rightPrecedence(op, precedence));
    const isFilled = matching.fillLeft !== undefined || matching.fillRight !== undefined;
    if (isFilled && !this.#options.fillModifiers) {
      throw stream.error(lhs.span.start, 'binop fill modifiers are experimental and not enabled');
    }
    const span = { start: lhs.span.start, end: rhs.span.end };
    return { kind: 'binary', span, op, lhs, rhs, matching, bool };
  }

  #call({ text: func, start }: Token): CallExpr {
    const stream = this.#stream;
    const args = this.#arguments();
    const signature = FUNCTIONS.get(func);
    if (signature === undefined) {
      throw stream.error(start, `unknown function with name ${quote(func)}`);
    }
    if (signature.experimental && !this.#options.experimentalFunctions) {
      throw stream.error(start, `function ${quote(func)} is not enabled`);
    }
    return { kind: 'call', span: { start, end: stream.lastEnd }, func, args };
  }

  /** `(…, …)`, perhaps empty. */
  #arguments(): Expr[] {
    const stream = this.#stream;
    stream.expect('(');
    const args: Expr[] = [];
    if (stream.accept(')') !== undefined) return args;
    for (;;) {
      args.push(this.parse(LOWEST));
      const comma = stream.accept(',');
      if (comma === undefined) break;
      if (!canStartExpression(stream.peek())) {
        throw stream.error(comma.start, 'trailing commas not allowed in function call args');
      }
    }
    stream.expect(')');
    return args;
  }

  /** Takes all that belongs to the operand before it. */
  #postfix(operand: Expr): Expr {
    let expr = operand;
    for (;;) {
      switch (this.#stream.peek().kind) {
        case '[':
          expr = this.#range(expr);
          break;
        case 'offset':
          expr = parseOffset(this.#stream, expr);
          break;
        case '@':
          expr = parseAt(this.#stream, expr);
          break;
        case 'anchored':
        case 'smoothed':
          expr = parseRangeKind(this.#stream, expr, this.#options);
          break;
        default:
          return expr;
      }
    }
  }

  #range(expr: Expr): Expr {
    const stream = this.#stream;
    const open = stream.next();
    const range = stream.within(RANGE_START, () => parsePositiveDuration(stream));
    if (stream.accept(':') !== undefined) return this.#subquery(expr, range);
    stream.expect(']', RANGE_END);
    return this.#matrixSelector(expr, range, open);
  }

  #matrixSelector(expr: Expr, range: DurationExpr, open: Token): MatrixSelector {
    const fail = (why: string): Error => this.#stream.error(open.start, why);
    if (expr.kind !== 'vectorSelector') {
      throw fail('ranges only allowed for vector selectors');
    }
    if (expr.offsetMs !== 0 || expr.offsetExpr !== undefined) {
      throw fail('no offset modifiers allowed before range');
    }
    if (expr.atT !== undefined || expr.atBound !== undefined) {
      throw fail('no @ modifiers allowed before range');
    }
    return {
      kind: 'matrixSelector',
      span: { start: expr.span.start, end: this.#stream.lastEnd },
      selector: expr,
      ...durationFields(range, 'rangeMs', 'rangeExpr'),
    };
  }

  #subquery(expr: Expr, range: DurationExpr): SubqueryExpr {
    const stream = this.#stream;
    const step = stream.is(']')
      ? undefined
      : stream.within(STEP_START, () => parsePositiveDuration(stream));
    const { end } = stream.expect(']', STEP_END);
    return {
      kind: 'subquery',
      span: { start: expr.span.start, end },
      expr,
      ...durationFields(range, 'rangeMs', 'rangeExpr'),
      ...(step === undefined
        ? { stepMs: 0, stepExpr: undefined }
        : durationFields(step, 'stepMs', 'stepExpr')),
      offsetMs: 0,
      offsetExpr: undefined,
      atT: undefined,
      atBound: undefined,
    };
  }
}
