// A view of a database that was pinned on the main thread, opened for reading on another. Part files are
// opened here and kept open from query to query; heads and registries are read in the memory that the main
// thread goes on writing to.

import type { TimeRange } from '../../model/time-range.ts';
import { type FileSystem, nodeFileSystem } from '../../runtime/file-system.ts';
import type { Querier } from '../../storage/interface.ts';
import { MemoryIndex } from '../index/memory-index.ts';
import type { FrozenRegistry } from '../index/registry-columns.ts';
import { compileTombstone, type Tombstone, type TombstoneTarget } from '../tombstones.ts';
import { HeadSource } from './head-source.ts';
import { TsdbQuerier } from './querier.ts';
import { SectionSource } from './section-source.ts';
import type { Source } from './source.ts';
import { keepHeads, threadHeadReader, threadLabelCache } from './thread-heads.ts';
import { ThreadParts } from './thread-parts.ts';

/** Plain data and shared buffers: can be posted to any thread of this process. */
export interface SharedViewDescriptor {
  readonly range: TimeRange;
  /** Lowest priority first. */
  readonly sections: readonly SharedSection[];
  readonly tombstones: readonly Tombstone[];
  /** Higher in priority than all sections; lowest first. */
  readonly heads: readonly SharedHead[];
  /** Ids of all heads that hold unflushed data. */
  readonly liveHeads: readonly number[];
  readonly liveParts: LiveParts;
}

export interface SharedSection extends TombstoneTarget {
  /** The part file and the number of the section in it. */
  readonly path: string;
  readonly section: number;
}

export interface SharedHead {
  /** A number that no other head of the process has. */
  readonly id: number;
  /** Its memory's. The memory itself would leave a trace in each thread, for good, whenever it is posted. */
  readonly buffer: ArrayBufferLike;
  /** Of this database alone. */
  readonly registry: FrozenRegistry;
}

/** The part files of all databases that queries may still be about. */
export interface LiveParts {
  /** Grows with every change of the list. */
  readonly version: number;
  /** Separated by line feeds. */
  readonly paths: string;
}

let parts: ThreadParts | undefined;

/**
 * Opens a descriptor of `Database.share` as this thread's own querier; to be closed before the view is
 * released. Where a part is damaged, reading throws PartCorruptError: its `path` and `message` are for
 * `SharedView.damaged`. `checkpoint` is called in work that may be long, and ends it by throwing. Throws
 * TSDB_PART_CORRUPT and system errors if a part cannot be opened.
 */
export function openSharedView(
  descriptor: SharedViewDescriptor,
  checkpoint: () => void = () => {},
  fileSystem: FileSystem = nodeFileSystem,
): Querier {
  if (parts?.fileSystem !== fileSystem) {
    parts?.close();
    parts = new ThreadParts(fileSystem);
  }
  const mine = parts;
  mine.keep(descriptor.liveParts);
  keepHeads(descriptor.liveHeads);
  const used: string[] = [];
  const release = (): void => {
    for (const path of used) mine.release(path);
  };
  try {
    const tombstones = descriptor.tombstones.map(compileTombstone);
    /** Of the sources: their places among the view's sections and heads. */
    const places = descriptor.sections.map((_, place) => place);
    const sources: Source[] = descriptor.sections.map((entry) => {
      const part = mine.open(entry.path);
      used.push(entry.path);
      return new SectionSource(entry, part.sections[entry.section]!, tombstones);
    });
    for (const [i, head] of descriptor.heads.entries()) {
      const [database] = head.registry.databases;
      // A database that was dropped meanwhile has no labels any more.
      if (database === undefined) continue;
      const cache = threadLabelCache(head.registry.id, database.dbId);
      const index = new MemoryIndex(head.registry, database, cache);
      sources.push(new HeadSource(index, threadHeadReader(head.id, head)));
      places.push(descriptor.sections.length + i);
    }
    const hooks = { release, damaged: () => {}, checkpoint };
    return new TsdbQuerier(descriptor.range, sources, hooks, places);
  } catch (error) {
    release();
    throw error;
  }
}
