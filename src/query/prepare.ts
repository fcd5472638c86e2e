// From a request to a job: parsed, checked, planned. On the service's thread, so that a query with a mistake
// costs no other thread anything; but what takes long to parse is left to the thread that evaluates it.

import { Engine } from '../promql/eval/engine.ts';
import type { EngineOptions } from '../promql/eval/interface.ts';
import type { EvalRequest, QueryPlan } from '../promql/eval/plan.ts';
import type { ParserOptions } from '../promql/language/features.ts';
import { parseExpr } from '../promql/language/parser.ts';
import { AppError } from '../runtime/error.ts';
import { queryTooLong } from './errors.ts';
import type { QueryRequest } from './interface.ts';
import type { UnparsedRequest } from './job.ts';

export interface LanguageOptions {
  readonly parser: ParserOptions;
  /** All but what a request can set. */
  readonly engine: EngineOptions;
}

export interface PreparedQuery {
  readonly plan: QueryPlan;
  readonly engine: EngineOptions;
}

/** One that has not been parsed. */
export interface UnparsedQuery {
  readonly plan: undefined;
  readonly request: UnparsedRequest;
  readonly engine: EngineOptions;
}

/** Texts up to this length are parsed in some milliseconds. UTF-16 units. */
const MAX_QUICK_LENGTH = 16_384;
/** The same of regular expressions, by their size. */
const MAX_QUICK_REGEXP_SIZE = 1000;

/** Throws `bad_data`. */
export function prepareQuery(
  request: QueryRequest,
  options: LanguageOptions,
  maxLengthBytes: number,
): PreparedQuery {
  refuseTooLong(request.query, maxLengthBytes);
  const engine = engineOptions(request, options);
  const parsed = parseRequest(unparsed(request, options.parser));
  return { plan: new Engine(engine).plan(parsed), engine };
}

/** The same for a query that another thread will evaluate: undefined plan if it had better be parsed there. */
export function prepareQuickly(
  request: QueryRequest,
  options: LanguageOptions,
  maxLengthBytes: number,
): PreparedQuery | UnparsedQuery {
  refuseTooLong(request.query, maxLengthBytes);
  const later = (): UnparsedQuery => ({
    plan: undefined,
    request: unparsed(request, options.parser),
    engine: engineOptions(request, options),
  });
  if (request.query.length > MAX_QUICK_LENGTH) return later();
  const parser = { ...options.parser, maxRegexpSize: MAX_QUICK_REGEXP_SIZE };
  try {
    return prepareQuery(request, { ...options, parser }, maxLengthBytes);
  } catch (error) {
    if (error instanceof AppError && error.code === 'PROMQL_REGEXPS_TOO_LARGE') return later();
    throw error;
  }
}

/** Throws what parseExpr does. */
export function parseRequest(request: EvalRequest | UnparsedRequest): EvalRequest {
  if (!('parser' in request)) return request;
  const { parser, ...rest } = request;
  return { expr: parseExpr(request.query, parser), ...rest };
}

function unparsed(
  { query, startT, endT, stepMs }: QueryRequest,
  parser: ParserOptions,
): UnparsedRequest {
  return { query, startT, endT, stepMs, parser };
}

function engineOptions(request: QueryRequest, { engine }: LanguageOptions): EngineOptions {
  return {
    ...engine,
    lookbackMs: request.lookbackMs ?? engine.lookbackMs,
    perStepStats: engine.perStepStats && request.stats === 'perStep',
  };
}

/** Throws QUERY_TOO_LONG. */
export function refuseTooLong(text: string, maxLengthBytes: number): void {
  // Each UTF-16 unit is at least one byte.
  const bytes = text.length > maxLengthBytes ? text.length : Buffer.byteLength(text);
  if (bytes > maxLengthBytes) throw queryTooLong(bytes, maxLengthBytes);
}
