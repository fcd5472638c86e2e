// The part files that a thread has open. A file stays open while it is live or a query reads it; once the
// thread has had nothing to read for a while, all are closed, so that what was merged or expired away in
// the meantime gives its space back.

import type { FileSystem } from '../../runtime/file-system.ts';
import { PageCache } from '../partition/page-cache.ts';
import { PartReader } from '../partition/part-reader.ts';
import { threadMerges } from './merge-memory.ts';
import type { LiveParts } from './shared-view.ts';
import { forgetHeads } from './thread-heads.ts';

/** Cache of index pages, per thread. */
const INDEX_CACHE_BYTES = 32 << 20;
const IDLE_MS = 30_000;

interface OpenPart {
  readonly reader: PartReader;
  uses: number;
}

export class ThreadParts {
  readonly fileSystem: FileSystem;
  readonly #cache = new PageCache(INDEX_CACHE_BYTES);
  readonly #open = new Map<string, OpenPart>();
  #live: ReadonlySet<string> = new Set();
  #version = -1;
  #uses = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(fileSystem: FileSystem) {
    this.fileSystem = fileSystem;
  }

  /** Closes what is neither live nor in use. */
  keep({ version, paths }: LiveParts): void {
    // Views may come in another order than they were made.
    if (version <= this.#version) return;
    this.#version = version;
    this.#live = new Set(paths.split('\n'));
    for (const [path, part] of this.#open) this.#closeIfUnused(path, part);
  }

  /** An open part, for the caller until {@link release}. Throws as PartReader.open does. */
  open(path: string): PartReader {
    let part = this.#open.get(path);
    if (part === undefined) {
      part = { reader: PartReader.open(this.fileSystem, path, this.#cache), uses: 0 };
      this.#open.set(path, part);
    }
    part.uses++;
    this.#uses++;
    clearTimeout(this.#idle);
    return part.reader;
  }

  release(path: string): void {
    const part = this.#open.get(path)!;
    part.uses--;
    this.#uses--;
    this.#closeIfUnused(path, part);
    if (this.#uses > 0) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#rest(), IDLE_MS);
    this.#idle.unref();
  }

  /** Closes everything that is not in use. */
  close(): void {
    clearTimeout(this.#idle);
    this.#live = new Set();
    this.#version = -1;
    for (const [path, part] of this.#open) this.#closeIfUnused(path, part);
  }

  #rest(): void {
    this.close();
    forgetHeads();
    threadMerges.forget();
  }

  #closeIfUnused(path: string, part: OpenPart): void {
    if (part.uses > 0 || this.#live.has(path)) return;
    this.#open.delete(path);
    part.reader.close();
  }
}
