// and, or, unless: operators on which series there are, step by step.

import type { BinaryExpr } from '../language/ast.ts';
import type { Evaluator, Scope } from './interface.ts';
import { type MatchGroups, matchGroups } from './match-groups.ts';
import { hasValue, joined, stepwiseCount } from './rows.ts';
import { Presence, type StepSeries } from './step-series.ts';

/** Rows of a set operation. */
export function setOperatorRows(ev: Evaluator, binary: BinaryExpr, scope: Scope): StepSeries[] {
  const steps = scope.steps.count;
  const count = stepwiseCount(ev, scope);
  const left = ev.vector(binary.lhs, scope);
  const right = ev.vector(binary.rhs, scope);
  for (const row of left) count.gather(row);
  for (const row of right) count.gather(row);
  const groups = matchGroups(binary.matching!, left, right);
  let result: StepSeries[];
  switch (binary.op) {
    case 'and':
      mask(left, groups.ofLeft, presence(right, groups.ofRight, groups, steps), true);
      result = left;
      break;
    case 'unless':
      mask(left, groups.ofLeft, presence(right, groups.ofRight, groups, steps), false);
      result = left;
      break;
    default:
      mask(right, groups.ofRight, presence(left, groups.ofLeft, groups, steps), false);
      result = [...left, ...right];
  }
  result = result.filter(hasValue);
  for (const row of result) count.emit(row);
  count.finish();
  return joined(ev, result, scope);
}

/** By group and step: whether any row of the group has something. */
function presence(
  rows: readonly StepSeries[],
  groupOf: Int32Array,
  { count }: MatchGroups,
  steps: number,
): readonly (Uint8Array | undefined)[] {
  const byGroup = new Array<Uint8Array | undefined>(count).fill(undefined);
  for (let r = 0; r < rows.length; r++) {
    const group = groupOf[r]!;
    byGroup[group] ??= new Uint8Array(steps);
    const any = byGroup[group];
    const { present } = rows[r]!;
    for (let i = 0; i < steps; i++) if (present[i] !== Presence.none) any[i] = 1;
  }
  return byGroup;
}

/** Keeps the values at steps at which the other side's group is there (`wanted`), or is not. */
function mask(
  rows: readonly StepSeries[],
  groupOf: Int32Array,
  other: readonly (Uint8Array | undefined)[],
  wanted: boolean,
): void {
  for (let r = 0; r < rows.length; r++) {
    const { present } = rows[r]!;
    const any = other[groupOf[r]!];
    if (any === undefined) {
      if (wanted) present.fill(Presence.none);
      continue;
    }
    for (let i = 0; i < present.length; i++) {
      if ((any[i] === 1) !== wanted) present[i] = Presence.none;
    }
  }
}
