// Errors of a remote-write body that cannot be taken in at all. Nothing of such a body is stored.

import {
  SCAN_BAD_LENGTH,
  SCAN_BAD_TAG,
  SCAN_BAD_VARINT,
  SCAN_BAD_WIRE_TYPE,
} from '../../../kernel/write-request-layout.ts';
import { AppError } from '../../runtime/error.ts';

export function compressedTooLarge(bytes: number, limit: number): AppError {
  return new AppError(
    'limit',
    'WRITE_COMPRESSED_TOO_LARGE',
    `remote-write body of ${bytes} bytes: the limit is ${limit}; send smaller batches`,
  );
}

export function decodedTooLarge(bytes: number, limit: number): AppError {
  return new AppError(
    'bad_data',
    'WRITE_DECODED_TOO_LARGE',
    `remote-write body declares ${bytes} decoded bytes: the limit is ${limit}; send smaller batches`,
  );
}

/** Only where the address space is so short (`ulimit -v`) that the columns had to be cut down. */
export function tooManyRows(maxRows: number): AppError {
  return new AppError(
    'limit',
    'TSDB_WRITE_TOO_MANY_ROWS',
    `remote-write body has more than ${maxRows} samples or series; send smaller batches`,
  );
}

export function invalidSnappy(why: string): AppError {
  return new AppError('bad_data', 'TSDB_WRITE_SNAPPY', `remote-write body: ${why}`);
}

const FAULTS: Readonly<Record<number, string>> = {
  [SCAN_BAD_VARINT]: 'a varint that is cut off or too long',
  [SCAN_BAD_LENGTH]: 'a value that passes the end of its message',
  [SCAN_BAD_TAG]: 'a field number out of range',
  [SCAN_BAD_WIRE_TYPE]: 'a wire type that is not allowed there',
};

export function invalidProtobuf(code: number, offset: number): AppError {
  return new AppError(
    'bad_data',
    'TSDB_WRITE_PROTOBUF',
    `remote-write body is not a prometheus.WriteRequest: the field at decoded offset ${offset} has ${FAULTS[code] ?? `fault ${code}`}`,
  );
}

export function tooLittleMemory(bytes: number): AppError {
  return new AppError(
    'unavailable',
    'TSDB_SCANNER_MEMORY',
    `only ${bytes} bytes of address space for the remote-write scanner: raise the limit (ulimit -v) or lower the limits of body sizes`,
  );
}
