// Small texts that layers above keep with a database: one file each, replaced as a whole.

import { replaceFile } from '../runtime/atomic-file.ts';
import { checksumProblem, withChecksum } from '../runtime/checked-json.ts';
import { errorMessage } from '../runtime/error.ts';
import { type FileSystem, makeDurableDirectory } from '../runtime/file-system.ts';
import { documentPath, documentsDir } from './filenames.ts';

const FORMAT_VERSION = 1;

/** A document's text, or why there is none: `problem` undefined means that none was ever kept. */
export type ReadDocument =
  | { readonly text: string }
  | { readonly text: undefined; readonly problem: string | undefined };

/** `database` is its folder; the name must have passed `isDocumentName`. */
export function readDocument(fs: FileSystem, database: string, name: string): ReadDocument {
  const path = documentPath(database, name);
  if (!fs.exists(path)) return { text: undefined, problem: undefined };
  return readDocumentFile(fs, path);
}

export function readDocumentFile(fs: FileSystem, path: string): ReadDocument {
  try {
    const content = Buffer.from(fs.readFile(path)).toString('utf8');
    const problem = checksumProblem(content);
    if (problem !== undefined) return { text: undefined, problem };
    const file = JSON.parse(content) as { formatVersion: number; text: string };
    return file.formatVersion === FORMAT_VERSION
      ? { text: file.text }
      : { text: undefined, problem: `format version ${file.formatVersion}` };
  } catch (error) {
    return { text: undefined, problem: errorMessage(error) };
  }
}

/** Durable when it returns. */
export function writeDocument(fs: FileSystem, database: string, name: string, text: string): void {
  makeDurableDirectory(fs, documentsDir(database));
  const body = `{\n"formatVersion": ${FORMAT_VERSION},\n"text": ${JSON.stringify(text)},`;
  replaceFile(fs, documentPath(database, name), Buffer.from(withChecksum(body)));
}
