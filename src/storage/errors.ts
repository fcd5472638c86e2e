// Errors of the storage seam and the reasons for which a sample is refused.

import { AppError } from '../runtime/error.ts';

/** Why samples were refused; also the `reason` label of the counter, so these strings are stable. */
export const REJECT_REASONS = [
  'missing_metric_name',
  'invalid_label_name',
  'invalid_label_value',
  'duplicate_label',
  'too_many_labels',
  'label_name_too_long',
  'label_value_too_long',
  'too_far_in_future',
  'outside_retention',
  'invalid_timestamp',
  'invalid_histogram',
  'invalid_exemplar',
  'invalid_symbols',
  'empty_series',
  'series_quota',
  'invalid_metric',
  'unsupported_temporality',
  'invalid_delta',
  'too_many_delta_series',
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/** A part of a write that can never be accepted: refused and counted, the rest is stored. */
export interface Rejection {
  readonly reason: RejectReason;
  /** The series as printed by `printLabels`, cut to a reasonable length. */
  readonly series: string;
  /** One sentence with the limit and the value that passed it. */
  readonly message: string;
  /** How many of each kind this refusal covers. */
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

export function databaseNotFound(name: string): AppError {
  return new AppError(
    'not_found',
    'STORAGE_DATABASE_NOT_FOUND',
    `database not found: ${JSON.stringify(name)}; create it with 'tidemark databases create ${name}' or POST /query?q=CREATE DATABASE "${name}"`,
  );
}

export function invalidDatabaseName(name: string): AppError {
  return new AppError(
    'bad_data',
    'STORAGE_DATABASE_NAME',
    `invalid database name ${JSON.stringify(name.slice(0, 80))}: use 1 to 64 letters, digits, '_', '-', '.' or ':', not starting with '.'`,
  );
}

/** The store cannot take the write now; nothing of it was stored and a retry may succeed. */
export function unavailable(code: string, message: string, cause?: unknown): AppError {
  return new AppError('unavailable', code, message, cause);
}

/** A database has taken what it may of something; the same write may be taken later. */
export function quotaExceeded(
  database: string,
  quota: string,
  limit: number,
  state: string = 'it is reached',
): AppError {
  return unavailable(
    'STORAGE_QUOTA',
    `quota ${quota} of database ${JSON.stringify(database)} is ${limit}, ${state}: come back later`,
  );
}

export function invalidRegexp(pattern: string, why: string): AppError {
  return new AppError(
    'bad_data',
    'STORAGE_INVALID_REGEXP',
    `invalid regular expression ${JSON.stringify(pattern)}: ${why}`,
  );
}
