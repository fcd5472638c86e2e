// The file system as the engine sees it: few synchronous calls, because durable work is done on
// worker threads (libuv's pool would queue a sync behind unrelated work). Tests put
// `faulty-file-system.ts` in its place. System errors pass through with their code (ENOSPC, EIO).

import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { systemErrorCode } from './error.ts';

/**
 * `read`: existing file, reading only. `create`: new file, fails with EEXIST if there is one.
 * `replace`: new or emptied file. `update`: existing file. All but `read` also read and write.
 */
export type OpenMode = 'read' | 'create' | 'replace' | 'update';

export interface FileStat {
  readonly isDirectory: boolean;
  /** Length in bytes; of a directory, nothing meaningful. */
  readonly size: number;
}

export interface FileSystem {
  /** Opens a file and answers its descriptor. A file that is made gets `permissions`, 0o644 by default. */
  open(path: string, mode: OpenMode, permissions?: number): number;
  close(fd: number): void;
  /** Reads until `into` is full or the file ends; answers how many bytes it read. */
  read(fd: number, into: Uint8Array, position: number): number;
  /** Writes all of `bytes`. If it throws, any part of them may have been written. */
  write(fd: number, bytes: Uint8Array, position: number): void;
  /** Writes all parts one after another, otherwise like {@link write}. */
  writeVector(fd: number, parts: readonly Uint8Array[], position: number): void;
  /** Makes the file's data and length durable, but not the directory entry that names it. */
  fdatasync(fd: number): void;
  /** Makes creations, renames and removals in a directory durable. */
  syncDirectory(path: string): void;
  size(fd: number): number;
  truncate(fd: number, size: number): void;

  /** Moves a file or directory in one step; replaces a file of the new name. */
  rename(from: string, to: string): void;
  /** A second name for a file. Fails with EEXIST. */
  link(existing: string, path: string): void;
  unlink(path: string): void;
  /** Makes a directory and those above it; nothing happens if it exists. */
  mkdir(path: string): void;
  /** Names in a directory, sorted. */
  readdir(path: string): string[];
  /** Undefined if there is nothing of that name. */
  stat(path: string): FileStat | undefined;
  exists(path: string): boolean;
  /** Removes a file or a directory with everything in it; nothing happens if there is none. */
  removeTree(path: string): void;
  /** Bytes that an unprivileged writer may still add to the file system that holds `path`. */
  freeBytes(path: string): number;
  readFile(path: string): Uint8Array;
}

const OPEN_FLAGS: Readonly<Record<OpenMode, string>> = {
  read: 'r',
  create: 'wx+',
  replace: 'w+',
  update: 'r+',
};

/** Most parts that one `writev` takes on Linux (IOV_MAX). */
const MAX_PARTS = 1024;

/** The real one. Stateless, so every thread may use it. */
export const nodeFileSystem: FileSystem = {
  open: (path, mode, permissions = 0o644) => fs.openSync(path, OPEN_FLAGS[mode], permissions),
  close: (fd) => fs.closeSync(fd),
  read: readFully,
  write: writeFully,
  writeVector: writeAllParts,
  fdatasync: (fd) => fs.fdatasyncSync(fd),
  syncDirectory,
  size: (fd) => fs.fstatSync(fd).size,
  truncate: (fd, size) => fs.ftruncateSync(fd, size),
  rename: (from, to) => fs.renameSync(from, to),
  link: (existing, path) => fs.linkSync(existing, path),
  unlink: (path) => fs.unlinkSync(path),
  mkdir: (path) => void fs.mkdirSync(path, { recursive: true }),
  readdir: (path) => fs.readdirSync(path).sort(),
  stat: statIfThere,
  exists: (path) => statIfThere(path) !== undefined,
  removeTree: (path) => fs.rmSync(path, { recursive: true, force: true }),
  freeBytes: (path) => {
    const stats = fs.statfsSync(path);
    return stats.bavail * stats.bsize;
  },
  readFile: (path) => fs.readFileSync(path),
};

function readFully(fd: number, into: Uint8Array, position: number): number {
  let done = 0;
  while (done < into.length) {
    const n = fs.readSync(fd, into, done, into.length - done, position + done);
    if (n === 0) break;
    done += n;
  }
  return done;
}

function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) {
    done += fs.writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
}

function writeAllParts(fd: number, parts: readonly Uint8Array[], position: number): void {
  let at = position;
  for (let first = 0; first < parts.length; first += MAX_PARTS) {
    const group = parts.slice(first, first + MAX_PARTS);
    let written = fs.writevSync(fd, group, at);
    // A short write: finish part by part, so that an error is reported and not a gap.
    for (const part of group) {
      if (written < part.length) {
        writeFully(fd, part.subarray(written), at + written);
        written = part.length;
      }
      written -= part.length;
      at += part.length;
    }
  }
}

function syncDirectory(path: string): void {
  const fd = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function statIfThere(path: string): FileStat | undefined {
  try {
    const stats = fs.statSync(path);
    return { isDirectory: stats.isDirectory(), size: stats.size };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Makes a directory, and those above it that are missing, durably. */
export function makeDurableDirectory(files: FileSystem, path: string): void {
  const parent = dirname(path);
  if (files.exists(path)) {
    // It may be there only in the page cache: a crash right after mkdir leaves it so.
    syncIfReadable(files, parent);
    return;
  }
  if (!files.exists(parent)) makeDurableDirectory(files, parent);
  files.mkdir(path);
  files.syncDirectory(parent);
}

// Somebody else's directory above ours may not be readable; then its entries are not ours either.
function syncIfReadable(files: FileSystem, path: string): void {
  try {
    files.syncDirectory(path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
  }
}
