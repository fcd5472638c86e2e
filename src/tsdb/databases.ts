// The databases of a data folder: one sub-folder each, opened at start, made and dropped at run time.

import { join } from 'node:path';
import { errorMessage } from '../runtime/error.ts';
import { makeDurableDirectory } from '../runtime/file-system.ts';
import {
  type DatabaseSettings,
  NO_QUOTAS,
  parseDatabaseSettings,
  SETTINGS_DOCUMENT,
} from '../storage/database-settings.ts';
import { DEFAULT_DATABASE, isDatabaseName } from '../storage/interface.ts';
import { type Engine, TsdbDatabase } from './database.ts';
import { readDocument } from './documents.ts';
import { databaseDir, databasesDir } from './filenames.ts';
import type { TsdbOptions } from './options.ts';
import { PartSet } from './part-set.ts';
import { newManifest } from './partition/manifest.ts';
import { PageCache } from './partition/page-cache.ts';
import type { LiveParts } from './query/shared-view.ts';

/** Folders with this prefix are being made or removed; no database can be called so. */
const TRANSIENT = '.';

export class Databases {
  readonly #options: TsdbOptions;
  readonly #engine: Engine;
  readonly #cache: PageCache;
  readonly #byName = new Map<string, TsdbDatabase>();
  readonly #byId = new Map<number, TsdbDatabase>();
  #lastId = 0;
  #live: LiveParts = { version: 0, paths: '' };
  /** Which databases and states of their parts `#live` was made of. */
  #liveState = '';

  constructor(options: TsdbOptions, engine: Engine) {
    this.#options = options;
    this.#engine = engine;
    this.#cache = new PageCache(options.indexCacheBytes);
  }

  /** Opens every database folder; removes what an interrupted create or drop left. */
  openAll(): void {
    const { fileSystem: fs, dataDir, logger } = this.#options;
    const root = databasesDir(dataDir);
    makeDurableDirectory(fs, root);
    for (const name of fs.readdir(root)) {
      if (name.startsWith(TRANSIENT)) {
        fs.removeTree(join(root, name));
        continue;
      }
      if (!isDatabaseName(name)) {
        logger('warn', 'not a database folder, left alone', { path: join(root, name) });
        continue;
      }
      const parts = PartSet.open(fs, join(root, name), this.#cache, logger);
      if (parts === undefined) {
        logger('warn', 'folder has neither manifest nor parts, left alone', {
          path: join(root, name),
        });
        continue;
      }
      const database = this.#add(name, parts);
      const settings = this.#readSettings(name);
      if (settings !== undefined) database.adopt(settings);
      const problem = database.metadataStore.load(fs, database.metadataFile);
      if (problem !== undefined) {
        logger('error', 'metadata file is damaged; types and helps are learned again', {
          path: database.metadataFile,
          problem,
        });
      }
    }
  }

  /** Settings that were made for a database. */
  #readSettings(name: string): DatabaseSettings | undefined {
    const { fileSystem, dataDir, logger } = this.#options;
    const found = readDocument(fileSystem, databaseDir(dataDir, name), SETTINGS_DOCUMENT);
    if (found.text === undefined && found.problem === undefined) return undefined;
    const settings = found.text === undefined ? undefined : parseDatabaseSettings(found.text);
    if (settings !== undefined) return settings;
    // It may have been longer than what is usual: nothing goes until somebody has said how long.
    logger(
      'error',
      'settings of a database are damaged; it keeps everything until they are made again',
      {
        database: name,
      },
    );
    return { retentionMs: 0, quotas: NO_QUOTAS };
  }

  ensureDefault(): void {
    this.create(DEFAULT_DATABASE);
  }

  /** Sorted. */
  names(): string[] {
    return [...this.#byName.keys()].sort();
  }

  all(): Iterable<TsdbDatabase> {
    return [...this.#byName.values()];
  }

  get(name: string): TsdbDatabase | undefined {
    return this.#byName.get(name);
  }

  byId(id: number): TsdbDatabase | undefined {
    return this.#byId.get(id);
  }

  byIncarnation(incarnation: number): TsdbDatabase | undefined {
    for (const database of this.#byName.values()) {
      if (database.incarnation === incarnation) return database;
    }
    return undefined;
  }

  /** Makes a database durable; the name has been checked. False if it exists. */
  create(name: string): boolean {
    if (this.#byName.has(name)) return false;
    const { fileSystem: fs, dataDir, logger, randomId, clock } = this.#options;
    const root = databasesDir(dataDir);
    const temporary = join(root, `${TRANSIENT}new-${name}`);
    fs.removeTree(temporary);
    fs.mkdir(temporary);
    const manifest = newManifest(name, randomId(), clock.now());
    PartSet.create(fs, temporary, manifest, this.#cache, logger).close();
    const folder = databaseDir(dataDir, name);
    if (fs.exists(folder)) this.#moveAside(folder, manifest.incarnation);
    fs.rename(temporary, folder);
    fs.syncDirectory(root);
    const parts = PartSet.open(fs, folder, this.#cache, logger);
    this.#add(name, parts!);
    return true;
  }

  /** Gone for good when it returns; the space of files that queries still read follows. */
  drop(database: TsdbDatabase): void {
    const { fileSystem: fs, dataDir, logger } = this.#options;
    const root = databasesDir(dataDir);
    const grave = join(root, `${TRANSIENT}dropped-${database.incarnation}`);
    fs.rename(databaseDir(dataDir, database.name), grave);
    fs.syncDirectory(root);
    database.isDropped = true;
    this.#byName.delete(database.name);
    this.#byId.delete(database.id);
    database.parts.retire();
    try {
      fs.removeTree(grave);
    } catch (error) {
      // The next start tries again.
      logger('warn', 'files of a dropped database could not be removed', {
        path: grave,
        error: errorMessage(error),
      });
    }
  }

  /** The part files of all databases; one object for as long as they stay the same. */
  liveParts(): LiveParts {
    let state = '';
    for (const { id, parts } of this.#byId.values()) state += `${id}:${parts.changes} `;
    if (state !== this.#liveState) {
      this.#liveState = state;
      const paths = [...this.#byId.values()].flatMap(({ parts }) => parts.livePaths());
      this.#live = Object.freeze({
        version: this.#live.version + 1,
        paths: paths.join('\n'),
      });
    }
    return this.#live;
  }

  close(): void {
    for (const database of this.#byName.values()) database.parts.close();
  }

  /** A folder of which no database can be made must not keep a new one, or the start, from happening. */
  #moveAside(folder: string, id: number): void {
    const movedTo = `${folder}~damaged-${id}`;
    this.#options.fileSystem.rename(folder, movedTo);
    this.#options.logger('error', 'folder is not a database and was set aside', {
      path: folder,
      movedTo,
    });
  }

  #add(name: string, parts: PartSet): TsdbDatabase {
    const database = new TsdbDatabase(this.#engine, name, ++this.#lastId, parts);
    this.#byName.set(name, database);
    this.#byId.set(database.id, database);
    return database;
  }
}
