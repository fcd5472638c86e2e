// Snapshots: hard links to the immutable parts plus the small files that name them. The folder is a
// complete data folder of its own.

import { dirname, join } from 'node:path';
import { TEMPORARY_SUFFIX } from '../runtime/atomic-file.ts';
import { type FileSystem, makeDurableDirectory } from '../runtime/file-system.ts';
import type { TsdbDatabase } from './database.ts';
import { databaseDir, documentsDir, metadataPath, snapshotDir, snapshotsDir } from './filenames.ts';
import type { TsdbOptions } from './options.ts';

/** Makes one of everything that has been flushed; answers its name. Durable when it returns. */
export function makeSnapshot(options: TsdbOptions, databases: Iterable<TsdbDatabase>): string {
  const { fileSystem: fs, dataDir, clock, randomId } = options;
  const stamp = new Date(clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const name = `${stamp}-${randomId().toString(16).padStart(12, '0')}`;
  // It gets its name last, so that a snapshot of that name is always whole.
  const temporary = snapshotDir(dataDir, `.${name}`);
  try {
    for (const database of databases) linkDatabase(fs, database, temporary);
    fs.syncDirectory(temporary);
    fs.rename(temporary, snapshotDir(dataDir, name));
    fs.syncDirectory(snapshotsDir(dataDir));
    fs.syncDirectory(dataDir);
    return name;
  } catch (error) {
    fs.removeTree(temporary);
    throw error;
  }
}

/** Removes what snapshots left that were cut short. */
export function removeUnfinishedSnapshots({ fileSystem: fs, dataDir }: TsdbOptions): void {
  if (!fs.exists(snapshotsDir(dataDir))) return;
  for (const name of fs.readdir(snapshotsDir(dataDir))) {
    if (name.startsWith('.')) fs.removeTree(snapshotDir(dataDir, name));
  }
}

function linkDatabase(fs: FileSystem, database: TsdbDatabase, snapshot: string): void {
  const folder = databaseDir(snapshot, database.name);
  database.parts.linkInto(folder);
  if (fs.exists(database.metadataFile)) {
    fs.link(database.metadataFile, metadataPath(folder));
    fs.syncDirectory(folder);
  }
  linkDocuments(fs, database.parts.dir, folder);
  fs.syncDirectory(dirname(folder));
}

function linkDocuments(fs: FileSystem, from: string, to: string): void {
  const source = documentsDir(from);
  if (!fs.exists(source)) return;
  makeDurableDirectory(fs, documentsDir(to));
  for (const name of fs.readdir(source)) {
    if (name.endsWith(TEMPORARY_SUFFIX)) continue;
    fs.link(join(source, name), join(documentsDir(to), name));
  }
  fs.syncDirectory(documentsDir(to));
}
