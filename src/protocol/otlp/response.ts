// Answers: ExportMetricsServiceResponse for what was taken, google.rpc.Status for what was not, each in the
// encoding of the request.

import { ProtobufWriter } from '../protobuf-writer.ts';

export type OtlpEncoding = 'protobuf' | 'json';

/** Numbers of google.rpc.Code, which are those of gRPC. */
export const RpcCode = {
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;
export type RpcCode = (typeof RpcCode)[keyof typeof RpcCode];

export interface ExportAnswer {
  /** Data points that were refused for good. */
  readonly rejectedPoints: number;
  /** Why; with no refused points, a warning. '' for neither. */
  readonly message: string;
}

/** All of it, or a part: senders must not send it again in either case. */
export function encodeExportAnswer(answer: ExportAnswer, encoding: OtlpEncoding): Uint8Array {
  const { rejectedPoints, message } = answer;
  const isPartial = rejectedPoints > 0 || message !== '';
  if (encoding === 'json') {
    const partialSuccess = {
      ...(rejectedPoints > 0 && { rejectedDataPoints: String(rejectedPoints) }),
      ...(message !== '' && { errorMessage: message }),
    };
    return jsonBytes(isPartial ? { partialSuccess } : {});
  }
  const writer = new ProtobufWriter(256);
  if (isPartial) {
    const start = writer.beginMessage(1);
    if (rejectedPoints > 0) writer.uint(1, rejectedPoints);
    if (message !== '') writer.string(2, message);
    writer.endMessage(start);
  }
  return writer.finish();
}

export interface RpcStatus {
  readonly code: RpcCode;
  readonly message: string;
  /** Seconds after which the sender may come again; undefined if it need not. */
  readonly retryAfter: number | undefined;
}

const TYPES = 'type.googleapis.com/google.rpc';

/** With a BadRequest among the details for bad data, and a RetryInfo for what passes. */
export function encodeStatus(status: RpcStatus, encoding: OtlpEncoding): Uint8Array {
  return encoding === 'json' ? jsonBytes(statusJson(status)) : statusProtobuf(status);
}

function statusJson({ code, message, retryAfter }: RpcStatus): unknown {
  const details = [];
  if (code === RpcCode.invalidArgument) {
    const violation = { field: '', description: message };
    details.push({ '@type': `${TYPES}.BadRequest`, fieldViolations: [violation] });
  }
  if (retryAfter !== undefined) {
    details.push({ '@type': `${TYPES}.RetryInfo`, retryDelay: `${retryAfter}s` });
  }
  return { code, message, ...(details.length > 0 && { details }) };
}

function statusProtobuf({ code, message, retryAfter }: RpcStatus): Uint8Array {
  const writer = new ProtobufWriter(256);
  writer.uint(1, code);
  writer.string(2, message);
  if (code === RpcCode.invalidArgument) {
    writeDetail(writer, 'BadRequest', () => {
      const violation = writer.beginMessage(1);
      writer.string(2, message);
      writer.endMessage(violation);
    });
  }
  if (retryAfter !== undefined) {
    writeDetail(writer, 'RetryInfo', () => {
      const delay = writer.beginMessage(1);
      writer.uint(1, retryAfter);
      writer.endMessage(delay);
    });
  }
  return writer.finish();
}

/** One google.protobuf.Any. */
function writeDetail(writer: ProtobufWriter, type: string, writeFields: () => void): void {
  const any = writer.beginMessage(3);
  writer.string(1, `${TYPES}.${type}`);
  const value = writer.beginMessage(2);
  writeFields();
  writer.endMessage(value);
  writer.endMessage(any);
}

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
