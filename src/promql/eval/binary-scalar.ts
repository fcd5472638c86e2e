// Binary operations with a scalar on one side or both.

import type { FloatHistogram } from '../histogram/float-histogram.ts';
import type { BinaryExpr } from '../language/ast.ts';
import {
  type ElementResult,
  floatOperation,
  isArithmetic,
  isComparison,
  newElementResult,
  operate,
} from './binary-elements.ts';
import { isScalarExpr } from './expr-shape.ts';
import type { Evaluator, Scope } from './interface.ts';
import { StepRemarks } from './remarks.ts';
import { hasValue, namelessRows, stepwiseCount } from './rows.ts';
import { CountedLater } from './samples.ts';
import { Presence, type StepSeries, setFloat, setHistogram } from './step-series.ts';

/** scalar op scalar. */
export function scalarScalar(ev: Evaluator, binary: BinaryExpr, scope: Scope): Float64Array {
  const count = stepwiseCount(ev, scope);
  const lhs = ev.scalar(binary.lhs, scope);
  const rhs = ev.scalar(binary.rhs, scope);
  const operation = floatOperation(binary.op);
  const result = new Float64Array(scope.steps.count);
  for (let i = 0; i < result.length; i++) result[i] = operation(lhs[i]!, rhs[i]!);
  count.gatherScalar();
  count.gatherScalar();
  count.emitScalar();
  count.finish();
  return result;
}

/** vector op scalar, scalar op vector. */
export function scalarVectorRows(
  ev: Evaluator,
  binary: BinaryExpr,
  scope: Scope,
): Iterable<StepSeries> {
  const rows = operatedRows(ev, binary, scope);
  if (!isArithmetic(binary.op) && !binary.bool) return rows;
  return namelessRows(ev, rows, isScalarExpr(binary.lhs) ? binary.rhs : binary.lhs, scope);
}

function* operatedRows(ev: Evaluator, binary: BinaryExpr, scope: Scope): Iterable<StepSeries> {
  const { annotations } = ev;
  const scalarLeft = isScalarExpr(binary.lhs);
  const steps = scope.steps.count;
  const count = stepwiseCount(ev, scope);
  const later = new CountedLater(ev.budget, scope.stats);
  const scalars = scalarLeft
    ? ev.scalar(binary.lhs, scope)
    : later.early(() => ev.scalar(binary.rhs, scope));
  count.gatherScalar();
  const remarks = new StepRemarks(steps);
  const operation = new ScalarOperation(binary, scalars, scalarLeft, remarks);
  for (const row of ev.rows(scalarLeft ? binary.rhs : binary.lhs, scope)) {
    count.gather(row);
    operation.apply(row);
    if (!hasValue(row)) continue;
    count.emit(row);
    yield row;
  }
  remarks.report(annotations, binary.span.start);
  later.settle();
  count.finish();
}

/** Applies the operation to rows in place. */
class ScalarOperation {
  readonly #binary: BinaryExpr;
  readonly #scalars: Float64Array;
  readonly #scalarLeft: boolean;
  readonly #remarks: StepRemarks;
  readonly #result: ElementResult = newElementResult();

  constructor(
    binary: BinaryExpr,
    scalars: Float64Array,
    scalarLeft: boolean,
    remarks: StepRemarks,
  ) {
    this.#binary = binary;
    this.#scalars = scalars;
    this.#scalarLeft = scalarLeft;
    this.#remarks = remarks;
  }

  apply(row: StepSeries): void {
    const { op } = this.#binary;
    if (row.histograms !== undefined || op === '</' || op === '>/') this.#applyToAny(row);
    else if (isComparison(op)) this.#compareFloats(row);
    else this.#computeFloats(row);
  }

  #computeFloats({ present, values }: StepSeries): void {
    const scalars = this.#scalars;
    const left = this.#scalarLeft;
    const { op } = this.#binary;
    if (op === '*') {
      for (let i = 0; i < present.length; i++) values[i] = values[i]! * scalars[i]!;
    } else if (op === '/' && !left) {
      for (let i = 0; i < present.length; i++) values[i] = values[i]! / scalars[i]!;
    } else if (op === '+') {
      for (let i = 0; i < present.length; i++) values[i] = values[i]! + scalars[i]!;
    } else if (op === '-' && !left) {
      for (let i = 0; i < present.length; i++) values[i] = values[i]! - scalars[i]!;
    } else {
      const operation = floatOperation(op);
      for (let i = 0; i < present.length; i++) {
        if (present[i] === Presence.none) continue;
        values[i] = left ? operation(scalars[i]!, values[i]!) : operation(values[i]!, scalars[i]!);
      }
    }
  }

  #compareFloats({ present, values }: StepSeries): void {
    const scalars = this.#scalars;
    const left = this.#scalarLeft;
    const { bool, op } = this.#binary;
    const compare = floatOperation(op);
    for (let i = 0; i < present.length; i++) {
      if (present[i] === Presence.none) continue;
      const value = values[i]!;
      const isTrue = left ? compare(scalars[i]!, value) : compare(value, scalars[i]!);
      if (bool) values[i] = isTrue;
      else if (isTrue === 0) present[i] = Presence.none;
    }
  }

  /** Histograms among the values, or an operation for them. */
  #applyToAny(row: StepSeries): void {
    const { present, values } = row;
    for (let i = 0; i < present.length; i++) {
      if (present[i] === Presence.none) continue;
      const histogram = present[i] === Presence.histogram ? row.histograms![i] : undefined;
      this.#applyToOne(row, i, values[i]!, histogram);
    }
  }

  #applyToOne(
    row: StepSeries,
    i: number,
    value: number,
    histogram: FloatHistogram | undefined,
  ): void {
    const { op, bool } = this.#binary;
    const scalar = this.#scalars[i]!;
    const result = this.#result;
    if (this.#scalarLeft) operate(op, scalar, undefined, value, histogram, result);
    else operate(op, value, histogram, scalar, undefined, result);
    if (result.failed) this.#remarks.set(i, result.remark!);
    if (result.failed || (!result.keep && !bool)) row.present[i] = Presence.none;
    else if (bool) setFloat(row, i, result.keep ? 1 : 0);
    else if (isComparison(op)) return;
    else if (result.histogram !== undefined) setHistogram(row, i, result.histogram);
    else setFloat(row, i, result.value);
  }
}
