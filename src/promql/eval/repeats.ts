// Operands that a query has more than once, as in `rate(a[5m]) / rate(b[5m]) > 1 and rate(b[5m]) > 10`:
// they are evaluated once.

import type { Expr } from '../language/ast.ts';
import { childrenOf } from '../language/walk.ts';
import { isScalarExpr, readsSeries } from './expr-shape.ts';
import type { EvalControl, Scope } from './interface.ts';
import { rowBytes } from './rows.ts';
import { type SampleBudget, SampleStats } from './samples.ts';
import { keep, type StepSeries } from './step-series.ts';

/** Operands that are equal to others, by what they have in common. */
export type Repeats = ReadonlyMap<Expr, string>;

/** Finds operands of operations between vectors that are the same but for where they stand. */
export function findRepeats(expr: Expr): Repeats {
  const byText = new Map<string, Expr[]>();
  collect(expr, byText);
  const repeats = new Map<Expr, string>();
  for (const [text, operands] of byText) {
    if (operands.length > 1) for (const operand of operands) repeats.set(operand, text);
  }
  return repeats;
}

/** Larger operands are not compared: a chain of hundreds would be spelled out again and again. */
const LARGEST_OPERAND = 64;

/** Gives the number of nodes. */
function collect(expr: Expr, byText: Map<string, Expr[]>): number {
  let size = 1;
  for (const child of childrenOf(expr)) {
    const childSize = collect(child, byText);
    size += childSize;
    if (childSize <= LARGEST_OPERAND && isVectorOperation(expr) && readsSeries(child)) {
      const text = JSON.stringify(child, withoutSpan);
      const others = byText.get(text);
      if (others === undefined) byText.set(text, [child]);
      else others.push(child);
    }
  }
  return size;
}

function isVectorOperation(expr: Expr): boolean {
  return expr.kind === 'binary' && !isScalarExpr(expr.lhs) && !isScalarExpr(expr.rhs);
}

/** What JSON would make null or 0 of is spelled out. */
function withoutSpan(key: string, value: unknown): unknown {
  if (key === 'span') return undefined;
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return Object.is(value, -0) ? 'number -0' : `number ${value}`;
}

/** A result, with what making it meant for the counts. */
interface KeptResult {
  readonly rows: readonly StepSeries[];
  readonly stats: SampleStats;
  /** Samples held by the result, and at most while it was made. */
  readonly held: number;
  readonly peak: number;
}

/** Keeps results of repeated operands. */
export class RepeatedOperands {
  readonly #repeats: Repeats;
  readonly #kept = new Map<string, KeptResult>();

  constructor(repeats: Repeats) {
    this.#repeats = repeats;
  }

  /**
   * The rows of an operand, which are the caller's: as `evaluate` gives them, or copies of what it gave
   * before, counted as if it had been evaluated again. Throws PROMQL_TOO_MANY_SAMPLES.
   */
  rows(
    operand: Expr,
    scope: Scope,
    budget: SampleBudget,
    control: EvalControl,
    evaluate: (scope: Scope) => StepSeries[],
  ): StepSeries[] {
    const text = this.#repeats.get(operand);
    // By step, counts would have to be kept by step.
    if (text === undefined || scope.stats.totalPerStep !== undefined) return evaluate(scope);
    const { startT, stepMs, count } = scope.steps;
    const key = `${startT},${stepMs},${count}:${text}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      repeatCounts(kept, scope.stats, budget);
      return copies(kept.rows, count, control);
    }
    const stats = new SampleStats(count, false);
    const heldBefore = budget.held;
    const rows = evaluate({ steps: scope.steps, stats });
    const result: KeptResult = {
      rows: copies(rows, count, control),
      stats,
      held: budget.held - heldBefore,
      peak: stats.peak - heldBefore,
    };
    addCounts(stats, scope.stats);
    scope.stats.peak = Math.max(scope.stats.peak, stats.peak);
    this.#kept.set(key, result);
    return rows;
  }
}

function repeatCounts(
  { stats, held, peak }: KeptResult,
  into: SampleStats,
  budget: SampleBudget,
): void {
  budget.check(peak, into);
  budget.hold(held, into);
  addCounts(stats, into);
}

function addCounts({ total, read }: SampleStats, into: SampleStats): void {
  into.total += total;
  into.read += read;
}

function copies(rows: readonly StepSeries[], steps: number, control: EvalControl): StepSeries[] {
  control.reserve(rows.length * rowBytes(steps));
  return rows.map(keep);
}
