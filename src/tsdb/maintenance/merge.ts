// Merges sections of one day, neighbours in commit order, into one section of a new part.

import { BlockCodec } from '../../codec/block-codec.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { mergeSections } from '../partition/merge.ts';
import { PartReader } from '../partition/part-reader.ts';
import { type PartInfo, PartWriter } from '../partition/part-writer.ts';
import { compileTombstone, type Tombstone } from '../tombstones.ts';

export interface MergeJob {
  readonly kind: 'merge';
  readonly database: string;
  readonly incarnation: number;
  readonly minSeq: number;
  readonly maxSeq: number;
  /** Ascending by seq; each a part file and the number of a section in it. */
  readonly inputs: readonly { readonly path: string; readonly section: number }[];
  readonly tombstones: readonly Tombstone[];
  /** Deflate the pages: for days that are over. */
  readonly compress: boolean;
  readonly path: string;
}

/** Undefined if deletes left nothing to keep. */
export type MergeResult = PartInfo | undefined;

export function mergeParts(fs: FileSystem, job: MergeJob): MergeResult {
  const readers = new Map<string, PartReader>();
  const { database, incarnation, minSeq, maxSeq } = job;
  const writer = new PartWriter(fs, job.path, { database, incarnation, minSeq, maxSeq });
  try {
    const inputs = job.inputs.map(({ path, section }) => {
      const reader = readers.get(path) ?? PartReader.open(fs, path);
      readers.set(path, reader);
      return reader.sections[section]!;
    });
    const kept = mergeSections(
      inputs,
      job.tombstones.map(compileTombstone),
      writer,
      new BlockCodec(),
      {
        compress: job.compress,
      },
    );
    if (kept === 0) {
      writer.abort();
      return undefined;
    }
    return writer.finish();
  } catch (error) {
    writer.abort();
    throw error;
  } finally {
    for (const reader of readers.values()) reader.close();
  }
}
