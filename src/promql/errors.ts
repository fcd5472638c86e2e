// Errors of PromQL. Texts are those of Prometheus 3.14, which people know and tests compare; where a
// limit is ours, its value and how to raise it follow.

import { AppError } from '../runtime/error.ts';

/** A query that does not parse. `place` is `<line>:<column>`, both from 1, columns in bytes of UTF-8. */
export function parseFailed(place: string, why: string): AppError {
  return new AppError('bad_data', 'PROMQL_PARSE', `${place}: parse error: ${why}`);
}

/** A query nested so deeply that working on it would exhaust the stack. */
export function nestedTooDeeply(place: string, maxDepth: number): AppError {
  return new AppError(
    'bad_data',
    'PROMQL_TOO_DEEP',
    `${place}: parse error: expression is nested more than ${maxDepth} levels deep`,
  );
}

/** Compiling the regular expressions of a query would take longer than whoever parses it can wait. */
export function regexpsTooLarge(maxSize: number): AppError {
  return new AppError(
    'bad_data',
    'PROMQL_REGEXPS_TOO_LARGE',
    `regular expressions have more than ${maxSize} instructions together`,
  );
}

/** A duration expression whose value cannot be used; `start` and `end` are its bytes in the query. */
export function durationInvalid(start: number, end: number, why: string): AppError {
  return new AppError('bad_data', 'PROMQL_DURATION', `${start}:${end}: ${why}`);
}

/** A range query whose expression is neither a scalar nor an instant vector. */
export function rangeTypeInvalid(typeName: string): AppError {
  return new AppError(
    'bad_data',
    'PROMQL_RANGE_TYPE',
    `invalid expression type "${typeName}" for range query, must be Scalar or instant Vector`,
  );
}

/** The data does not allow to go on: many-to-many matching, duplicate series in a result, … */
export function executionFailed(why: string, cause?: unknown): AppError {
  return new AppError('limit', 'PROMQL_EXECUTION', why, cause);
}

/** Holding one more sample would pass the query's limit. */
export function tooManySamples(maxSamples: number): AppError {
  return new AppError(
    'limit',
    'PROMQL_TOO_MANY_SAMPLES',
    `query processing would load too many samples into memory in query execution (limit ${maxSamples}, --query.max-samples)`,
  );
}

/** A label that a function writes. Lengths are in UTF-16 units. */
export function labelTooLong(functionName: string, length: number, maxLength: number): AppError {
  return new AppError(
    'limit',
    'PROMQL_LABEL_TOO_LONG',
    `label value written by ${functionName}() would be ${length} characters long, at most ${maxLength} are allowed`,
  );
}

/** `where` is `query execution`, `expression evaluation`, `query queue`, … */
export function queryTimedOut(where: string): AppError {
  return new AppError('timeout', 'PROMQL_TIMEOUT', `query timed out in ${where}`);
}

export function queryCanceled(where: string): AppError {
  return new AppError('canceled', 'PROMQL_CANCELED', `query was canceled in ${where}`);
}
