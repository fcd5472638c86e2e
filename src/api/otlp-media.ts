// Media types of OpenTelemetry's protocol, and its form of errors.

import { encodeStatus, type OtlpEncoding, RpcCode } from '../protocol/otlp/index.ts';

/** An error as HTTP tells it. */
interface Failure {
  readonly status: number;
  readonly message: string;
  /** Set where the same request may succeed later. */
  readonly retryAfterSeconds: number | undefined;
}

export const OTLP_MEDIA_TYPES: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** The encoding that a Content-Type names, parameters aside; undefined for any other. */
export function otlpEncodingOf(contentType: string | undefined): OtlpEncoding | undefined {
  switch ((contentType ?? '').split(';')[0]!.trim().toLowerCase()) {
    case 'application/x-protobuf':
    case 'application/protobuf':
      return 'protobuf';
    case 'application/json':
      return 'json';
    default:
      return undefined;
  }
}

const CODES: ReadonlyMap<number, RpcCode> = new Map<number, RpcCode>([
  [401, RpcCode.unauthenticated],
  [403, RpcCode.permissionDenied],
  [404, RpcCode.notFound],
  [405, RpcCode.unimplemented],
  [413, RpcCode.resourceExhausted],
  [415, RpcCode.unimplemented],
]);

/** gRPC's word for the status of an answer over HTTP. */
export function rpcCodeOf(status: number): RpcCode {
  if (status >= 500) return RpcCode.unavailable;
  return CODES.get(status) ?? RpcCode.invalidArgument;
}

/**
 * Senders throw away what is answered with 500, and come again for 503. A request of which nothing was stored through
 * no fault of its own must not be lost.
 */
export function keptForLater<T extends Failure>(failure: T, retryAfterSeconds: number): T {
  return failure.status === 500 ? { ...failure, status: 503, retryAfterSeconds } : failure;
}

/** An error as google.rpc.Status in the encoding of the request; JSON, which people can read, if that is neither. */
export function renderOtlpFailure(
  { status, message, retryAfterSeconds }: Failure,
  contentType: string | undefined,
): { readonly contentType: string; readonly body: Uint8Array } {
  const encoding = otlpEncodingOf(contentType) ?? 'json';
  const code = rpcCodeOf(status);
  const body = encodeStatus({ code, message, retryAfter: retryAfterSeconds }, encoding);
  return { contentType: OTLP_MEDIA_TYPES[encoding], body };
}
