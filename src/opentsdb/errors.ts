// Errors of OpenTSDB's queries.

import { AppError } from '../runtime/error.ts';

/** Nothing matches a sub-query in its range. Whether that is an error depends on whether its names are known at all. */
export function noSeries(metric: string): AppError {
  return new AppError('not_found', 'OPENTSDB_NO_SERIES', `no series of ${metric}`);
}

/** OpenTSDB's text for a name that it has never heard. `kind` is `metrics`, `tagk` or `tagv`. */
export function noSuchName(kind: string, name: string): AppError {
  return new AppError('bad_data', 'OPENTSDB_NO_SUCH_NAME', `No such name for '${kind}': '${name}'`);
}
