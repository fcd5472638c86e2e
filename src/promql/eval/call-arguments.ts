// What a call is given: its entry in the table of functions, and its arguments evaluated.

import { FUNCTIONS } from '../functions/index.ts';
import type { FunctionCall, FunctionEntry } from '../functions/interface.ts';
import type { CallExpr } from '../language/ast.ts';
import { isScalarExpr } from './expr-shape.ts';
import type { Evaluator, Scope } from './interface.ts';
import type { CountedLater, StepwiseCount } from './samples.ts';
import type { StepSeries } from './step-series.ts';

/** An entry of one kind. */
export type Entry<K extends FunctionEntry['kind']> = FunctionEntry & { readonly kind: K };

export function entryOf(call: CallExpr): FunctionEntry {
  const entry = FUNCTIONS.get(call.func);
  if (entry === undefined) throw new Error(`no function ${call.func} in the table`);
  return entry;
}

export interface Args {
  readonly functionCall: FunctionCall;
  /** Values of the vector arguments by argument index. */
  readonly vectors: (StepSeries[] | undefined)[];
}

/**
 * Evaluates all arguments but the one at `except`. Those from `laterFrom` on are evaluated by `later`, if that
 * is given: Prometheus evaluates them after the one left out.
 */
export function evaluateArgs(
  ev: Evaluator,
  call: CallExpr,
  scope: Scope,
  count: StepwiseCount | undefined,
  except = -1,
  later?: CountedLater,
  laterFrom: number = except,
): Args {
  const scalars: (Float64Array | undefined)[] = [];
  const strings: (string | undefined)[] = [];
  const vectors: (StepSeries[] | undefined)[] = [];
  for (let i = 0; i < call.args.length; i++) {
    const arg = call.args[i]!;
    scalars.push(undefined);
    strings.push(undefined);
    vectors.push(undefined);
    if (i === except) continue;
    if (arg.kind === 'string') {
      strings[i] = arg.value;
    } else if (isScalarExpr(arg)) {
      const evaluate = (): Float64Array => ev.scalar(arg, scope);
      scalars[i] = later === undefined || i < laterFrom ? evaluate() : later.early(evaluate);
      count?.gatherScalar();
    } else {
      const rows = ev.vector(arg, scope);
      if (count !== undefined) for (const row of rows) count.gather(row);
      vectors[i] = rows;
    }
  }
  const functionCall: FunctionCall = {
    name: call.func,
    args: call.args,
    position: call.span.start,
    steps: scope.steps,
    annotations: ev.annotations,
    control: ev.control,
    scalars,
    strings,
    options: ev.options,
  };
  return { functionCall, vectors };
}
