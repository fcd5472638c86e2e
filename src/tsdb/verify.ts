// Checks a data folder that no process uses: every checksum of every file, and what the files say of
// each other. Reads only.

import { join } from 'node:path';
import { AppError, errorMessage } from '../runtime/error.ts';
import { type FileSystem, nodeFileSystem } from '../runtime/file-system.ts';
import {
  databaseDir,
  databasesDir,
  manifestPath,
  metadataPath,
  parsePartName,
  partsDir,
  previousManifestPath,
  walDir,
} from './filenames.ts';
import { MetadataStore } from './metadata-store.ts';
import { type Manifest, parseManifest } from './partition/manifest.ts';
import { PartReader } from './partition/part-reader.ts';
import { checkLog } from './wal/reader.ts';

export interface Verdict {
  readonly path: string;
  readonly ok: boolean;
  /** What was checked, or what is wrong. */
  readonly message: string;
}

/** One verdict per file. Throws `not_found` TSDB_NO_DATA if the folder holds no data at all. */
export async function* verifyData(
  dataDir: string,
  fs: FileSystem = nodeFileSystem,
): AsyncGenerator<Verdict> {
  if (!fs.exists(databasesDir(dataDir))) {
    throw new AppError('not_found', 'TSDB_NO_DATA', `${dataDir} is not a data folder of Tidemark`);
  }
  yield* verifyLog(fs, walDir(dataDir));
  for (const name of fs.readdir(databasesDir(dataDir))) {
    if (!name.startsWith('.')) yield* verifyDatabase(fs, databaseDir(dataDir, name));
  }
}

function* verifyLog(fs: FileSystem, dir: string): Generator<Verdict> {
  if (!fs.exists(dir)) return;
  for (const { path, records, damage } of checkLog(fs, dir)) {
    const ok = damage.every(({ isTornTail }) => isTornTail);
    const notes = damage.map(({ message }) => message).join('; ');
    yield { path, ok, message: notes === '' ? `${records} records` : notes };
  }
}

function* verifyDatabase(fs: FileSystem, dir: string): Generator<Verdict> {
  let manifest: Manifest | undefined;
  for (const path of [manifestPath(dir), previousManifestPath(dir)]) {
    if (!fs.exists(path)) continue;
    try {
      const found = parseManifest(path, fs.readFile(path));
      if (path === manifestPath(dir)) manifest = found;
      yield { path, ok: true, message: `${found.sections.length} sections` };
    } catch (error) {
      yield { path, ok: false, message: errorMessage(error) };
    }
  }
  if (fs.exists(metadataPath(dir))) {
    const problem = new MetadataStore().load(fs, metadataPath(dir));
    yield { path: metadataPath(dir), ok: problem === undefined, message: problem ?? 'metadata' };
  }
  const names = new Set(fs.exists(partsDir(dir)) ? fs.readdir(partsDir(dir)) : []);
  for (const { file } of manifest?.sections ?? []) names.add(file);
  for (const name of names) {
    if (parsePartName(name) !== undefined) yield verifyPart(fs, join(partsDir(dir), name));
  }
}

function verifyPart(fs: FileSystem, path: string): Verdict {
  if (!fs.exists(path)) return { path, ok: false, message: 'the manifest lists it, it is missing' };
  try {
    const reader = PartReader.open(fs, path);
    try {
      const problems = reader.verify();
      const { sections } = reader.info;
      const samples = sections.reduce((sum, section) => sum + section.samples, 0);
      return problems.length > 0
        ? { path, ok: false, message: problems.join('; ') }
        : { path, ok: true, message: `${sections.length} sections, ${samples} samples` };
    } finally {
      reader.close();
    }
  } catch (error) {
    return { path, ok: false, message: errorMessage(error) };
  }
}
