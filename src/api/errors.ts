// Errors that only HTTP knows. Those with a status of their own have it in http-errors.ts.

import type { SettingName } from '../config/settings.ts';
import { printDuration } from '../model/duration.ts';
import { printSize } from '../model/size.ts';
import { AppError, errorMessage } from '../runtime/error.ts';

/** A body above the limit, as sent. Final for the sender: the same body will never fit. */
export function bodyTooLarge(limitBytes: number, setting?: SettingName): AppError {
  const flag = setting === undefined ? '' : ` (--${setting})`;
  return new AppError(
    'limit',
    'HTTP_BODY_TOO_LARGE',
    `request body is larger than ${printSize(limitBytes)}${flag}`,
  );
}

/** A body above the limit once it is decompressed. */
export function decodedTooLarge(limitBytes: number): AppError {
  return new AppError(
    'limit',
    'HTTP_DECODED_TOO_LARGE',
    `request body is larger than ${printSize(limitBytes)} after decompression (--limits.max-decoded-size)`,
  );
}

export function bodyTimeout(seconds: number, what: string): AppError {
  return new AppError('timeout', 'HTTP_BODY_TIMEOUT', `request body: ${what} for ${seconds} s`);
}

/** Too many bodies are being received at once. */
export function bodyMemoryExhausted(limitBytes: number): AppError {
  return new AppError(
    'unavailable',
    'HTTP_BODY_MEMORY',
    `overloaded: request bodies in flight take more than ${printSize(limitBytes)} (--limits.body-memory)`,
  );
}

/** The client went away before it had its answer; nobody reads this but the log. */
export function clientGone(): AppError {
  return new AppError('canceled', 'HTTP_CLIENT_GONE', 'client closed the connection');
}

export function unsupportedMedia(message: string): AppError {
  return new AppError('unsupported', 'HTTP_UNSUPPORTED_MEDIA', message);
}

export function routeNotFound(path: string): AppError {
  return new AppError('not_found', 'HTTP_NOT_FOUND', `no such path: ${path.slice(0, 200)}`);
}

export function methodNotAllowed(method: string, allowed: string): AppError {
  return new AppError(
    'bad_data',
    'HTTP_METHOD_NOT_ALLOWED',
    `method ${method} is not allowed here; use ${allowed}`,
  );
}

/** Prometheus' own text, which its clients compare. */
export function adminDisabled(): AppError {
  return new AppError('unavailable', 'HTTP_ADMIN_DISABLED', 'admin APIs disabled');
}

/** Prometheus' own text. */
export function lifecycleDisabled(): AppError {
  return new AppError('unavailable', 'HTTP_LIFECYCLE_DISABLED', 'Lifecycle API is not enabled.');
}

/** Prometheus' status, 500, and the beginning of its text. */
export function notReloaded(cause: unknown): AppError {
  const message = `failed to reload config: ${errorMessage(cause)}`;
  return new AppError('internal', 'HTTP_RELOAD', message, cause);
}

/** Prometheus' own text, and the name of the feature that turns it on. */
export function searchDisabled(): AppError {
  return new AppError(
    'unavailable',
    'HTTP_SEARCH_DISABLED',
    'search API disabled (--enable-feature=search-api)',
  );
}

/** A statement that somebody has ended; InfluxDB's text. */
export function queryInterrupted(): AppError {
  return new AppError('limit', 'INFLUX_QUERY_INTERRUPTED', 'query interrupted');
}

/** InfluxDB's text, and the name of the setting. */
export function queryTimeLimit(limitMs: number): AppError {
  return new AppError(
    'timeout',
    'INFLUX_QUERY_TIMEOUT',
    `query-timeout limit exceeded (${printDuration(limitMs)}, --query.timeout)`,
  );
}

export function exportTimeLimit(limitMs: number): AppError {
  return new AppError(
    'timeout',
    'HTTP_EXPORT_TIMEOUT',
    `the export took longer than ${printDuration(limitMs)} (--export.max-duration); export a shorter time or fewer series at once`,
  );
}

export function tooManyPoints(limit: number): AppError {
  return new AppError(
    'limit',
    'INFLUX_TOO_MANY_POINTS',
    `query would hold more than ${limit} points in memory (--query.max-samples)`,
  );
}

/** InfluxDB's text for a body above its limit. */
export function influxBodyTooLarge(): AppError {
  return new AppError('limit', 'HTTP_BODY_TOO_LARGE', 'Request Entity Too Large');
}

export function fluxUnsupported(): AppError {
  return new AppError(
    'unsupported',
    'INFLUX_FLUX',
    'Flux is not supported: ask in InfluxQL at /query, or in PromQL at /api/v1/query',
  );
}

/** InfluxDB answers 500 where a write names no policy that there is. */
export function policyNotFound(message: string): AppError {
  return new AppError('not_found', 'INFLUX_WRITE_POLICY', message);
}

export function notFound(message: string): AppError {
  return new AppError('not_found', 'HTTP_MISSING', message);
}

export function queryNotFound(id: string): AppError {
  return new AppError(
    'not_found',
    'HTTP_QUERY_NOT_FOUND',
    `no such query is active: ${id.slice(0, 200)}`,
  );
}

/** Something new would open or change what somebody else uses. */
export function databaseTaken(name: string, advice: string = ''): AppError {
  return new AppError(
    'conflict',
    'HTTP_DATABASE_TAKEN',
    `there is a database ${JSON.stringify(name)} already${advice}`,
  );
}

/** A page of another site must not change anything here. */
export function crossSiteRefused(): AppError {
  return new AppError(
    'bad_data',
    'HTTP_CROSS_SITE',
    'refused: the request changes data and comes from a web page of another site',
  );
}

/** The request may come from a web page whose own name has been made to mean this machine. */
export function hostRefused(host: string): AppError {
  return new AppError(
    'bad_data',
    'HTTP_HOST',
    `refused: ${JSON.stringify(host.slice(0, 200))} is not known as a name of this server; if it is one, say so with --web.allowed-hosts`,
  );
}

export function invalidParameter(name: string, reason: string): AppError {
  return new AppError(
    'bad_data',
    'HTTP_PARAMETER',
    `invalid parameter ${JSON.stringify(name)}: ${reason}`,
  );
}

/** What is wrong with a text is said about the parameter that has it; other errors stay as they are. */
export function aboutParameter(name: string, error: unknown): unknown {
  const isText = error instanceof AppError && error.kind === 'bad_data';
  return isText ? invalidParameter(name, error.message) : error;
}

/** A request that is wrong in a way that no parameter names. */
export function badRequest(message: string): AppError {
  return new AppError('bad_data', 'HTTP_BAD_REQUEST', message);
}
