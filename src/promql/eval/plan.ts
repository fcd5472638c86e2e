// From a parsed query to one that is ready to be evaluated: durations and times resolved, and known
// which series it needs from when to when, so that all of them can be found before evaluation starts.

import type { Matcher } from '../../model/matcher.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { CallExpr, Expr, VectorSelector } from '../language/ast.ts';
import { resolveDurations } from '../language/duration-expression.ts';
import { infoMatchers, infoTimes } from './info-selector.ts';
import { findRepeats, type Repeats } from './repeats.ts';
import { rewrite } from './rewrite.ts';
import { markStatsSelectors } from './stats-selectors.ts';
import { instantSteps, rangeSteps, type Steps } from './steps.ts';
import { instantRange, invariantSteps, subquerySteps, windowRange } from './times.ts';

/** A parsed query and when to evaluate it. Times in ms. */
export interface EvalRequest {
  /** Parsed and checked. */
  readonly expr: Expr;
  /** Its text, which positions refer to. */
  readonly query: string;
  readonly startT: number;
  /** Equal to `startT` for an instant query. */
  readonly endT: number;
  /** undefined: an instant query. */
  readonly stepMs: number | undefined;
}

/** Series to find before evaluation. */
export interface SelectionRequest {
  readonly matchers: readonly Matcher[];
  readonly range: TimeRange;
}

export interface QueryPlan {
  readonly request: EvalRequest;
  /** Rewritten; not to be printed. */
  readonly expr: Expr;
  readonly steps: Steps;
  /** What to select; nodes that ask for the same share an entry. */
  readonly selections: readonly SelectionRequest[];
  /** By node of `expr` that reads series (selectors and calls of info): index into `selections`. */
  readonly selectionOf: ReadonlyMap<Expr, number>;
  /** Operands of `expr` that are evaluated once for several places. */
  readonly repeats: Repeats;
  /** Covers the ranges of all selections: what a querier must be opened for. Empty queries: [0, 0]. */
  readonly range: TimeRange;
}

export interface PlanOptions {
  readonly lookbackMs: number;
  readonly defaultSubqueryStepMs: number;
}

/** Throws PROMQL_DURATION. */
export function planQuery(request: EvalRequest, options: PlanOptions): QueryPlan {
  const { startT, endT } = request;
  const bounds = { startT, endT, stepMs: request.stepMs ?? 0 };
  const times = { stepMs: bounds.stepMs, rangeMs: endT - startT };
  const resolved = resolveDurations(request.expr, times, request.query);
  const expr = rewrite(markStatsSelectors(resolved), bounds);
  const steps =
    request.stepMs === undefined ? instantSteps(startT) : rangeSteps(startT, endT, request.stepMs);
  const collector = new SelectionCollector(options);
  collector.collect(expr, steps);
  const { selections, selectionOf } = collector;
  const repeats = findRepeats(expr);
  return { request, expr, steps, selections, selectionOf, repeats, range: union(selections) };
}

class SelectionCollector {
  readonly selections: SelectionRequest[] = [];
  readonly selectionOf = new Map<Expr, number>();
  readonly #indexByKey = new Map<string, number>();
  readonly #options: PlanOptions;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  collect(expr: Expr, steps: Steps): void {
    const { lookbackMs, defaultSubqueryStepMs } = this.#options;
    switch (expr.kind) {
      case 'number':
      case 'string':
        return;
      case 'vectorSelector':
        this.#add(expr, expr.matchers, instantRange(expr, steps, lookbackMs));
        return;
      case 'matrixSelector':
        this.#add(expr, expr.selector.matchers, windowRange(expr, steps, lookbackMs));
        return;
      case 'subquery': {
        const inner = subquerySteps(expr, steps, defaultSubqueryStepMs);
        if (inner !== undefined) this.collect(expr.expr, inner);
        return;
      }
      case 'stepInvariant':
        this.collect(expr.expr, invariantSteps(steps));
        return;
      case 'paren':
      case 'unary':
        this.collect(expr.expr, steps);
        return;
      case 'binary':
        this.collect(expr.lhs, steps);
        this.collect(expr.rhs, steps);
        return;
      case 'aggregate':
        if (expr.param !== undefined) this.collect(expr.param, steps);
        this.collect(expr.expr, steps);
        return;
      case 'call':
        this.#collectCall(expr, steps);
        return;
    }
  }

  #collectCall(call: CallExpr, steps: Steps): void {
    if (call.func !== 'info') {
      for (const arg of call.args) this.collect(arg, steps);
      return;
    }
    // The second argument is a list of matchers, not a vector.
    const [base, selector] = call.args as [Expr, VectorSelector | undefined];
    this.collect(base, steps);
    const times = infoTimes(base);
    const range = instantRange(times, steps, this.#options.lookbackMs);
    this.#add(call, infoMatchers(selector), range);
  }

  #add(node: Expr, matchers: readonly Matcher[], range: TimeRange): void {
    const key = `${range.minT},${range.maxT}${matchers.map(matcherKey).join('')}`;
    let index = this.#indexByKey.get(key);
    if (index === undefined) {
      index = this.selections.length;
      this.selections.push({ matchers, range });
      this.#indexByKey.set(key, index);
    }
    this.selectionOf.set(node, index);
  }
}

/** Unlike any other matcher's, also in a row of several: lengths tell where texts end. */
function matcherKey({ type, name, value }: Matcher): string {
  return `;${name.length},${value.length}${name}${type}${value}`;
}

function union(selections: readonly SelectionRequest[]): TimeRange {
  if (selections.length === 0) return { minT: 0, maxT: 0 };
  let minT = Infinity;
  let maxT = -Infinity;
  for (const { range } of selections) {
    minT = Math.min(minT, range.minT);
    maxT = Math.max(maxT, range.maxT);
  }
  return { minT, maxT };
}
