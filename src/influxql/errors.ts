// What can go wrong when InfluxQL is executed. Programs compare these messages: where InfluxDB has one, it
// is InfluxDB's to the letter.

import { AppError } from '../runtime/error.ts';

/** A statement failed; statements before it stand. */
export function statementFailed(message: string): AppError {
  return new AppError('bad_data', 'INFLUXQL_FAILED', message);
}

export function unsupported(what: string): AppError {
  return new AppError('bad_data', 'INFLUXQL_UNSUPPORTED', `${what} is not supported`);
}

export function databaseRequired(): AppError {
  return statementFailed('database name required');
}

export function unknownDatabase(name: string): AppError {
  return new AppError('not_found', 'INFLUXQL_DATABASE_NOT_FOUND', `database not found: ${name}`);
}

export function unknownPolicy(name: string): AppError {
  return new AppError(
    'not_found',
    'INFLUXQL_POLICY_NOT_FOUND',
    `retention policy not found: ${name}`,
  );
}

export function invalidName(): AppError {
  return statementFailed('invalid name');
}

export function tooManyFields(limit: number): AppError {
  return new AppError(
    'limit',
    'INFLUXQL_TOO_MANY_FIELDS',
    `more than ${limit} different fields in one retention policy`,
  );
}
