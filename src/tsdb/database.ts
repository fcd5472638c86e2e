// One named database of the engine: its parts, its metadata, and the seam's methods, which it forwards
// to the engine where they concern what all databases share (log, head).

import type { Matcher } from '../model/matcher.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import type { TimeRange } from '../model/time-range.ts';
import { ChangeLog } from '../storage/change-log.ts';
import type {
  Cardinality,
  ChangeFeed,
  Database,
  EncodedWrite,
  Querier,
  StoredBlock,
  WriteBatch,
  WriteResult,
} from '../storage/interface.ts';
import { compileMatcher } from '../storage/label-matcher.ts';
import { headCardinality } from './cardinality.ts';
import { metadataPath } from './filenames.ts';
import type { Generation } from './generation.ts';
import { MetadataStore } from './metadata-store.ts';
import type { PartSet } from './part-set.ts';
import { HeadSource } from './query/head-source.ts';
import { TsdbQuerier } from './query/querier.ts';
import { SectionSource } from './query/section-source.ts';
import type { Source } from './query/source.ts';

/** What a database needs of the engine. */
export interface Engine {
  /** Generations that hold unflushed data, oldest first, the active one last. */
  generations(): readonly Generation[];
  writeEncoded(database: TsdbDatabase, body: EncodedWrite): Promise<WriteResult>;
  writeBatch(database: TsdbDatabase, batch: WriteBatch): Promise<WriteResult>;
  deleteSamples(
    database: TsdbDatabase,
    selectors: readonly (readonly Matcher[])[],
    range: TimeRange,
  ): Promise<void>;
  /** A pinned generation has been let go. */
  unpinned(generation: Generation): void;
  /** The oldest time that retention keeps. */
  retentionStart(): number;
}

export class TsdbDatabase implements Database {
  readonly name: string;
  /** Small number that the head uses; never reused while the process lives. */
  readonly id: number;
  readonly parts: PartSet;
  readonly metadataStore: MetadataStore = new MetadataStore();
  /** Set once dropped: writes in flight are refused. */
  isDropped = false;
  #changeLog: ChangeLog | undefined;
  /** Of those that {@link #changeLog} knows of. */
  #loggedQuarantines = 0;
  readonly #engine: Engine;

  constructor(engine: Engine, name: string, id: number, parts: PartSet) {
    this.#engine = engine;
    this.name = name;
    this.id = id;
    this.parts = parts;
  }

  get incarnation(): number {
    return this.parts.manifest.incarnation;
  }

  get metadataFile(): string {
    return metadataPath(this.parts.dir);
  }

  write(batch: WriteBatch): Promise<WriteResult> {
    return this.#engine.writeBatch(this, batch);
  }

  writeEncoded(body: EncodedWrite): Promise<WriteResult> {
    return this.#engine.writeEncoded(this, body);
  }

  querier(range: TimeRange): Querier {
    const clamped = { minT: Math.max(range.minT, this.#engine.retentionStart()), maxT: range.maxT };
    const pinned = this.parts.pin(clamped);
    const sources: Source[] = pinned.sections.map(
      (section) => new SectionSource(section, this.parts.tombstones),
    );
    const generations = this.#engine
      .generations()
      .filter((generation) => !generation.isEmpty() && generation.touched.has(this.id));
    for (const generation of generations) {
      generation.pins++;
      sources.push(new HeadSource(generation, this.id));
    }
    return new TsdbQuerier(clamped, sources, {
      release: () => {
        pinned.release();
        for (const generation of generations) {
          generation.pins--;
          this.#engine.unpinned(generation);
        }
      },
      damaged: (error) => this.parts.quarantine(error),
    });
  }

  /** Set once somebody has asked for {@link changes}. */
  get changeLog(): ChangeLog | undefined {
    return this.#changeLog;
  }

  changes(): ChangeFeed {
    this.#changeLog ??= new ChangeLog();
    if (this.parts.quarantined !== this.#loggedQuarantines) {
      this.#loggedQuarantines = this.parts.quarantined;
      this.#changeLog.markAll();
    }
    return { log: this.#changeLog, keptFromT: this.#engine.retentionStart() };
  }

  metadata(metric?: string): readonly MetricMetadata[] {
    return this.metadataStore.list(metric);
  }

  deleteSamples(selectors: readonly (readonly Matcher[])[], range: TimeRange): Promise<void> {
    for (const matchers of selectors) matchers.forEach(compileMatcher);
    return this.#engine.deleteSamples(this, selectors, range);
  }

  async cardinality(limit: number): Promise<Cardinality> {
    return headCardinality(this.#engine.generations(), this.id, limit);
  }

  blocks(): StoredBlock[] {
    return this.parts.sections
      .map(({ entry: { file, section, minT, maxT, series, samples } }) => {
        return { id: `${file}#${section}`, minT, maxT, series, samples };
      })
      .sort((a, b) => a.minT - b.minT || a.maxT - b.maxT);
  }
}
