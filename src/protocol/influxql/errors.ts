// What can be wrong with InfluxQL. Users read these messages and programs compare them, so they are
// InfluxDB's to the letter.

import { AppError } from '../../runtime/error.ts';

/** A text that is no InfluxQL: the whole request is refused. */
export function parseError(message: string): AppError {
  return new AppError('bad_data', 'INFLUXQL_PARSE', `error parsing query: ${message}`);
}

/** Values for `$name` that are not a JSON object. */
export function parametersMalformed(what: string): AppError {
  return new AppError('bad_data', 'INFLUXQL_PARAMETERS', `error parsing query parameters: ${what}`);
}

/** A number among the values for `$name` that is neither a float nor an int64. */
export function parameterNumberInvalid(what: string): AppError {
  return new AppError('bad_data', 'INFLUXQL_PARAMETERS', `error parsing json value: ${what}`);
}

/** A statement that can be read and makes no sense: it fails, statements before it stand. */
export function statementInvalid(message: string): AppError {
  return new AppError('bad_data', 'INFLUXQL_INVALID', message);
}
