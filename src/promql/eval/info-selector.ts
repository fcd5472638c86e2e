// Which info series a call of info() looks at, and when: known before anything is evaluated, so that
// they can be found together with all others.

import { METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { Expr, VectorSelector } from '../language/ast.ts';

/** Labels that say which target a series is of. */
export const IDENTIFYING_LABELS = ['instance', 'job'] as const;

const TARGET_INFO: Matcher = { name: METRIC_NAME, type: '=', value: 'target_info' };
const ANY_INFO: Matcher = { name: METRIC_NAME, type: '=~', value: '.+_info' };

/** Matchers of the names of info metrics, given the second argument. */
export function infoNameMatchers(selector: VectorSelector | undefined): readonly Matcher[] {
  const named = (selector?.matchers ?? []).filter(({ name }) => name === METRIC_NAME);
  if (named.length === 0) return [TARGET_INFO];
  const choosing = named.some(({ type }) => type === '=' || type === '=~');
  return choosing ? named : [ANY_INFO, ...named];
}

/** Matchers of the labels to add, given the second argument. */
export function infoDataMatchers(selector: VectorSelector | undefined): readonly Matcher[] {
  return (selector?.matchers ?? []).filter(({ name }) => name !== METRIC_NAME);
}

/** All matchers of info series. That they are of the same targets is seen when they are read. */
export function infoMatchers(selector: VectorSelector | undefined): readonly Matcher[] {
  return [...infoDataMatchers(selector), ...infoNameMatchers(selector)];
}

/**
 * The info metric is looked up when the first selector of the first argument is: its offset, and those of
 * subqueries around it up to an `@`. Gives a selector that has these modifiers and nothing else.
 */
export function infoTimes(base: Expr): VectorSelector {
  const found = findTimes(base) ?? { atT: undefined, offsetMs: 0 };
  return {
    kind: 'vectorSelector',
    span: base.span,
    name: '',
    matchers: [],
    anchored: false,
    smoothed: false,
    offsetExpr: undefined,
    atBound: undefined,
    ...found,
  };
}

interface Times {
  readonly atT: number | undefined;
  readonly offsetMs: number;
}

/** Of the first selector below `expr`; undefined if there is none. */
function findTimes(expr: Expr): Times | undefined {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return undefined;
    case 'vectorSelector':
      return { atT: expr.atT, offsetMs: expr.offsetMs };
    case 'matrixSelector':
      return findTimes(expr.selector);
    case 'subquery': {
      const inner = findTimes(expr.expr);
      if (inner === undefined || inner.atT !== undefined) return inner;
      return { atT: expr.atT, offsetMs: inner.offsetMs + expr.offsetMs };
    }
    case 'paren':
    case 'unary':
    case 'stepInvariant':
      return findTimes(expr.expr);
    case 'aggregate':
      return findTimes(expr.expr) ?? (expr.param === undefined ? undefined : findTimes(expr.param));
    case 'binary':
      return findTimes(expr.lhs) ?? findTimes(expr.rhs);
    case 'call':
      return firstOf(expr.args);
  }
}

function firstOf(args: readonly Expr[]): Times | undefined {
  for (const arg of args) {
    const times = findTimes(arg);
    if (times !== undefined) return times;
  }
  return undefined;
}
