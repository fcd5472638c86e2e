// What may follow a selector or subquery: `offset`, `@`, `anchored`, `smoothed`.

import { formatSixDecimals } from '../../model/go-text.ts';
import type {
  DurationExpr,
  Expr,
  NumberLiteral,
  SubqueryExpr,
  TimeModifiers,
  VectorSelector,
} from './ast.ts';
import { parseOffsetDuration } from './duration-parser.ts';
import type { ParserOptions } from './features.ts';
import { signedNumber } from './literals.ts';
import type { Place, TokenStream } from './token-stream.ts';

const OFFSET: Place = { context: 'offset', expected: 'number, duration, step(), or range()' };
const AT: Place = { context: '@', expected: 'timestamp' };

const MAX_INT64 = 2 ** 63;

/** Takes `offset …`, which must be next, and returns `expr` with it. */
export function parseOffset(stream: TokenStream, expr: Expr): Expr {
  stream.next();
  const duration = stream.within(OFFSET, () => parseOffsetDuration(stream));
  const carrier = carrierOf(expr);
  if (carrier === undefined) {
    throw stream.error(expr.span.start, `offset modifier ${MUST_FOLLOW}`);
  }
  if (carrier.offsetMs !== 0 || carrier.offsetExpr !== undefined) {
    throw stream.error(expr.span.start, 'offset may not be set multiple times');
  }
  const fields = durationFields(duration, 'offsetMs', 'offsetExpr');
  return withModifiers(expr, stream.lastEnd, fields);
}

/** Takes `@ …`, which must be next, and returns `expr` with it. */
export function parseAt(stream: TokenStream, expr: Expr): Expr {
  stream.next();
  return stream.within(AT, () => {
    const bound = stream.accept('start') ?? stream.accept('end');
    if (bound !== undefined) {
      stream.expect('(');
      stream.expect(')');
      checkAt(stream, expr);
      return withModifiers(expr, stream.lastEnd, { atBound: bound.kind as 'start' | 'end' });
    }
    const time = signedNumber(stream);
    checkTime(stream, expr, time.value);
    checkAt(stream, expr);
    return withModifiers(expr, stream.lastEnd, { atT: roundHalfAway(time.value * 1000) });
  });
}

/** Takes `anchored` or `smoothed`, which must be next, and returns `expr` with it. */
export function parseRangeKind(stream: TokenStream, expr: Expr, options: ParserOptions): Expr {
  const kind = stream.next().kind as 'anchored' | 'smoothed';
  const fail = (why: string): Error => stream.error(expr.span.start, why);
  if (!options.extendedRangeSelectors) {
    throw fail(`${kind} modifier is experimental and not enabled`);
  }
  if (expr.kind === 'subquery') throw fail(`${kind} modifier is not supported for subqueries`);
  const carrier = carrierOf(expr);
  if (carrier?.kind !== 'vectorSelector') throw fail(`${kind} modifier not implemented`);
  if (kind === 'anchored' ? carrier.smoothed : carrier.anchored) {
    throw fail('anchored and smoothed modifiers cannot be used together');
  }
  return withSelector(expr, { ...carrier, [kind]: true });
}

/** `ms` and `expr` fields of a duration: one of them says it. */
export function durationFields<M extends string, E extends string>(
  duration: DurationExpr,
  msField: M,
  exprField: E,
): Record<M, number> & Record<E, DurationExpr | undefined> {
  const isLiteral = duration.kind === 'number';
  return {
    [msField]: isLiteral ? literalMs(duration) : 0,
    [exprField]: isLiteral ? undefined : duration,
  } as Record<M, number> & Record<E, DurationExpr | undefined>;
}

const MUST_FOLLOW =
  'must be preceded by an instant vector selector or range vector selector or a subquery';

type Carrier = VectorSelector | SubqueryExpr;

/** The node that has the modifiers of `expr`. */
function carrierOf(expr: Expr): Carrier | undefined {
  if (expr.kind === 'matrixSelector') return expr.selector;
  return expr.kind === 'vectorSelector' || expr.kind === 'subquery' ? expr : undefined;
}

function withModifiers(expr: Expr, end: number, modifiers: Partial<TimeModifiers>): Expr {
  const span = { start: expr.span.start, end };
  if (expr.kind === 'matrixSelector') {
    return { ...expr, span, selector: { ...expr.selector, ...modifiers } };
  }
  return { ...expr, span, ...modifiers } as Expr;
}

function withSelector(expr: Expr, selector: VectorSelector): Expr {
  return expr.kind === 'matrixSelector' ? { ...expr, selector } : selector;
}

function checkAt(stream: TokenStream, expr: Expr): void {
  const carrier = carrierOf(expr);
  if (carrier === undefined) throw stream.error(expr.span.start, `@ modifier ${MUST_FOLLOW}`);
  if (carrier.atT !== undefined || carrier.atBound !== undefined) {
    throw stream.error(expr.span.start, '@ <timestamp> may not be set multiple times');
  }
}

function checkTime(stream: TokenStream, expr: Expr, seconds: number): void {
  if (Math.abs(seconds) < MAX_INT64) return;
  throw stream.error(
    expr.span.start,
    `timestamp out of bounds for @ modifier: ${formatSixDecimals(seconds)}`,
  );
}

/** Prometheus keeps nanoseconds but works in ms. */
function literalMs({ value }: NumberLiteral): number {
  return Number(BigInt(roundHalfAway(value * 1e9)) / 1_000_000n);
}

function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value)) + 0;
}
