// From a request to a job: parsed, checked, planned. On the service's thread, so that a query with a mistake
// costs no other thread anything.

import { Engine } from '../promql/eval/engine.ts';
import type { EngineOptions } from '../promql/eval/interface.ts';
import type { QueryPlan } from '../promql/eval/plan.ts';
import type { ParserOptions } from '../promql/language/features.ts';
import { parseExpr } from '../promql/language/parser.ts';
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
  refuseTooLong(query, maxLengthBytes);
  const expr = parseExpr(query, options.parser);
  const engine: EngineOptions = {
    ...options.engine,
    lookbackMs: request.lookbackMs ?? options.engine.lookbackMs,
    perStepStats: options.engine.perStepStats && request.stats === 'perStep',
  };
  return { plan: new Engine(engine).plan({ expr, query, startT, endT, stepMs }), engine };
}

/** Throws QUERY_TOO_LONG. */
export function refuseTooLong(text: string, maxLengthBytes: number): void {
  // Each UTF-16 unit is at least one byte.
  const bytes = text.length > maxLengthBytes ? text.length : Buffer.byteLength(text);
  if (bytes > maxLengthBytes) throw queryTooLong(bytes, maxLengthBytes);
}
