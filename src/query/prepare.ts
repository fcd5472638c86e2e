// From a request to a job: parsed, checked, planned. On the service's thread, so that a query with a mistake
// costs no other thread anything.

import { rangeTypeInvalid } from '../promql/errors.ts';
import type { EngineOptions } from '../promql/eval/interface.ts';
import { planQuery, type QueryPlan } from '../promql/eval/plan.ts';
import type { Expr } from '../promql/language/ast.ts';
import type { ParserOptions } from '../promql/language/features.ts';
import { parseExpr } from '../promql/language/parser.ts';
import { documentedType } from '../promql/language/types.ts';
import { queryTooLong } from './errors.ts';
import type { QueryRequest } from './interface.ts';

export interface LanguageOptions {
  readonly parser: ParserOptions;
  /** All but what a request can set. */
  readonly engine: EngineOptions;
}

export interface PreparedQuery {
  readonly plan: QueryPlan;
  readonly engine: EngineOptions;
}

/** Throws `bad_data`. */
export function prepareQuery(
  request: QueryRequest,
  options: LanguageOptions,
  maxLengthBytes: number,
): PreparedQuery {
  const { query, startT, endT, stepMs } = request;
  // Each UTF-16 unit is at least one byte.
  const bytes = query.length > maxLengthBytes ? query.length : Buffer.byteLength(query);
  if (bytes > maxLengthBytes) throw queryTooLong(bytes, maxLengthBytes);
  const expr = parseExpr(query, options.parser);
  if (stepMs !== undefined) checkRangeType(expr);
  const lookbackMs = request.lookbackMs ?? options.engine.lookbackMs;
  const engine: EngineOptions = {
    ...options.engine,
    lookbackMs,
    perStepStats: options.engine.perStepStats && request.stats === 'perStep',
  };
  return { plan: planQuery({ expr, query, startT, endT, stepMs }, engine), engine };
}

/** A range query has one value per step: no range vectors and no strings, which no function gives. */
function checkRangeType(expr: Expr): void {
  let inner = expr;
  while (inner.kind === 'paren') inner = inner.expr;
  const { kind } = inner;
  if (kind === 'string') throw rangeTypeInvalid(documentedType('string'));
  if (kind === 'matrixSelector' || kind === 'subquery') {
    throw rangeTypeInvalid(documentedType('matrix'));
  }
}
