// An engine without threads of its own, on the file system, clock and limits that a test gives it.

import type { AppError } from '../../runtime/error.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { openTsdb, type Tsdb } from '../db.ts';
import type { TsdbOptions } from '../options.ts';
import { FakeClock } from './engine-model.ts';

export const DATA_DIR = '/data';

let lastId = 0;

/**
 * Opens `/data` (or `more.dataDir`). Incarnation ids are never the same twice in one process, segments
 * are small, so that even a short test has several.
 */
export function openInline(
  fileSystem: FileSystem,
  more: Partial<Omit<TsdbOptions, 'fileSystem' | 'threads'>> = {},
): Promise<Tsdb> {
  return openTsdb({
    dataDir: DATA_DIR,
    minFreeBytes: 0,
    walSegmentBytes: 4096,
    clock: new FakeClock(),
    randomId: () => ++lastId,
    onFatal: () => {},
    ...more,
    threads: 'inline',
    fileSystem,
  });
}

/** A figure of the engine that only ever grows. */
export function counter(db: Tsdb, name: string): number {
  const value = db.stats().counters[name];
  if (value === undefined) throw new Error(`no counter ${name}`);
  return value;
}

/** The names of all files below a folder, sorted. */
export function filesBelow(fs: FileSystem, folder: string): string[] {
  if (!fs.exists(folder)) return [];
  return fs.readdir(folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    return fs.stat(path)?.isDirectory ? filesBelow(fs, path) : [path];
  });
}

/** Kind and code of what was thrown: what an answer would be made of. */
export function kindOf(error: unknown): string {
  const { kind, code } = error as Partial<AppError>;
  return kind === undefined ? String(error) : `${kind} ${code}`;
}
