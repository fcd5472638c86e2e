// Errors of whole commands.

import { AppError } from '../runtime/error.ts';

export function serverUnreachable(server: string, cause: unknown): AppError {
  // fetch says more in the cause of its error.
  const { cause: inner, message } = cause as { cause?: { message?: string }; message?: string };
  const why = inner?.message ?? message ?? String(cause);
  return new AppError(
    'unavailable',
    'CLIENT_UNREACHABLE',
    `no answer from ${server}: ${why}; is 'tidemark serve' running there?`,
    cause,
  );
}

export function serverRefused(server: string, status: number, message: string): AppError {
  return new AppError('bad_data', 'CLIENT_REFUSED', `${server} answered ${status}: ${message}`);
}

/** An export whose end never came: what there is of it is no whole file. */
export function exportBroken(server: string, bytes: number, kept: string): AppError {
  return new AppError(
    'unavailable',
    'CLIENT_EXPORT_BROKEN',
    `${server} broke the export off after ${bytes} bytes; its log says why. ${kept}`,
  );
}

/** A file of another import, or of one with other parameters. */
export function importStateMismatch(path: string, what: string): AppError {
  return new AppError(
    'conflict',
    'CLIENT_IMPORT_STATE',
    `${path} is of an import that differs in ${what}; finish that one, or begin anew with --restart`,
  );
}

export function lineTooLong(file: string, line: number, limit: number): AppError {
  return new AppError(
    'bad_data',
    'CLIENT_LINE_TOO_LONG',
    `${file}: line ${line} is longer than ${limit} bytes`,
  );
}
