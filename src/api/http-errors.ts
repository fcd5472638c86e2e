// The one mapping from an error to an HTTP answer: kind → status and Prometheus errorType. Faces
// differ only in how they write it down.

import { AppError, type ErrorKind, errorMessage } from '../runtime/error.ts';
import { printString } from './influx/cells.ts';
import { keptForLater, renderOtlpFailure } from './otlp-media.ts';

/** How a face writes an error: plain text, Prometheus' JSON envelope, or the JSON of others. */
export type ErrorShape = 'text' | 'prometheus' | 'influx' | 'opentsdb' | 'datadog' | 'otlp';

export interface HttpFailure {
  readonly status: number;
  /** As Prometheus names classes of errors. */
  readonly errorType: string;
  readonly message: string;
  /** Set where the same request may succeed later. */
  readonly retryAfterSeconds: number | undefined;
}

interface KindMapping {
  readonly status: number;
  readonly errorType: string;
}

const BY_KIND: Readonly<Record<ErrorKind, KindMapping>> = {
  bad_data: { status: 400, errorType: 'bad_data' },
  not_found: { status: 404, errorType: 'not_found' },
  conflict: { status: 409, errorType: 'conflict' },
  canceled: { status: 499, errorType: 'canceled' },
  timeout: { status: 503, errorType: 'timeout' },
  limit: { status: 422, errorType: 'execution' },
  unavailable: { status: 503, errorType: 'unavailable' },
  unsupported: { status: 501, errorType: 'unsupported' },
  corrupt: { status: 500, errorType: 'internal' },
  internal: { status: 500, errorType: 'internal' },
};

/** Errors of HTTP itself, for which it has statuses of their own. */
const BY_CODE: Readonly<Record<string, KindMapping>> = {
  HTTP_BODY_TOO_LARGE: { status: 413, errorType: 'bad_data' },
  HTTP_DECODED_TOO_LARGE: { status: 413, errorType: 'bad_data' },
  HTTP_UNSUPPORTED_MEDIA: { status: 415, errorType: 'not_acceptable' },
  HTTP_METHOD_NOT_ALLOWED: { status: 405, errorType: 'bad_data' },
  ACCESS_UNAUTHENTICATED: { status: 401, errorType: 'unauthorized' },
  // InfluxDB's statuses.
  INFLUX_WRITE_POLICY: { status: 500, errorType: 'unavailable' },
  INFLUX_FLUX: { status: 403, errorType: 'unsupported' },
  ACCESS_FORBIDDEN: { status: 403, errorType: 'forbidden' },
  HTTP_CROSS_SITE: { status: 403, errorType: 'bad_data' },
  HTTP_HOST: { status: 403, errorType: 'bad_data' },
  HTTP_LIFECYCLE_DISABLED: { status: 403, errorType: 'unavailable' },
  // Prometheus answers 500 here, and its clients' tests expect that.
  HTTP_SEARCH_DISABLED: { status: 500, errorType: 'unavailable' },
  HTTP_ADMIN_DISABLED: { status: 500, errorType: 'unavailable' },
};

/** Overload and restarts pass in seconds; senders add their own backoff to this. */
const RETRY_AFTER_SECONDS = 5;

/** Errors may quote what was sent; an answer stays readable all the same. */
const MAX_MESSAGE_LENGTH = 4096;

export function describeFailure(error: unknown): HttpFailure {
  const { status, errorType } = mappingOf(error);
  const text = errorMessage(error);
  return {
    status,
    errorType,
    message: text.length > MAX_MESSAGE_LENGTH ? `${text.slice(0, MAX_MESSAGE_LENGTH)}…` : text,
    retryAfterSeconds: status === 503 ? RETRY_AFTER_SECONDS : undefined,
  };
}

function mappingOf(error: unknown): KindMapping {
  if (error instanceof AppError) return BY_CODE[error.code] ?? BY_KIND[error.kind];
  // What the HTTP library itself refuses (a malformed URL) carries a status.
  const { statusCode } = error as { statusCode?: unknown };
  const isClientError = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return isClientError ? { status: statusCode, errorType: 'bad_data' } : BY_KIND.internal;
}

/** WWW-Authenticate of a 401: what a browser shows when it asks for a password. */
export const REALMS: Readonly<Record<ErrorShape, string>> = {
  text: 'Basic realm="remote-write"',
  prometheus: 'Basic realm="Tidemark"',
  influx: 'Basic realm="InfluxDB"',
  opentsdb: 'Basic realm="OpenTSDB"',
  datadog: 'Basic realm="DataDog"',
  otlp: 'Basic realm="OpenTelemetry"',
};

/** The failure as senders of a face must be told it. */
export function failureFor(shape: ErrorShape, failure: HttpFailure): HttpFailure {
  return shape === 'otlp' ? keptForLater(failure, RETRY_AFTER_SECONDS) : failure;
}

/** Body and Content-Type of an error answer; `requestType` is the Content-Type of what it answers. */
export function renderFailure(
  failure: HttpFailure,
  shape: ErrorShape,
  requestType?: string,
): { readonly contentType: string; readonly body: string | Uint8Array } {
  switch (shape) {
    case 'otlp':
      return renderOtlpFailure(failure, requestType);
    case 'text':
      return { contentType: 'text/plain; charset=utf-8', body: `${failure.message}\n` };
    case 'prometheus': {
      const { errorType, message: error } = failure;
      return {
        contentType: 'application/json',
        body: JSON.stringify({ status: 'error', errorType, error }),
      };
    }
    case 'influx':
      if (failure.status === 405) {
        return { contentType: 'text/plain; charset=utf-8', body: 'Method Not Allowed\n' };
      }
      return {
        contentType: 'application/json',
        body: `{"error":${printString(failure.message)}}\n`,
      };
    case 'opentsdb':
      return {
        contentType: 'application/json; charset=UTF-8',
        body: JSON.stringify({ error: { code: failure.status, message: failure.message } }),
      };
    case 'datadog':
      return {
        contentType: 'application/json',
        body: JSON.stringify({ errors: [failure.message] }),
      };
  }
}
