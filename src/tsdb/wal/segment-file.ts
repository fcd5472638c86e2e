// Gets the bytes of a segment, in big reads, around sectors that the disk cannot read.

import { errorMessage } from '../../runtime/error.ts';
import type { FileSystem } from '../../runtime/file-system.ts';

/** No segment of ours is longer; a longer file is not read at all. */
export const MAX_SEGMENT_BYTES = 0x7fff_0000;

/** How finely it searches for what can still be read, in bytes: a page of the page cache. */
const RESCUE_BYTES = 4096;

const ROUND_BYTES = 1024 * 1024;

export interface SegmentFile {
  /** The whole file, a view of `buffer`. */
  readonly bytes: Uint8Array;
  /** The buffer to pass in next time. */
  readonly buffer: Uint8Array;
  /** Why nothing could be read. */
  readonly error: string | undefined;
}

/** Memory of a thread's own. */
export function newOwnBuffer(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes);
}

/**
 * Reads a whole segment into `buffer`, or a larger one that `newBuffer` makes. Pieces that fail to read are zeros, which
 * never pass for a record.
 */
export function readSegmentFile(
  files: FileSystem,
  path: string,
  buffer: Uint8Array,
  newBuffer: (sizeBytes: number) => Uint8Array = newOwnBuffer,
): SegmentFile {
  let fd: number | undefined;
  try {
    fd = files.open(path, 'read');
    const size = files.size(fd);
    if (size > MAX_SEGMENT_BYTES) throw new Error(`${size} bytes are too many for a segment`);
    const enough = size <= buffer.length ? buffer : newBuffer(roundUp(size));
    const bytes = enough.subarray(0, size);
    return { bytes: readOrRescue(files, fd, bytes), buffer: enough, error: undefined };
  } catch (error) {
    return { bytes: new Uint8Array(0), buffer, error: `${path}: ${errorMessage(error)}` };
  } finally {
    if (fd !== undefined) files.close(fd);
  }
}

// Segments differ a little in length; the buffer should serve for the next one too.
function roundUp(size: number): number {
  return Math.ceil(size / ROUND_BYTES) * ROUND_BYTES;
}

function readOrRescue(files: FileSystem, fd: number, bytes: Uint8Array): Uint8Array {
  try {
    return bytes.subarray(0, files.read(fd, bytes, 0));
  } catch {
    for (let at = 0; at < bytes.length; at += RESCUE_BYTES) {
      const piece = bytes.subarray(at, at + RESCUE_BYTES);
      try {
        files.read(fd, piece, at);
      } catch {
        piece.fill(0);
      }
    }
    return bytes;
  }
}
