// What the operators of a query did, for who wants to see it: rows and points they gave, and how long
// that took. An evaluation without a trace knows nothing of it.

import type { Expr } from '../language/ast.ts';
import {
  printAggregator,
  printExpr,
  printOperator,
  printSubqueryRange,
} from '../language/printer.ts';
import { childrenOf } from '../language/walk.ts';
import type { QueryPlan } from './plan.ts';
import type { Repeats } from './repeats.ts';
import { Presence, type StepSeries } from './step-series.ts';

/** One operator of a plan; what it has below is nested in it. */
export interface OperatorNode {
  /** The operator with `…` for its operands. */
  readonly text: string;
  /** Series it gave, over all times it was evaluated, and their values at all steps. */
  readonly rows: number;
  readonly points: number;
  /** With all that is below. */
  readonly durationMs: number;
  /** Of the parts that the series were split into, as many as were made elsewhere, unseen. */
  readonly partsElsewhere: number;
  /** An equal operand was evaluated before, and its result taken. */
  readonly isRepeat: boolean;
  readonly children: readonly OperatorNode[];
}

interface Figures {
  rows: number;
  points: number;
  durationMs: number;
  partsElsewhere: number;
}

export class OperatorTrace {
  readonly #now: () => number;
  readonly #figures = new Map<Expr, Figures>();

  /** `now` is a steady clock in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The rows that `evaluate` gives, counted as they are read. */
  rows(expr: Expr, evaluate: () => Iterable<StepSeries>): Iterable<StepSeries> {
    if (isTransparent(expr)) return evaluate();
    const figures = this.#of(expr);
    const rows = this.#timed(figures, evaluate);
    // Who reads them looks whether they are held already.
    if (!Array.isArray(rows)) return this.#counted(figures, rows);
    for (const row of rows) count(figures, row);
    return rows;
  }

  /** The values that `evaluate` gives. */
  scalar(expr: Expr, evaluate: () => Float64Array): Float64Array {
    if (isTransparent(expr)) return evaluate();
    const figures = this.#of(expr);
    const values = this.#timed(figures, evaluate);
    figures.points += values.length;
    return values;
  }

  /** Adds up what this thread does of an aggregation, one of `count` parts. */
  part(aggregate: Expr, count: number, add: () => void): void {
    const figures = this.#of(aggregate);
    figures.partsElsewhere = count - 1;
    this.#timed(figures, add);
  }

  /** The operators of a plan that has been evaluated: one at the top, unless nothing was computed. */
  operators({ expr, repeats }: QueryPlan): OperatorNode[] {
    return this.#operators(expr, repeats);
  }

  #operators(expr: Expr, repeats: Repeats): OperatorNode[] {
    const figures = this.#figures.get(expr);
    const below = (): OperatorNode[] =>
      childrenOf(expr).flatMap((child) => this.#operators(child, repeats));
    if (figures !== undefined) {
      return [{ text: operatorText(expr), ...figures, isRepeat: false, children: below() }];
    }
    if (!repeats.has(expr)) return below();
    return [{ text: operatorText(expr), ...newFigures(), isRepeat: true, children: [] }];
  }

  #of(expr: Expr): Figures {
    let figures = this.#figures.get(expr);
    if (figures === undefined) {
      figures = newFigures();
      this.#figures.set(expr, figures);
    }
    return figures;
  }

  #timed<T>(figures: Figures, work: () => T): T {
    const started = this.#now();
    try {
      return work();
    } finally {
      figures.durationMs += this.#now() - started;
    }
  }

  *#counted(figures: Figures, rows: Iterable<StepSeries>): Iterable<StepSeries> {
    const iterator = rows[Symbol.iterator]();
    for (;;) {
      const next = this.#timed(figures, () => iterator.next());
      if (next.done === true) return;
      count(figures, next.value);
      yield next.value;
    }
  }
}

function newFigures(): Figures {
  return { rows: 0, points: 0, durationMs: 0, partsElsewhere: 0 };
}

function count(figures: Figures, { present }: StepSeries): void {
  figures.rows++;
  for (let i = 0; i < present.length; i++) if (present[i] !== Presence.none) figures.points++;
}

/** Gives what is below it, or something known beforehand: not worth a line. */
function isTransparent({ kind }: Expr): boolean {
  return kind === 'paren' || kind === 'stepInvariant' || kind === 'number';
}

/** Longer texts are cut: selectors may have long patterns. */
const LONGEST_TEXT = 200;

/** An operator on one line, operands that have lines of their own left out. */
function operatorText(expr: Expr): string {
  const text = wholeText(expr);
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}

function wholeText(expr: Expr): string {
  switch (expr.kind) {
    case 'aggregate': {
      const { param } = expr;
      const operands = param === undefined ? '…' : `${operandText(param)}, …`;
      return `${printAggregator(expr)}(${operands})`;
    }
    case 'call':
      return `${expr.func}(${expr.args.map(operandText).join(', ')})`;
    case 'binary':
      return `${operandText(expr.lhs)} ${printOperator(expr)} ${operandText(expr.rhs)}`;
    case 'unary':
      return `${expr.op}${operandText(expr.expr)}`;
    default:
      return printExpr(expr);
  }
}

function operandText(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'matrixSelector':
      return printExpr(expr);
    case 'subquery':
      return `…${printSubqueryRange(expr)}`;
    case 'paren':
    case 'stepInvariant':
      return operandText(expr.expr);
    default:
      return '…';
  }
}
