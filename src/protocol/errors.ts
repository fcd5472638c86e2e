// Error codes of the protocol decoders. All of them are the sender's fault (`bad_data`).

import { AppError } from '../runtime/error.ts';

/** Protobuf that breaks the wire format. `offset` counts bytes of the decoded body. */
export function protobufMalformed(message: string, offset: number, what: string): AppError {
  return new AppError(
    'bad_data',
    'PROTOBUF_MALFORMED',
    `malformed protobuf in ${message} at byte ${offset}: ${what}`,
  );
}

/** JSON that breaks its grammar, or is not what a protocol has at that place. */
export function jsonMalformed(offset: number, what: string): AppError {
  return new AppError('bad_data', 'JSON_MALFORMED', `malformed JSON at byte ${offset}: ${what}`);
}

/** A remote-read request that is well-formed protobuf but asks for something impossible. */
export function readRequestInvalid(what: string): AppError {
  return new AppError('bad_data', 'REMOTE_READ_REQUEST_INVALID', `remote read request: ${what}`);
}

/** None of the response types that the reader accepts is one of ours. */
export function readTypeUnsupported(accepted: readonly number[]): AppError {
  return new AppError(
    'bad_data',
    'REMOTE_READ_TYPE_UNSUPPORTED',
    `server does not support any of the requested response types [${accepted.slice(0, 10).join(' ')}]; supported: SAMPLES (0), STREAMED_XOR_CHUNKS (1)`,
  );
}

/** A remote-read answer of type SAMPLES would hold too many samples. */
export function sampleLimitExceeded(limit: number): AppError {
  return new AppError(
    'bad_data',
    'REMOTE_READ_SAMPLE_LIMIT',
    `exceeded sample limit (${limit}); narrow the query or let the reader accept STREAMED_XOR_CHUNKS`,
  );
}

/** A message being written does not fit. */
export function messageTooLarge(maxBytes: number): AppError {
  return new AppError(
    'limit',
    'PROTOBUF_MESSAGE_TOO_LARGE',
    `answer exceeds ${maxBytes} bytes; narrow the query`,
  );
}

/** What cannot be written in pieces does not fit. */
export function msgpackTooLarge(maxBytes: number): AppError {
  return new AppError(
    'limit',
    'MSGPACK_TOO_LARGE',
    `answer exceeds ${maxBytes} bytes; narrow the query, or ask for it in pieces (chunked=true)`,
  );
}

/** A Parquet file that is damaged or has other columns than ours. */
export function parquetInvalid(what: string, cause?: unknown): AppError {
  return new AppError('bad_data', 'PARQUET_INVALID', `Parquet: ${what}`, cause);
}

/** One that a later version has written. */
export function parquetSchemaUnknown(version: string, known: string): AppError {
  return new AppError(
    'unsupported',
    'PARQUET_SCHEMA_UNKNOWN',
    `Parquet: schema version ${JSON.stringify(version.slice(0, 20))}, and this program knows ${known}; use the version that wrote the file, or a later one`,
  );
}

/** Bytes of a Prometheus chunk that cannot be decoded. */
export function chunkMalformed(kind: string, what: string): AppError {
  return new AppError('bad_data', 'CHUNK_MALFORMED', `malformed ${kind} chunk: ${what}`);
}

/** A frame of a chunked remote-read answer that cannot be trusted. */
export function frameMalformed(offset: number, what: string): AppError {
  return new AppError(
    'bad_data',
    'REMOTE_READ_FRAME_MALFORMED',
    `malformed remote read frame at byte ${offset}: ${what}`,
  );
}

/** What OpenTSDB's clients ask for in a way that it does not take; the texts are its own. */
export function opentsdbRequest(message: string): AppError {
  return new AppError('bad_data', 'OPENTSDB_REQUEST', message);
}
