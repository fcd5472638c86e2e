// Errors of who may do what. Texts that InfluxDB's users and programs know are InfluxDB's own.

import { AppError } from '../runtime/error.ts';

/** Nobody we know, or not proven to be: 401. Never says which of name and password was wrong. */
export function unauthenticated(message: string): AppError {
  return withoutStack(() => new AppError('bad_data', 'ACCESS_UNAUTHENTICATED', message));
}

/** Known, but not allowed to do this: 403. */
export function forbidden(message: string): AppError {
  return new AppError('bad_data', 'ACCESS_FORBIDDEN', message);
}

/**
 * Not looked at, because too many attempts failed or too many are waiting. A sender must try again: whether the
 * password was right is not known.
 */
export function throttled(why: string): AppError {
  const message = `not authenticated yet: ${why}`;
  return withoutStack(() => new AppError('unavailable', 'ACCESS_THROTTLED', message));
}

/**
 * Where an error came from is of no interest where strangers cause it by the thousand, and finding out costs more
 * than the rest of the refusal (`bench/auth-flood.ts`).
 */
function withoutStack(make: () => AppError): AppError {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

export function userNotFound(): AppError {
  return new AppError('not_found', 'ACCESS_USER_NOT_FOUND', 'user not found');
}

export function userExists(): AppError {
  return new AppError('conflict', 'ACCESS_USER_EXISTS', 'user already exists');
}

/** With authentication on, somebody must be left who can let others in. */
export function lastAdmin(): AppError {
  return new AppError(
    'conflict',
    'ACCESS_LAST_ADMIN',
    'this is the last administrator: make another one first, or restart without --auth',
  );
}

export function invalidUserName(why: string): AppError {
  return new AppError('bad_data', 'ACCESS_USER_NAME', `invalid user name: ${why}`);
}

export function invalidPassword(why: string): AppError {
  return new AppError('bad_data', 'ACCESS_PASSWORD', `invalid password: ${why}`);
}

export function keyNotFound(): AppError {
  return new AppError('not_found', 'ACCESS_KEY_NOT_FOUND', 'key not found');
}

export function invalidKey(why: string): AppError {
  return new AppError('bad_data', 'ACCESS_KEY', `invalid key: ${why}`);
}

export function remoteWriteNotFound(): AppError {
  return new AppError('not_found', 'ACCESS_REMOTE_WRITE_NOT_FOUND', 'remote write not found');
}

export function remoteWriteExists(name: string): AppError {
  return new AppError(
    'conflict',
    'ACCESS_REMOTE_WRITE_EXISTS',
    `there is a remote write called ${JSON.stringify(name)} already`,
  );
}

export function invalidRemoteWrite(why: string): AppError {
  return new AppError('bad_data', 'ACCESS_REMOTE_WRITE', `invalid remote write: ${why}`);
}

/**
 * Its sender is told to come back, not that it is forbidden: Prometheus throws away what is refused with 403, and whoever
 * disabled it may want the data of that time.
 */
export function remoteWriteDisabled(name: string): AppError {
  return withoutStack(
    () =>
      new AppError(
        'unavailable',
        'ACCESS_REMOTE_WRITE_DISABLED',
        `remote write ${JSON.stringify(name)} is disabled: keep the data and try again later`,
      ),
  );
}

/** The server does not start: without the file it would not know whom to let in. */
export function accessFileUnusable(path: string, why: string): AppError {
  return new AppError(
    'corrupt',
    'ACCESS_FILE',
    `${path}: ${why}; put a good copy in its place, or remove it to start without users and keys`,
  );
}
