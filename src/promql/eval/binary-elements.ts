// Binary operations on single values: floats, histograms, and what is said where the two do not go
// together.

import { quote } from '../../model/go-text.ts';
import { ResetHint } from '../../model/native-histogram.ts';
import {
  counterResetCollision,
  type HistogramOperation,
  incompatibleBucketLayout,
  incompatibleTypes,
  mismatchedCustomBuckets,
} from '../annotation-texts.ts';
import { executionFailed } from '../errors.ts';
import { addHistograms, subtractHistograms } from '../histogram/arithmetic.ts';
import type { FloatHistogram } from '../histogram/float-histogram.ts';
import { trimLower, trimUpper } from '../histogram/trim.ts';
import type { BinaryOp } from '../language/ast.ts';

/** Something to say about one element. */
export interface Remark {
  readonly kind: 'warning' | 'info';
  readonly text: string;
}

/** Result of one operation; reused. */
export interface ElementResult {
  /** False: a comparison that is not true, or nothing that could be computed. */
  keep: boolean;
  /** Set if the operands do not go together: then there is no result, with `bool` neither. */
  failed: boolean;
  value: number;
  histogram: FloatHistogram | undefined;
  remark: Remark | undefined;
}

export function newElementResult(): ElementResult {
  return { keep: false, failed: false, value: 0, histogram: undefined, remark: undefined };
}

export function isComparison(op: BinaryOp): boolean {
  return op === '==' || op === '!=' || op === '<' || op === '<=' || op === '>' || op === '>=';
}

/** Arithmetic makes another quantity: the metric name does not fit any more. Trimming leaves it. */
export function isArithmetic(op: BinaryOp): boolean {
  switch (op) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '^':
    case 'atan2':
      return true;
    default:
      return false;
  }
}

/** The operation on floats; comparisons give 1 or 0. Throws PROMQL_EXECUTION for trimming. */
export function floatOperation(op: BinaryOp): (a: number, b: number) => number {
  const operation = FLOAT_OPERATIONS[op];
  if (operation === undefined) {
    throw executionFailed(`operator ${quote(op)} not allowed for Scalar operations`);
  }
  return operation;
}

const FLOAT_OPERATIONS: Readonly<Partial<Record<BinaryOp, (a: number, b: number) => number>>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': power,
  atan2: Math.atan2,
  '==': (a, b) => (a === b ? 1 : 0),
  '!=': (a, b) => (a !== b ? 1 : 0),
  '<': (a, b) => (a < b ? 1 : 0),
  '<=': (a, b) => (a <= b ? 1 : 0),
  '>': (a, b) => (a > b ? 1 : 0),
  '>=': (a, b) => (a >= b ? 1 : 0),
};

/** As C has it: 1 to any power is 1, and so is -1 to an infinite one; JavaScript says NaN. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)))
    return 1;
  return base ** exponent;
}

/** `a op b` into `out`; a side is a histogram iff one is given, else a float. */
export function operate(
  op: BinaryOp,
  a: number,
  aHistogram: FloatHistogram | undefined,
  b: number,
  bHistogram: FloatHistogram | undefined,
  out: ElementResult,
): void {
  out.keep = true;
  out.failed = false;
  out.value = 0;
  out.histogram = undefined;
  out.remark = undefined;
  if (aHistogram === undefined) {
    if (bHistogram === undefined) operateFloats(op, a, b, out);
    else if (op === '*') out.histogram = bHistogram.scale(a);
    else fail(out, 'info', incompatibleTypes('float', op, 'histogram'));
  } else if (bHistogram === undefined) {
    operateHistogramFloat(op, aHistogram, b, out);
  } else {
    operateHistograms(op, aHistogram, bHistogram, out);
  }
}

function operateFloats(op: BinaryOp, a: number, b: number, out: ElementResult): void {
  if (op === '</' || op === '>/') {
    fail(out, 'info', incompatibleTypes('float', op, 'float'));
    return;
  }
  const result = floatOperation(op)(a, b);
  if (isComparison(op)) {
    out.value = a;
    out.keep = result === 1;
  } else {
    out.value = result;
  }
}

function operateHistogramFloat(
  op: BinaryOp,
  a: FloatHistogram,
  b: number,
  out: ElementResult,
): void {
  switch (op) {
    case '*':
      out.histogram = a.scale(b);
      return;
    case '/':
      out.histogram = a.divide(b);
      return;
    case '</':
      out.histogram = trimUpper(a, b);
      return;
    case '>/':
      out.histogram = trimLower(a, b);
      return;
    default:
      fail(out, 'info', incompatibleTypes('histogram', op, 'float'));
  }
}

function operateHistograms(
  op: BinaryOp,
  a: FloatHistogram,
  b: FloatHistogram,
  out: ElementResult,
): void {
  switch (op) {
    case '+':
      takeCombined(op, addHistograms(a, b), 'addition', out);
      return;
    case '-':
      takeCombined(op, subtractHistograms(a, b), 'subtraction', out);
      out.histogram = out.histogram?.withResetHint(ResetHint.gauge);
      return;
    case '==':
    case '!=':
      out.histogram = a;
      out.keep = a.equals(b) === (op === '==');
      return;
    default:
      fail(out, 'info', incompatibleTypes('histogram', op, 'histogram'));
  }
}

function takeCombined(
  op: BinaryOp,
  combined: ReturnType<typeof addHistograms>,
  operation: HistogramOperation,
  out: ElementResult,
): void {
  if (combined.histogram === undefined) {
    fail(out, 'warning', incompatibleBucketLayout(op));
  } else if (combined.counterResetCollision) {
    fail(out, 'warning', counterResetCollision(operation));
  } else {
    out.histogram = combined.histogram;
    if (combined.boundsReconciled) {
      out.remark = { kind: 'info', text: mismatchedCustomBuckets(operation) };
    }
  }
}

function fail(out: ElementResult, kind: Remark['kind'], text: string): void {
  out.keep = false;
  out.failed = true;
  out.remark = { kind, text };
}
