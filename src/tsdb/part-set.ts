// The part files of one database and the manifest that lists them. Main thread only. A file is
// removed once the manifest no longer names any of its sections and no querier reads it.

import { basename, join } from 'node:path';
import type { TimeRange } from '../model/time-range.ts';
import { AppError, errorMessage, systemErrorCode } from '../runtime/error.ts';
import type { FileSystem } from '../runtime/file-system.ts';
import { databaseNotFound } from '../storage/errors.ts';
import { manifestPath, partName, partsDir, quarantineDir } from './filenames.ts';
import type { EngineLogger } from './options.ts';
import { partCorrupt } from './partition/errors.ts';
import {
  type Manifest,
  type ManifestSection,
  parseManifest,
  readManifest,
  writeManifest,
} from './partition/manifest.ts';
import type { PageCache } from './partition/page-cache.ts';
import { PartReader, type SectionReader } from './partition/part-reader.ts';
import type { PartInfo } from './partition/part-writer.ts';
import type { SharedSection } from './query/shared-view.ts';
import {
  type CompiledTombstone,
  compileTombstone,
  concerns,
  type Tombstone,
} from './tombstones.ts';

interface PartFile {
  readonly name: string;
  readonly reader: PartReader;
  pins: number;
  /** No longer named by the manifest: goes with its last pin. */
  isObsolete: boolean;
}

/** One section that serves queries. */
export interface LiveSection {
  readonly entry: ManifestSection;
  readonly reader: SectionReader;
  /** As other threads are told of it. Frozen, so that each is told once. */
  readonly shared: SharedSection;
}

export interface NewPart {
  /** In the parts folder. */
  readonly name: string;
  readonly info: PartInfo;
  /** Tombstones up to this seq were applied when it was made. */
  readonly cleanedSeq?: number;
}

/** A change of the manifest; everything in it becomes durable and visible at once. */
export interface ManifestChange {
  /** New part files. */
  readonly add?: readonly NewPart[];
  readonly remove?: readonly ManifestSection[];
  readonly flushedSeq?: number;
  /** The latest time at which any of the data was received, in ms. */
  readonly receivedUntil?: number;
  readonly addTombstones?: readonly Tombstone[];
}

/** The only shard there is so far; the manifest keeps flushedSeq by shard. */
const SHARD = '0';

export class PartSet {
  readonly dir: string;
  readonly #fs: FileSystem;
  readonly #log: EngineLogger;
  readonly #cache: PageCache;
  readonly #files = new Map<string, PartFile>();
  #manifest: Manifest;
  #live: LiveSection[] = [];
  #tombstones: CompiledTombstone[] = [];
  #nextPartNumber = 1;
  #quarantined = 0;
  #changes = 0;
  #isRetired = false;

  private constructor(
    fs: FileSystem,
    dir: string,
    manifest: Manifest,
    cache: PageCache,
    log: EngineLogger,
  ) {
    this.dir = dir;
    this.#fs = fs;
    this.#manifest = manifest;
    this.#cache = cache;
    this.#log = log;
  }

  /** Makes the folder of a new database: everything durable when it returns. */
  static create(
    fs: FileSystem,
    dir: string,
    manifest: Manifest,
    cache: PageCache,
    log: EngineLogger,
  ): PartSet {
    fs.mkdir(partsDir(dir));
    // Twice, so that there are two copies: nothing else says what this folder is.
    writeManifest(fs, dir, manifest);
    writeManifest(fs, dir, manifest);
    fs.syncDirectory(dir);
    return new PartSet(fs, dir, manifest, cache, log);
  }

  /**
   * Opens an existing folder. Damaged parts are set aside and reported; left-overs of interrupted work
   * are removed. Undefined if the folder holds no database at all.
   */
  static open(
    fs: FileSystem,
    dir: string,
    cache: PageCache,
    log: EngineLogger,
  ): PartSet | undefined {
    const found = readManifest(fs, dir);
    if (found === undefined) return undefined;
    for (const warning of found.warnings) log('warn', warning, { path: manifestPath(dir) });
    const set = new PartSet(fs, dir, found.manifest, cache, log);
    for (const name of found.damagedParts)
      set.#setAside(name, 'found while rebuilding the manifest');
    set.#openListedParts();
    set.#removeUnlistedParts();
    if (found.warnings.length > 0) set.#persist(set.#manifest);
    return set;
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  get flushedSeq(): number {
    return this.#manifest.flushedSeq[SHARD] ?? 0;
  }

  /** The highest seq of any delete that still shows: as a tombstone, or as cleaned out of a section. */
  get highestDeleteSeq(): number {
    const { tombstones, sections } = this.#manifest;
    let highest = 0;
    for (const { seq } of tombstones) highest = Math.max(highest, seq);
    for (const { cleanedSeq = 0 } of sections) highest = Math.max(highest, cleanedSeq);
    return highest;
  }

  /** Parts set aside since start. */
  get quarantined(): number {
    return this.#quarantined;
  }

  get tombstones(): readonly CompiledTombstone[] {
    return this.#tombstones;
  }

  get sections(): readonly LiveSection[] {
    return this.#live;
  }

  /** Grows whenever the files that serve queries change. */
  get changes(): number {
    return this.#changes;
  }

  /** The files that serve queries. */
  livePaths(): string[] {
    const names = new Set(this.#live.map(({ entry }) => entry.file));
    return Array.from(names, (name) => this.pathOf(name));
  }

  pathOf(name: string): string {
    return join(partsDir(this.dir), name);
  }

  /** Bytes of all sections of a file, be they live or not. */
  bytesOf(name: string): number {
    const { sections } = this.#files.get(name)!.reader;
    return sections.reduce((sum, { info }) => sum + info.bytes, 0);
  }

  /** A file name for a new part; never given twice. */
  newPartName(minSeq: number, maxSeq: number): string {
    for (;;) {
      const name = partName(minSeq, maxSeq, this.#nextPartNumber++);
      if (!this.#fs.exists(this.pathOf(name))) return name;
    }
  }

  /** Sections that overlap the range, oldest seq first, pinned until `release`. */
  pin(range: TimeRange): { sections: readonly LiveSection[]; release: () => void } {
    const live = this.#live.filter(
      ({ entry }) => entry.minT <= range.maxT && entry.maxT >= range.minT,
    );
    const files = new Set(live.map(({ entry }) => this.#files.get(entry.file)!));
    for (const file of files) file.pins++;
    const release = (): void => {
      for (const file of files) {
        file.pins--;
        this.#removeIfUnused(file);
      }
    };
    return { sections: live, release };
  }

  /** Makes a change durable, then visible. If it throws, nothing has changed for readers. */
  publish(change: ManifestChange): void {
    if (this.#isRetired) throw databaseNotFound(this.#manifest.database);
    const added = (change.add ?? []).map((part) => ({ part, file: this.#openFile(part.name) }));
    const removed = new Set(change.remove);
    const sections = this.#manifest.sections.filter((section) => !removed.has(section));
    for (const { part } of added) sections.push(...manifestSections(part));
    const tombstones = [...this.#manifest.tombstones, ...(change.addTombstones ?? [])].filter(
      (tombstone) => sections.some((section) => concerns(tombstone, section)),
    );
    const next: Manifest = {
      ...this.#manifest,
      flushedSeq: { ...this.#manifest.flushedSeq, [SHARD]: change.flushedSeq ?? this.flushedSeq },
      receivedUntil: Math.max(this.#manifest.receivedUntil, change.receivedUntil ?? 0),
      sections,
      tombstones,
    };
    try {
      // The manifest must never name a file that a power cut could take away.
      if (added.length > 0) this.#fs.syncDirectory(partsDir(this.dir));
      this.#persist(next);
    } catch (error) {
      for (const { file } of added) {
        this.#files.delete(file.name);
        file.reader.close();
        this.discard(file.name);
      }
      throw error;
    }
    if (change.addTombstones !== undefined) this.#copyManifest();
    for (const file of this.#files.values()) this.#removeIfUnused(file);
  }

  /** Deletes cannot be seen in the parts, so that both copies of the manifest must know them. */
  #copyManifest(): void {
    try {
      writeManifest(this.#fs, this.dir, this.#manifest);
    } catch (error) {
      const fields = { path: manifestPath(this.dir), error: errorMessage(error) };
      this.#log('warn', 'the second copy of a manifest could not be written', fields);
    }
  }

  /**
   * Removes a part that could not be published: on a full disk it must not eat the space that the next
   * attempt needs. Never throws.
   */
  discard(name: string): void {
    // If only the last step failed, the new manifest is in place and a crash would make it count.
    if (!this.#mayBeListed(name)) this.#removeQuietly(name);
  }

  /**
   * Sets a part with damaged pages aside: what is whole in it stays out too until a person has looked.
   * Never throws; if the disk refuses, the part stays listed and fails again when it is read.
   */
  quarantine({ path, message }: { readonly path: string; readonly message: string }): void {
    const file = this.#files.get(basename(path));
    if (this.#isRetired || file === undefined || file.isObsolete || path !== this.pathOf(file.name))
      return;
    try {
      this.#setAside(file.name, message);
      const sections = this.#manifest.sections.filter((section) => section.file !== file.name);
      this.#persist({ ...this.#manifest, sections });
      this.#removeIfUnused(file);
    } catch (error) {
      this.#log('error', 'a damaged part could not be set aside', {
        path,
        error: errorMessage(error),
      });
    }
  }

  /** Links every part file into `folder` and writes a manifest that lists them there. */
  linkInto(folder: string): void {
    this.#fs.mkdir(partsDir(folder));
    for (const name of new Set(this.#manifest.sections.map((section) => section.file))) {
      this.#fs.link(this.pathOf(name), join(partsDir(folder), name));
    }
    this.#fs.syncDirectory(partsDir(folder));
    writeManifest(this.#fs, folder, this.#manifest);
    this.#fs.syncDirectory(folder);
  }

  /** The database was dropped: nothing is written any more, and files are closed with their last pin. */
  retire(): void {
    this.#isRetired = true;
    this.#live = [];
    for (const file of this.#files.values()) {
      file.isObsolete = true;
      this.#removeIfUnused(file);
    }
  }

  close(): void {
    for (const file of this.#files.values()) file.reader.close();
    this.#files.clear();
    this.#live = [];
  }

  #persist(manifest: Manifest): void {
    writeManifest(this.#fs, this.dir, manifest);
    this.#manifest = manifest;
    this.#refresh();
  }

  /** Derives what readers see from the manifest. */
  #refresh(): void {
    this.#changes++;
    this.#live = this.#manifest.sections
      .map((entry) => ({
        entry,
        reader: this.#files.get(entry.file)!.reader.sections[entry.section]!,
        shared: this.#shared(entry),
      }))
      .sort((a, b) => a.entry.minSeq - b.entry.minSeq || a.entry.day - b.entry.day);
    this.#tombstones = this.#manifest.tombstones.map(compileTombstone);
    const named = new Set(this.#manifest.sections.map((section) => section.file));
    for (const file of this.#files.values()) file.isObsolete = !named.has(file.name);
  }

  #shared({ file, section, minT, maxT, maxSeq, cleanedSeq = 0 }: ManifestSection): SharedSection {
    const path = this.pathOf(file);
    return Object.freeze({ path, section, minT, maxT, maxSeq, cleanedSeq });
  }

  #openFile(name: string): PartFile {
    const reader = PartReader.open(this.#fs, this.pathOf(name), this.#cache);
    const file: PartFile = { name, reader, pins: 0, isObsolete: false };
    this.#files.set(name, file);
    return file;
  }

  #openListedParts(): void {
    const damaged = new Set<string>();
    for (const name of new Set(this.#manifest.sections.map((section) => section.file))) {
      try {
        const { reader } = this.#openFile(name);
        const { incarnation } = this.#manifest;
        if (reader.info.incarnation !== incarnation) {
          throw partCorrupt(this.pathOf(name), `it belongs to database ${reader.info.database}`);
        }
        for (const section of this.#manifest.sections) {
          if (section.file === name && reader.sections[section.section] === undefined) {
            throw partCorrupt(this.pathOf(name), `there is no section ${section.section}`);
          }
        }
      } catch (error) {
        // Too many open files or a failing disk says nothing about the part: better not to start.
        if (!isDamage(error)) throw error;
        damaged.add(name);
        this.#files.get(name)?.reader.close();
        this.#files.delete(name);
        this.#setAside(name, errorMessage(error));
      }
    }
    if (damaged.size === 0) this.#refresh();
    else {
      const sections = this.#manifest.sections.filter((section) => !damaged.has(section.file));
      this.#persist({ ...this.#manifest, sections });
    }
  }

  /** Parts that no manifest names: outputs of interrupted work, inputs whose removal was. */
  #removeUnlistedParts(): void {
    for (const name of this.#fs.readdir(partsDir(this.dir))) {
      if (this.#files.has(name)) continue;
      this.#log('info', 'removing a part file that the manifest does not list', {
        path: this.pathOf(name),
      });
      this.#fs.removeTree(this.pathOf(name));
    }
  }

  #setAside(name: string, why: string): void {
    this.#quarantined++;
    const target = join(quarantineDir(this.dir), name);
    this.#log('error', 'part is damaged and was set aside; its samples are not served', {
      path: this.pathOf(name),
      movedTo: target,
      why,
    });
    if (!this.#fs.exists(this.pathOf(name))) return;
    this.#fs.mkdir(quarantineDir(this.dir));
    this.#fs.rename(this.pathOf(name), target);
    this.#fs.syncDirectory(quarantineDir(this.dir));
    this.#fs.syncDirectory(partsDir(this.dir));
  }

  #removeIfUnused(file: PartFile): void {
    if (!file.isObsolete || file.pins > 0 || !this.#files.delete(file.name)) return;
    file.reader.close();
    // Of a dropped database the folder has gone, and another of its name may be in its place.
    if (!this.#isRetired) this.#removeQuietly(file.name);
  }

  #mayBeListed(name: string): boolean {
    try {
      const path = manifestPath(this.dir);
      const { sections } = parseManifest(path, this.#fs.readFile(path));
      return sections.some(({ file }) => file === name);
    } catch {
      return true;
    }
  }

  /** The manifest does not name it, so what cannot be removed now goes at the next start. */
  #removeQuietly(name: string): void {
    const path = this.pathOf(name);
    try {
      if (this.#fs.exists(path)) this.#fs.unlink(path);
    } catch (error) {
      this.#log('warn', 'a part file could not be removed', { path, error: errorMessage(error) });
    }
  }
}

function isDamage(error: unknown): boolean {
  return (
    (error instanceof AppError && error.kind === 'corrupt') || systemErrorCode(error) === 'ENOENT'
  );
}

function manifestSections({ name, info, cleanedSeq = 0 }: NewPart): ManifestSection[] {
  return info.sections.map((section, number) => ({
    ...section,
    file: name,
    section: number,
    cleanedSeq,
  }));
}
