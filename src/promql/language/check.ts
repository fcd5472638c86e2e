// The type checker: what parses need not make sense. Messages are those of Prometheus.

import { quote } from '../../model/go-text.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import { compileMatcher } from '../../storage/label-matcher.ts';
import { nestedTooDeeply } from '../errors.ts';
import type {
  AggregateExpr,
  BinaryExpr,
  CallExpr,
  Expr,
  UnaryExpr,
  ValueType,
  VectorMatching,
  VectorSelector,
} from './ast.ts';
import { FUNCTIONS, type FunctionSignature } from './functions.ts';
import { parseError, placeOf } from './position.ts';
import { documentedType, typeOf } from './types.ts';

/**
 * The tree with vector matching where it belongs: between vectors only, many-to-many for set
 * operators. Throws PROMQL_PARSE for the first mistake, and PROMQL_TOO_DEEP.
 */
export function checkTypes(expr: Expr, text: string, maxDepth: number): Expr {
  return new Checker(text, maxDepth).check(expr, 1).expr;
}

/** An expression that has been checked. */
interface Checked<E extends Expr = Expr> {
  readonly expr: E;
  readonly type: ValueType;
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

class Checker {
  readonly #text: string;
  readonly #maxDepth: number;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  check(expr: Expr, depth: number): Checked {
    if (depth > this.#maxDepth) {
      throw nestedTooDeeply(placeOf(this.#text, expr.span.start), this.#maxDepth);
    }
    switch (expr.kind) {
      case 'number':
        return { expr, type: 'scalar' };
      case 'string':
        return { expr, type: 'string' };
      case 'paren':
      case 'stepInvariant': {
        const inner = this.check(expr.expr, depth + 1);
        return { expr: { ...expr, expr: inner.expr }, type: inner.type };
      }
      case 'unary':
        return this.#unary(expr, depth);
      case 'binary':
        return this.#binary(expr, depth);
      case 'aggregate':
        return this.#aggregate(expr, depth);
      case 'call':
        return this.#call(expr, depth);
      case 'vectorSelector':
        this.#selector(expr, false);
        return { expr, type: 'vector' };
      case 'matrixSelector':
        this.#selector(expr.selector, false);
        return { expr, type: 'matrix' };
      case 'subquery': {
        const inner = this.check(expr.expr, depth + 1);
        if (inner.type !== 'vector') {
          throw this.#error(
            expr,
            `subquery is only allowed on instant vector, got ${inner.type} instead`,
          );
        }
        return { expr: { ...expr, expr: inner.expr }, type: 'matrix' };
      }
    }
  }

  #unary(expr: UnaryExpr, depth: number): Checked {
    const inner = this.check(expr.expr, depth + 1);
    if (inner.type !== 'scalar' && inner.type !== 'vector') {
      throw this.#error(
        expr,
        `unary expression only allowed on expressions of type scalar or instant vector, got ${quote(documentedType(inner.type))}`,
      );
    }
    return { expr: { ...expr, expr: inner.expr }, type: inner.type };
  }

  #binary(expr: BinaryExpr, depth: number): Checked {
    const lhs = this.check(expr.lhs, depth + 1);
    const rhs = this.check(expr.rhs, depth + 1);
    const { op } = expr;
    const isComparison = COMPARISONS.has(op);
    const areScalars = lhs.type === 'scalar' && rhs.type === 'scalar';
    if (expr.bool && !isComparison) {
      throw this.#operatorError(expr, 'bool modifier can only be used on comparison operators');
    }
    if (isComparison && !expr.bool && areScalars) {
      throw this.#operatorError(expr, 'comparisons between scalars must use BOOL modifier');
    }
    const { matching } = expr;
    if (matching?.on === true) this.#checkInclude(expr, matching);
    for (const side of [lhs, rhs]) {
      if (side.type !== 'scalar' && side.type !== 'vector') {
        throw this.#error(
          side.expr,
          'binary expression must contain only scalar and instant vector types',
        );
      }
    }
    const areVectors = lhs.type === 'vector' && rhs.type === 'vector';
    return {
      expr: {
        ...expr,
        lhs: lhs.expr,
        rhs: rhs.expr,
        matching: areVectors
          ? this.#vectorMatching(expr, matching)
          : this.#noMatching(expr, matching),
      },
      type: areScalars ? 'scalar' : 'vector',
    };
  }

  #checkInclude(expr: BinaryExpr, { labels, include }: VectorMatching): void {
    const both = labels.find((label) => include.includes(label));
    if (both === undefined) return;
    throw this.#operatorError(
      expr,
      `label ${quote(both)} must not occur in ON and GROUP clause at once`,
    );
  }

  #vectorMatching(expr: BinaryExpr, matching: VectorMatching | undefined): typeof matching {
    if (matching === undefined || !SET_OPERATORS.has(expr.op)) return matching;
    if (matching.card === 'one-to-many' || matching.card === 'many-to-one') {
      throw this.#error(expr, `no grouping allowed for ${quote(expr.op)} operation`);
    }
    if (isFilled(matching)) {
      throw this.#error(expr, 'filling in missing series not allowed for set operators');
    }
    return { ...matching, card: 'many-to-many' };
  }

  #noMatching(expr: BinaryExpr, matching: VectorMatching | undefined): undefined {
    if (matching !== undefined && matching.labels.length > 0) {
      throw this.#error(expr, 'vector matching only allowed between instant vectors');
    }
    if (matching !== undefined && isFilled(matching)) {
      throw this.#error(expr, 'filling in missing series only allowed between instant vectors');
    }
    if (SET_OPERATORS.has(expr.op)) {
      throw this.#error(
        expr,
        `set operator ${quote(expr.op)} not allowed in binary scalar expression`,
      );
    }
    return undefined;
  }

  #aggregate(aggregate: AggregateExpr, depth: number): Checked {
    const expr = this.#expect(aggregate.expr, 'vector', 'aggregation expression', depth);
    const { op, param } = aggregate;
    const paramType = op === 'count_values' ? 'string' : 'scalar';
    return {
      expr: {
        ...aggregate,
        expr,
        param:
          param === undefined
            ? undefined
            : this.#expect(param, paramType, 'aggregation parameter', depth),
      },
      type: 'vector',
    };
  }

  #expect(expr: Expr, type: ValueType, where: string, depth: number): Expr {
    const checked = this.check(expr, depth + 1);
    if (checked.type === type) return checked.expr;
    throw this.#error(
      expr,
      `expected type ${documentedType(type)} in ${where}, got ${documentedType(checked.type)}`,
    );
  }

  #call(call: CallExpr, depth: number): Checked {
    const signature = FUNCTIONS.get(call.func)!;
    this.#checkArgCount(call, signature);
    if (call.func === 'info' && call.args.length > 1) this.#infoSelector(call, call.args[1]!);
    const args = call.args.map((arg, i) => {
      if (call.func === 'info' && i === 1) return arg;
      const type = signature.argTypes[Math.min(i, signature.argTypes.length - 1)]!;
      const checked = this.check(arg, depth + 1);
      if (checked.type === type) return checked.expr;
      throw this.#error(
        arg,
        `expected type ${documentedType(type)} in call to function ${quote(call.func)}, got ${documentedType(checked.type)}`,
      );
    });
    return { expr: { ...call, args }, type: signature.returnType };
  }

  #checkArgCount(call: CallExpr, { name, argTypes, variadic }: FunctionSignature): void {
    const count = call.args.length;
    const fail = (bound: string, limit: number): Error =>
      this.#error(
        call,
        `expected ${bound}${limit} argument(s) in call to ${quote(name)}, got ${count}`,
      );
    if (variadic === 0) {
      if (count !== argTypes.length) throw fail('', argTypes.length);
      return;
    }
    const least = argTypes.length - 1;
    if (count < least) throw fail('at least ', least);
    if (variadic > 0 && count > least + variadic) throw fail('at most ', least + variadic);
  }

  /** The second argument of info() is a selector of info series' labels, which may match anything. */
  #infoSelector(call: CallExpr, arg: Expr): void {
    const type = typeOf(arg);
    if (type !== 'vector') {
      throw this.#error(
        call,
        `expected type instant vector in call to function "info", got ${documentedType(type)}`,
      );
    }
    if (arg.kind !== 'vectorSelector') throw this.#error(arg, 'expected label selectors only');
    if (arg.name !== '') {
      throw this.#error(arg, 'expected label selectors only, got vector selector instead');
    }
    this.#selector(arg, true);
  }

  #selector(selector: VectorSelector, mayMatchEmpty: boolean): void {
    const { name, matchers } = selector;
    if (name !== '') {
      const other = matchers.slice(0, -1).find((matcher) => matcher.name === METRIC_NAME);
      if (other === undefined) return;
      throw this.#error(
        selector,
        `metric name must not be set twice: ${quote(name)} or ${quote(other.value)}`,
      );
    }
    if (mayMatchEmpty || matchers.some((matcher) => !compileMatcher(matcher).matchesEmpty)) return;
    throw this.#error(selector, 'vector selector must contain at least one non-empty matcher');
  }

  #error(expr: Expr, why: string): Error {
    return parseError(this.#text, expr.span.start, why);
  }

  /** Points to the operator. */
  #operatorError({ lhs }: BinaryExpr, why: string): Error {
    const rest = this.#text.slice(lhs.span.end);
    const offset = lhs.span.end + (rest.length - rest.replace(/^[ \t\r\n]+/, '').length);
    return parseError(this.#text, offset, why);
  }
}

function isFilled({ fillLeft, fillRight }: VectorMatching): boolean {
  return fillLeft !== undefined || fillRight !== undefined;
}
