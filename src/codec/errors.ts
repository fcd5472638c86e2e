// Codes of the codecs: what the kernel answers, and the errors that callers see.

import { AppError } from '../runtime/error.ts';

/** Negative answers of the codec kernels (kernel/bits.ts, kernel/snappy.ts). */
export const KernelCode = {
  /** The input is not what it claims to be. */
  corrupt: -1,
  /** The result does not fit the room given. */
  noRoom: -2,
  /** An argument is outside its documented range. */
  badArgument: -3,
  /** Snappy only: no sound length in front. */
  badPreamble: -4,
} as const;

/** A snappy block says that it is larger than the caller allows; nothing was allocated for it. */
export function snappyTooLarge(declaredBytes: number, maxBytes: number): AppError {
  return new AppError(
    'bad_data',
    'CODEC_SNAPPY_TOO_LARGE',
    `snappy: decoded size ${declaredBytes} exceeds the limit of ${maxBytes} bytes`,
  );
}

export function snappyCorrupt(offset: number, why: string): AppError {
  return new AppError(
    'bad_data',
    'CODEC_SNAPPY_CORRUPT',
    `snappy: corrupt input at byte ${offset}: ${why}`,
  );
}

/** A block of samples on disk or in memory that its codec cannot read. */
export function blockCorrupt(what: 'time' | 'value', samples: number, bytes: number): AppError {
  return new AppError(
    'corrupt',
    'CODEC_BLOCK_CORRUPT',
    `${what} block of ${samples} samples is malformed (${bytes} bytes given)`,
  );
}

/** The caller handed a block codec something outside its contract. */
export function blockRange(message: string): AppError {
  return new AppError('internal', 'CODEC_BLOCK_RANGE', message);
}

/** A number that is cut off, or larger than its type. */
export function varintCorrupt(offset: number, why: string): AppError {
  return new AppError(
    'corrupt',
    'CODEC_VARINT_CORRUPT',
    `malformed number at byte ${offset}: ${why}`,
  );
}

/** A number cannot be written: it is outside its type or the buffer is full. */
export function varintRange(message: string): AppError {
  return new AppError('internal', 'CODEC_VARINT_RANGE', message);
}
