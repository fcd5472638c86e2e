// Errors of part files and manifests.

import { AppError, errorMessage } from '../../runtime/error.ts';

/** The file's bytes are not what was written: it is set aside, and can be restored from a backup. */
export class PartCorruptError extends AppError {
  /** The damaged file. */
  readonly path: string;

  constructor(path: string, what: string, cause?: unknown) {
    super('corrupt', 'TSDB_PART_CORRUPT', `${path}: ${what}`, cause);
    this.path = path;
  }
}

export function partCorrupt(path: string, what: string, cause?: unknown): PartCorruptError {
  return new PartCorruptError(path, what, cause);
}

/** Written by a newer Tidemark; the file is fine. */
export function partNewer(path: string, needed: string): AppError {
  return new AppError(
    'unsupported',
    'TSDB_PART_NEWER',
    `${path} was written by a newer Tidemark (needs ${needed}): upgrade, or restore an older backup`,
  );
}

export function manifestCorrupt(path: string, what: string, cause?: unknown): AppError {
  return new AppError('corrupt', 'TSDB_MANIFEST_CORRUPT', `${path}: ${what}`, cause);
}

export function manifestNewer(path: string, needed: string): AppError {
  return new AppError(
    'unsupported',
    'TSDB_MANIFEST_NEWER',
    `${path} was written by a newer Tidemark (needs ${needed}): upgrade, or restore an older backup`,
  );
}

/** Runs a step of decoding (not of reading files); damage found inside is reported with the place. */
export function decodingPart<T>(path: string, place: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof AppError && error.code === 'TSDB_PART_CORRUPT') throw error;
    throw partCorrupt(path, `${place}: ${errorMessage(error)}`, error);
  }
}
