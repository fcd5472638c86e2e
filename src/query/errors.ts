// Errors of running queries. Those of the language and of evaluation are in `promql/errors.ts`.

import { printSize } from '../model/size.ts';
import { AppError } from '../runtime/error.ts';

/** Refused before anything looks at it. */
export function queryTooLong(bytes: number, maxBytes: number): AppError {
  return new AppError(
    'bad_data',
    'QUERY_TOO_LONG',
    `query is ${bytes} bytes long (limit ${maxBytes}, --query.max-length)`,
  );
}

export function queueFull(running: number, maxQueued: number): AppError {
  return new AppError(
    'unavailable',
    'QUERY_QUEUE_FULL',
    `too many queries: ${running} run and ${maxQueued} wait (limit ${maxQueued}, --query.max-queued)`,
  );
}

export function queryMemoryExceeded(maxBytes: number): AppError {
  return new AppError(
    'limit',
    'QUERY_MEMORY',
    `query would take too much memory (limit ${printSize(maxBytes)}, --query.max-memory)`,
  );
}

/** Others hold it: the same query may succeed later. */
export function totalMemoryExceeded(maxBytes: number): AppError {
  return new AppError(
    'unavailable',
    'QUERY_TOTAL_MEMORY',
    `queries would take too much memory together (limit ${printSize(maxBytes)}, --query.total-memory)`,
  );
}

/** The thread's heap was exhausted by objects, which the budget only estimates. */
export function threadOutOfMemory(maxBytes: number): AppError {
  return new AppError(
    'limit',
    'QUERY_THREAD_MEMORY',
    `query took more memory than its thread has (limit ${printSize(maxBytes)}, --query.max-memory)`,
  );
}

export function threadDied(why: string, cause?: unknown): AppError {
  return new AppError('internal', 'QUERY_THREAD_DIED', `the query's thread died: ${why}`, cause);
}

/** It did not react to being stopped and was ended with its thread. */
export function threadEnded(): AppError {
  return new AppError(
    'internal',
    'QUERY_THREAD_ENDED',
    "the query's thread was ended because the query did not stop in time",
  );
}

/** For a query whose answer was under way when another one brought their thread down. */
export function threadLost(cause: Error): AppError {
  return new AppError(
    'internal',
    'QUERY_THREAD_LOST',
    `the answer broke off because another query on its thread failed: ${cause.message}`,
    cause,
  );
}

/** A face and the threads were built with different languages. */
export function languageUnknown(language: string): AppError {
  return new AppError(
    'internal',
    'QUERY_LANGUAGE_UNKNOWN',
    `threads have no evaluator of the language ${JSON.stringify(language)}`,
  );
}

export function serviceClosed(): AppError {
  return new AppError('unavailable', 'QUERY_CLOSED', 'shutting down');
}
