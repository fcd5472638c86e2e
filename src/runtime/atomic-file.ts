// Replaces a file so that a crash at any moment leaves the old or the new content, whole.

import { dirname } from 'node:path';
import type { FileSystem } from './file-system.ts';

/** Ends the name of a file that is being written; what a crash leaves of it may be removed. */
export const TEMPORARY_SUFFIX = '.tmp';

/**
 * Gives `path` the content `bytes`, durably: temporary file, fdatasync, rename, sync of the folder.
 * If it throws, the old content is still there, or (when only the last step failed) either.
 */
export function replaceFile(
  files: FileSystem,
  path: string,
  bytes: Uint8Array,
  permissions?: number,
): void {
  const temporary = path + TEMPORARY_SUFFIX;
  const fd = files.open(temporary, 'replace', permissions);
  try {
    files.write(fd, bytes, 0);
    files.fdatasync(fd);
  } catch (error) {
    files.close(fd);
    removeQuietly(files, temporary);
    throw error;
  }
  files.close(fd);
  files.rename(temporary, path);
  files.syncDirectory(dirname(path));
}

function removeQuietly(files: FileSystem, path: string): void {
  try {
    files.unlink(path);
  } catch {
    // The caller hears of the first error; a left-over is replaced by the next attempt.
  }
}
