// One query at work: walks the tree of the plan once, when all series have been found. What each kind
// of node does is in the files beside.

import type { SeriesSelection } from '../../storage/interface.ts';
import { Annotations } from '../annotations.ts';
import type {
  AggregateExpr,
  BinaryExpr,
  Expr,
  StepInvariantExpr,
  UnaryExpr,
} from '../language/ast.ts';
import { childrenOf } from '../language/walk.ts';
import { aggregateRows } from './aggregate.ts';
import { scalarScalar, scalarVectorRows } from './binary-scalar.ts';
import { vectorVectorRows } from './binary-vector.ts';
import { callRows, callScalar } from './call.ts';
import { isScalarExpr } from './expr-shape.ts';
import { selectorRows } from './instant-selector.ts';
import type { EngineOptions, EvalControl, Evaluator, Partition, Scope } from './interface.ts';
import type { QueryPlan } from './plan.ts';
import { RepeatedOperands } from './repeats.ts';
import { RowBuffers } from './row-buffers.ts';
import { clearRow, keepAll, namelessRows } from './rows.ts';
import { SampleBudget, SampleStats, weightAt } from './samples.ts';
import { setOperatorRows } from './set-operators.ts';
import { smoothedRows } from './smoothed-rows.ts';
import type { AggregateParts } from './split.ts';
import { Presence, type StepSeries, setHistogram } from './step-series.ts';
import { invariantSteps } from './times.ts';

export class Evaluation implements Evaluator {
  readonly options: EngineOptions;
  readonly control: EvalControl;
  readonly annotations: Annotations = new Annotations();
  readonly budget: SampleBudget;
  readonly buffers: RowBuffers;
  readonly #plan: QueryPlan;
  readonly #selections: readonly (SeriesSelection | undefined)[];
  readonly #partition: Partition | undefined;
  readonly #repeated: RepeatedOperands;
  readonly #parts: ReadonlyMap<AggregateExpr, AggregateParts>;
  readonly #ranks = new Map<Expr, number>();

  /**
   * `selections` are those of the plan, in its order, as far as they are read. `partition` needs a
   * row-wise expression; `parts` are of aggregations that have been evaluated.
   */
  constructor(
    options: EngineOptions,
    plan: QueryPlan,
    selections: readonly (SeriesSelection | undefined)[],
    control: EvalControl,
    partition: Partition | undefined,
    parts: ReadonlyMap<AggregateExpr, AggregateParts>,
  ) {
    this.options = options;
    this.control = control;
    this.budget = new SampleBudget(options.maxSamples);
    this.buffers = new RowBuffers(options, control);
    this.#plan = plan;
    this.#selections = selections;
    this.#partition = partition;
    this.#repeated = new RepeatedOperands(plan.repeats);
    this.#parts = parts;
    rankNodes(plan.expr, this.#ranks);
  }

  /** This evaluator as a node sees it: its remarks have the node's rank. */
  at(node: Expr): Evaluator {
    const { options, control, budget, buffers } = this;
    return {
      options,
      control,
      budget,
      buffers,
      annotations: this.annotations.ranked(this.#ranks.get(node)!),
      rows: (expr, scope) => this.rows(expr, scope),
      vector: (expr, scope) => this.vector(expr, scope),
      scalar: (expr, scope) => this.scalar(expr, scope),
      selection: (expr) => this.selection(expr),
      parts: (aggregate) => this.parts(aggregate),
      part: (selection) => this.part(selection),
    };
  }

  selection(node: Expr): SeriesSelection {
    const index = this.#plan.selectionOf.get(node);
    const selection = index === undefined ? undefined : this.#selections[index];
    if (selection === undefined) throw new Error(`no selection for a ${node.kind}`);
    return selection;
  }

  parts(aggregate: AggregateExpr): AggregateParts | undefined {
    return this.#parts.get(aggregate);
  }

  part({ length }: SeriesSelection): { readonly from: number; readonly to: number } {
    if (this.#partition === undefined) return { from: 0, to: length };
    const { index, count } = this.#partition;
    return {
      from: Math.floor((length * index) / count),
      to: Math.floor((length * (index + 1)) / count),
    };
  }

  vector(expr: Expr, scope: Scope): StepSeries[] {
    return this.#repeated.rows(expr, scope, this.budget, this.control, (inner) => {
      const rows = this.rows(expr, inner);
      // Arrays are results of operations that hold all their rows, made for us.
      return Array.isArray(rows) ? rows : keepAll(this, rows, inner);
    });
  }

  rows(expr: Expr, scope: Scope): Iterable<StepSeries> {
    this.control.checkpoint();
    const { trace } = this.control;
    return trace === undefined
      ? this.#rowsOf(expr, scope)
      : trace.rows(expr, () => this.#rowsOf(expr, scope));
  }

  #rowsOf(expr: Expr, scope: Scope): Iterable<StepSeries> {
    switch (expr.kind) {
      case 'vectorSelector':
        return expr.smoothed
          ? smoothedRows(this.at(expr), expr, scope)
          : selectorRows(this, expr, scope);
      case 'call':
        return callRows(this.at(expr), expr, scope);
      case 'aggregate':
        return aggregateRows(this.at(expr), expr, scope);
      case 'binary':
        return this.#binaryRows(expr, scope);
      case 'unary':
        return expr.op === '-' ? this.#negatedRows(expr, scope) : this.rows(expr.expr, scope);
      case 'paren':
        return this.rows(expr.expr, scope);
      case 'stepInvariant':
        return repeatedRows(this, expr, scope);
      default:
        throw new Error(`a ${expr.kind} is no instant vector`);
    }
  }

  scalar(expr: Expr, scope: Scope): Float64Array {
    this.control.reserve(8 * scope.steps.count);
    const { trace } = this.control;
    return trace === undefined
      ? this.#scalarOf(expr, scope)
      : trace.scalar(expr, () => this.#scalarOf(expr, scope));
  }

  #scalarOf(expr: Expr, scope: Scope): Float64Array {
    const { count } = scope.steps;
    switch (expr.kind) {
      case 'number':
        this.budget.hold(count, scope.stats);
        return new Float64Array(count).fill(expr.value);
      case 'paren':
        return this.scalar(expr.expr, scope);
      case 'unary': {
        const values = this.scalar(expr.expr, scope);
        return expr.op === '-' ? values.map((value) => -value) : values;
      }
      case 'binary':
        return scalarScalar(this, expr, scope);
      case 'call':
        return callScalar(this.at(expr), expr, scope);
      case 'stepInvariant': {
        const inner = invariantScope(scope);
        const [value] = this.scalar(expr.expr, inner);
        countInvariant(scope, inner);
        this.budget.hold(count - 1, scope.stats);
        return new Float64Array(count).fill(value!);
      }
      default:
        throw new Error(`a ${expr.kind} is no scalar`);
    }
  }

  #binaryRows(binary: BinaryExpr, scope: Scope): Iterable<StepSeries> {
    if (isScalarExpr(binary.lhs) || isScalarExpr(binary.rhs)) {
      return scalarVectorRows(this.at(binary), binary, scope);
    }
    switch (binary.op) {
      case 'and':
      case 'or':
      case 'unless':
        return setOperatorRows(this, binary, scope);
      default:
        return vectorVectorRows(this.at(binary), binary, scope);
    }
  }

  #negatedRows(unary: UnaryExpr, scope: Scope): Iterable<StepSeries> {
    return namelessRows(this, negated(this.rows(unary.expr, scope)), unary.expr, scope);
  }
}

/** Operands come before what is made of them, an aggregation's parameter first. Gives the next rank. */
function rankNodes(expr: Expr, ranks: Map<Expr, number>, from = 0): number {
  let next = from;
  if (expr.kind === 'aggregate' && expr.param !== undefined) {
    next = rankNodes(expr.param, ranks, next);
    next = rankNodes(expr.expr, ranks, next);
  } else {
    for (const child of childrenOf(expr)) next = rankNodes(child, ranks, next);
  }
  ranks.set(expr, next);
  return next + 1;
}

function* negated(rows: Iterable<StepSeries>): Iterable<StepSeries> {
  for (const row of rows) {
    const { present, values } = row;
    for (let i = 0; i < present.length; i++) {
      if (present[i] === Presence.float) values[i] = -values[i]!;
      else if (present[i] === Presence.histogram) {
        setHistogram(row, i, row.histograms![i]!.scale(-1));
      }
    }
    yield row;
  }
}

/** One step alone, counted by itself. */
function invariantScope(scope: Scope): Scope {
  return { steps: invariantSteps(scope.steps), stats: new SampleStats(1, false) };
}

/** As if it had been evaluated at every step, but read once. */
function countInvariant({ steps, stats }: Scope, inner: Scope): void {
  stats.peak = Math.max(stats.peak, inner.stats.peak);
  for (let i = 0; i < steps.count; i++) stats.countTotal(i, inner.stats.total);
  stats.countRead(0, inner.stats.read);
}

/** What is the same at every step is evaluated once and repeated. */
function* repeatedRows(
  ev: Evaluator,
  invariant: StepInvariantExpr,
  scope: Scope,
): Iterable<StepSeries> {
  const { count } = scope.steps;
  const inner = invariantScope(scope);
  const row = ev.buffers.row(count);
  let weight = 0;
  for (const { labels, dropName, present, values, histograms } of ev.rows(invariant.expr, inner)) {
    clearRow(row);
    row.labels = labels;
    row.dropName = dropName;
    row.present.fill(present[0]!);
    row.values.fill(values[0]!);
    if (present[0] === Presence.histogram) {
      row.histograms = new Array(count).fill(histograms![0]);
    }
    weight += weightAt(row, 0) * (count - 1);
    yield row;
  }
  countInvariant(scope, inner);
  ev.budget.hold(weight, scope.stats);
}
