// Turns arithmetic in the places of durations into numbers, once, before a query is evaluated.

import { durationInvalid } from '../errors.ts';
import type {
  DurationExpr,
  DurationOperation,
  Expr,
  MatrixSelector,
  SubqueryExpr,
  TimeModifiers,
} from './ast.ts';
import { MAX_DURATION_SECONDS } from './duration-parser.ts';
import { byteOffset } from './position.ts';
import { mapChildren } from './walk.ts';

/** What `step()` and `range()` are; both 0 for an instant query. */
export interface DurationTimes {
  readonly stepMs: number;
  /** End minus start of the query. */
  readonly rangeMs: number;
}

/**
 * The tree with every duration a number of ms; the expressions stay for printing. `text` is that of
 * the query, for positions in errors. Throws PROMQL_DURATION.
 */
export function resolveDurations(expr: Expr, times: DurationTimes, text: string): Expr {
  return new Resolver(times, text).resolve(expr);
}

type BinaryDurationOp = Exclude<DurationOperation['op'], 'step' | 'range'>;

class Resolver {
  readonly #times: DurationTimes;
  readonly #text: string;

  constructor(times: DurationTimes, text: string) {
    this.#times = times;
    this.#text = text;
  }

  resolve(expr: Expr): Expr {
    const withChildren = (): Expr => mapChildren(expr, (child) => this.resolve(child));
    switch (expr.kind) {
      case 'vectorSelector':
        return { ...expr, offsetMs: this.#offset(expr) };
      case 'matrixSelector': {
        const rangeMs = this.#positive(expr.rangeExpr) ?? expr.rangeMs;
        return { ...(withChildren() as MatrixSelector), rangeMs };
      }
      case 'subquery': {
        const offsetMs = this.#offset(expr);
        const stepMs = this.#positive(expr.stepExpr) ?? expr.stepMs;
        const rangeMs = this.#positive(expr.rangeExpr) ?? expr.rangeMs;
        return { ...(withChildren() as SubqueryExpr), offsetMs, stepMs, rangeMs };
      }
      default:
        return withChildren();
    }
  }

  #offset({ offsetMs, offsetExpr }: TimeModifiers): number {
    return offsetExpr === undefined ? offsetMs : this.#ms(offsetExpr);
  }

  #positive(expr: DurationExpr | undefined): number | undefined {
    if (expr === undefined) return undefined;
    return this.#ms(expr, 'duration must be greater than 0');
  }

  /** ms, fractions cut off. `ifNotPositive`: the error if it is 0 or less. */
  #ms(expr: DurationExpr, ifNotPositive?: string): number {
    const seconds = this.#seconds(expr);
    if (!Number.isFinite(seconds)) throw this.#error(expr, 'duration is NaN or infinite');
    if (ifNotPositive !== undefined && seconds <= 0) throw this.#error(expr, ifNotPositive);
    if (Math.abs(seconds) > MAX_DURATION_SECONDS) {
      throw this.#error(expr, 'duration is out of range');
    }
    return Math.trunc(seconds * 1000) + 0;
  }

  #seconds(expr: DurationExpr): number {
    if (expr.kind === 'number') return expr.value;
    if (expr.op === 'step') return this.#times.stepMs / 1000;
    if (expr.op === 'range') return this.#times.rangeMs / 1000;
    const rhs = this.#seconds(expr.rhs!);
    if (expr.lhs === undefined) return expr.op === '-' ? -rhs : rhs;
    return this.#apply(expr, expr.op, this.#seconds(expr.lhs), rhs);
  }

  #apply(expr: DurationExpr, op: BinaryDurationOp, lhs: number, rhs: number): number {
    switch (op) {
      case '+':
        return lhs + rhs;
      case '-':
        return lhs - rhs;
      case '*':
        return lhs * rhs;
      case '/':
        if (rhs === 0) throw this.#error(expr, 'division by zero');
        return lhs / rhs;
      case '%':
        if (rhs === 0) throw this.#error(expr, 'modulo by zero');
        return lhs % rhs;
      case '^':
        return lhs ** rhs;
      case 'min_of':
        return Math.min(lhs, rhs);
      case 'max_of':
        return Math.max(lhs, rhs);
    }
  }

  #error({ span }: DurationExpr, why: string): Error {
    const [start, end] = [span.start, span.end].map((offset) => byteOffset(this.#text, offset));
    return durationInvalid(start!, end!, why);
  }
}
