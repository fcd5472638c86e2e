// Errors of whole commands.

import { AppError } from '../runtime/error.ts';

export function serverUnreachable(server: string, cause: unknown): AppError {
  const why = (cause as { cause?: { message?: string } }).cause?.message ?? String(cause);
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
