// Errors of configuration. Each says where the value came from: a flag, a variable, or file:line:column.

import { AppError } from '../runtime/error.ts';

/** A setting that cannot be used as it stands; the program does not start. */
export function invalidSetting(where: string, message: string): AppError {
  return new AppError('bad_data', 'CONFIG_INVALID', `${where}: ${message}`);
}

/** A key that no setting has. */
export function unknownSetting(where: string, key: string, suggestion?: string): AppError {
  const hint = suggestion === undefined ? '' : `; did you mean ${JSON.stringify(suggestion)}?`;
  return new AppError(
    'bad_data',
    'CONFIG_UNKNOWN_KEY',
    `${where}: unknown key ${JSON.stringify(key)}${hint}`,
  );
}

/** A configuration file that was asked for and cannot be read. */
export function unreadableFile(file: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AppError('bad_data', 'CONFIG_UNREADABLE', `${file}: cannot be read: ${why}`, cause);
}
