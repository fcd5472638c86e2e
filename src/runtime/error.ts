// The one error type of the project. Every folder declares its codes in its own `errors.ts`;
// `api/http-errors.ts` is the only place that turns a kind into an HTTP status.

/** What class of failure it is; decides the HTTP status and whether a retry can help. */
export type ErrorKind =
  | 'bad_data'
  | 'not_found'
  | 'conflict'
  | 'canceled'
  | 'timeout'
  | 'limit'
  | 'unavailable'
  | 'unsupported'
  | 'corrupt'
  | 'internal';

/** Every expected failure. `code` is stable and greppable (`TSDB_WAL_TORN_RECORD`); `message` says what, where and what to do. */
export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly kind: ErrorKind;
  readonly code: string;

  constructor(kind: ErrorKind, code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.code = code;
  }
}

/** The text of anything thrown, for logs and answers. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `code` of a Node system error (`ENOSPC`), else undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
