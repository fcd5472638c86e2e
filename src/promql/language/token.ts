// Tokens of PromQL and how messages describe them.

import { quote } from '../../model/go-text.ts';
import type { AggregateOp, BinaryOp } from './ast.ts';

export type Modifier =
  | 'offset'
  | 'smoothed'
  | 'anchored'
  | 'by'
  | 'without'
  | 'on'
  | 'ignoring'
  | 'group_left'
  | 'group_right'
  | 'fill'
  | 'fill_left'
  | 'fill_right'
  | 'bool';

/** Keywords that name functions, too. */
export type FunctionKeyword = 'start' | 'end' | 'step' | 'range' | 'min_of' | 'max_of';

export type TokenKind =
  | '('
  | ')'
  | '{'
  | '}'
  | '['
  | ']'
  | ','
  | ':'
  | '='
  | '=~'
  | '!~'
  | '@'
  | BinaryOp
  | AggregateOp
  | Modifier
  | FunctionKeyword
  | 'identifier'
  | 'metric identifier'
  | 'string'
  | 'number'
  | 'duration'
  | 'end of input'
  /** The text cannot be cut here; `text` is the message. Nothing follows. */
  | 'error';

export interface Token {
  readonly kind: TokenKind;
  /** As written: keywords keep their case, strings their quotes. */
  readonly text: string;
  /** UTF-16 offsets: [start, end). */
  readonly start: number;
  readonly end: number;
}

/** True for the operators that `BinaryExpr` may have and what else Prometheus calls an operator. */
export const OPERATORS: ReadonlySet<string> = new Set(
  '+ - * / % ^ atan2 == != < <= > >= </ >/ and or unless =~ !~ @'.split(' '),
);

/** Every aggregator. */
export const AGGREGATORS: ReadonlySet<string> = new Set<AggregateOp>([
  'sum',
  'avg',
  'count',
  'min',
  'max',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'count_values',
  'quantile',
  'limitk',
  'limit_ratio',
]);

/** Every modifier. */
export const MODIFIERS: ReadonlySet<string> = new Set<Modifier>([
  'offset',
  'smoothed',
  'anchored',
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'fill',
  'fill_left',
  'fill_right',
  'bool',
]);

/** Every keyword that also names a function. */
export const FUNCTION_KEYWORDS: ReadonlySet<string> = new Set<FunctionKeyword>([
  'start',
  'end',
  'step',
  'range',
  'min_of',
  'max_of',
]);

const WORD_OPERATORS: readonly string[] = ['and', 'or', 'unless', 'atan2'];

/** Words with a meaning of their own, in lower case; they are recognized in any case. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...WORD_OPERATORS,
  ...AGGREGATORS,
  ...MODIFIERS,
  ...FUNCTION_KEYWORDS,
]);

/** Keywords that cannot be the name of a metric. */
const NEVER_METRICS: ReadonlySet<string> = new Set<Modifier | BinaryOp>([
  'bool',
  'on',
  'ignoring',
  'group_left',
  'group_right',
  'atan2',
]);

/** True if the token may be the name of a metric where an expression begins. */
export function canNameMetric({ kind }: Token): boolean {
  if (kind === 'identifier' || kind === 'metric identifier') return true;
  return KEYWORDS.has(kind) && !NEVER_METRICS.has(kind);
}

/** True if the token may stand, without quotes, in `by (…)`, `on (…)` and their like. */
export function canNameLabel({ kind }: Token): boolean {
  if (kind === 'identifier' || kind === 'metric identifier') return true;
  return KEYWORDS.has(kind) && kind !== 'without';
}

const STARTERS: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'number',
  'duration',
  'string',
  '(',
  '{',
  '+',
  '-',
]);

/** True if an expression may begin with the token. */
export function canStartExpression(token: Token): boolean {
  return STARTERS.has(token.kind) || canNameMetric(token);
}

/** As Prometheus' messages name a token: `identifier "a"`, `<op:+>`, `"("`; long texts are cut. */
export function describeToken({ kind, text }: Token): string {
  if (kind === 'end of input') return kind;
  if (kind === 'identifier' || kind === 'metric identifier') return `${kind} ${quote(text)}`;
  if (kind === 'string' || kind === 'number' || kind === 'duration') return `${kind} ${cut(text)}`;
  if (OPERATORS.has(kind)) return `<op:${text}>`;
  if (AGGREGATORS.has(kind)) return `<aggr:${text}>`;
  if (MODIFIERS.has(kind)) return `<${text}>`;
  return cut(text);
}

function cut(text: string): string {
  if (Buffer.byteLength(text) <= 10) return quote(text);
  return `${quote([...text].slice(0, 10).join(''))}...`;
}
