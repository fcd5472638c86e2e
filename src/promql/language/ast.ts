// The tree of a PromQL expression. Nodes are plain immutable data: they can be posted to a worker, and
// passes that resolve or rewrite return new nodes. Positions are UTF-16 offsets into the query text.

import type { Matcher } from '../../model/matcher.ts';

/** Types of values an expression can have; the printed forms are in `types.ts`. */
export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string' | 'none';

/** Where a node stands in the query text: [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | ParenExpr
  | UnaryExpr
  | BinaryExpr
  | AggregateExpr
  | CallExpr
  | VectorSelector
  | MatrixSelector
  | SubqueryExpr
  | StepInvariantExpr;

export interface NumberLiteral {
  readonly kind: 'number';
  readonly span: Span;
  readonly value: number;
  /** Written as a duration (`5m`), so printed as one; `value` is in seconds. */
  readonly isDuration: boolean;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly span: Span;
  readonly value: string;
}

export interface ParenExpr {
  readonly kind: 'paren';
  readonly span: Span;
  readonly expr: Expr;
}

export interface UnaryExpr {
  readonly kind: 'unary';
  readonly span: Span;
  readonly op: '+' | '-';
  readonly expr: Expr;
}

export type BinaryOp =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | 'atan2'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '</'
  | '>/'
  | 'and'
  | 'or'
  | 'unless';

export type Cardinality = 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';

/** How the two sides of a vector operation find each other. */
export interface VectorMatching {
  readonly card: Cardinality;
  /** Labels of `on(…)` or `ignoring(…)`. */
  readonly labels: readonly string[];
  readonly on: boolean;
  /** Labels of `group_left(…)` or `group_right(…)`, taken from the "one" side. */
  readonly include: readonly string[];
  /** What stands in for a missing partner on each side; undefined: nothing does. */
  readonly fillLeft: number | undefined;
  readonly fillRight: number | undefined;
}

export interface BinaryExpr {
  readonly kind: 'binary';
  readonly span: Span;
  readonly op: BinaryOp;
  readonly lhs: Expr;
  readonly rhs: Expr;
  /** Of operations between two vectors, also where nothing was written; undefined otherwise. */
  readonly matching: VectorMatching | undefined;
  readonly bool: boolean;
}

export type AggregateOp =
  | 'sum'
  | 'avg'
  | 'count'
  | 'min'
  | 'max'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'quantile'
  | 'count_values'
  | 'limitk'
  | 'limit_ratio';

export interface AggregateExpr {
  readonly kind: 'aggregate';
  readonly span: Span;
  readonly op: AggregateOp;
  readonly expr: Expr;
  /** k, quantile, ratio, or the label of count_values. */
  readonly param: Expr | undefined;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

export interface CallExpr {
  readonly kind: 'call';
  readonly span: Span;
  /** Key of the table in `functions.ts`. */
  readonly func: string;
  readonly args: readonly Expr[];
}

/** Time modifiers that selectors and subqueries share. */
export interface TimeModifiers {
  /** `offset 5m` in ms, negative too; 0 if there is none. With `offsetExpr` it is that one's value once resolved. */
  readonly offsetMs: number;
  readonly offsetExpr: DurationExpr | undefined;
  /** `@ 1234.5` in ms. */
  readonly atT: number | undefined;
  /** `@ start()` and `@ end()`; resolved to `atT` before evaluation. */
  readonly atBound: 'start' | 'end' | undefined;
  /** `atT` holds at the first step and moves on with the others. Only `rewrite.ts` sets it. */
  readonly drifts?: true;
}

export interface VectorSelector extends TimeModifiers {
  readonly kind: 'vectorSelector';
  readonly span: Span;
  /** The metric name as written before the braces; '' if it stands inside or nowhere. */
  readonly name: string;
  /** All matchers, in the order written; that of `name` comes last. */
  readonly matchers: readonly Matcher[];
  readonly anchored: boolean;
  readonly smoothed: boolean;
  /** Of histograms only count and sum are asked for. Only `plan.ts` sets it. */
  readonly statsOnly?: true;
}

export interface MatrixSelector {
  readonly kind: 'matrixSelector';
  readonly span: Span;
  /** Carries the time modifiers, `anchored` and `smoothed`. */
  readonly selector: VectorSelector;
  /** ms, > 0 once resolved. */
  readonly rangeMs: number;
  readonly rangeExpr: DurationExpr | undefined;
}

export interface SubqueryExpr extends TimeModifiers {
  readonly kind: 'subquery';
  readonly span: Span;
  readonly expr: Expr;
  readonly rangeMs: number;
  readonly rangeExpr: DurationExpr | undefined;
  /** ms; 0 means the default interval. */
  readonly stepMs: number;
  readonly stepExpr: DurationExpr | undefined;
}

/** Has the same value at every step; evaluated once. Only `plan.ts` makes these. */
export interface StepInvariantExpr {
  readonly kind: 'stepInvariant';
  readonly span: Span;
  readonly expr: Expr;
}

/** Arithmetic in the place of a duration, in seconds. */
export type DurationExpr = NumberLiteral | DurationOperation;

export interface DurationOperation {
  readonly kind: 'duration';
  readonly span: Span;
  /** `step` and `range` have no operands; unary `+` and `-` have only `rhs`. */
  readonly op: '+' | '-' | '*' | '/' | '%' | '^' | 'step' | 'range' | 'min_of' | 'max_of';
  readonly lhs: DurationExpr | undefined;
  readonly rhs: DurationExpr | undefined;
  /** Stood in parentheses of its own. */
  readonly wrapped: boolean;
}
