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
  SharedView,
  StoredBlock,
  WriteBatch,
  WriteResult,
} from '../storage/interface.ts';
import { compileMatcher } from '../storage/label-matcher.ts';
import { headCardinality } from './cardinality.ts';
import { metadataPath } from './filenames.ts';
import type { Generation } from './generation.ts';
import { MetadataStore } from './metadata-store.ts';
import type { LiveSection, PartSet } from './part-set.ts';
import { HeadSource } from './query/head-source.ts';
import { TsdbQuerier } from './query/querier.ts';
import { SectionSource } from './query/section-source.ts';
import type { LiveParts, SharedViewDescriptor } from './query/shared-view.ts';
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
  readDocument(database: TsdbDatabase, name: string): string | undefined;
  writeDocument(database: TsdbDatabase, name: string, text: string): Promise<void>;
  /** A pinned generation has been let go. */
  unpinned(generation: Generation): void;
  /** The oldest time that retention keeps. */
  retentionStart(): number;
  /** The part files of all databases. */
  liveParts(): LiveParts;
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
    const { clamped, sections, generations, release } = this.#pin(range);
    const sources: Source[] = sections.map(
      ({ entry, reader }) => new SectionSource(entry, reader, this.parts.tombstones),
    );
    for (const { registry, head } of generations) {
      sources.push(new HeadSource(registry.index(this.id), head.reader));
    }
    return new TsdbQuerier(clamped, sources, {
      release,
      damaged: (error) => this.parts.quarantine(error),
    });
  }

  share(range: TimeRange): SharedView {
    const { clamped, sections, generations, release } = this.#pin(range);
    const registries = new Map(
      generations.map(({ registry }) => [registry, registry.freeze(this.id)] as const),
    );
    const descriptor: SharedViewDescriptor = {
      range: clamped,
      sections: sections.map(({ entry }) => ({
        path: this.parts.pathOf(entry.file),
        section: entry.section,
        minT: entry.minT,
        maxT: entry.maxT,
        maxSeq: entry.maxSeq,
        cleanedSeq: entry.cleanedSeq ?? 0,
      })),
      tombstones: this.parts.manifest.tombstones,
      heads: generations.map(({ head, registry }) => ({
        id: head.id,
        buffer: head.memory.buffer,
        registry: registries.get(registry)!,
      })),
      liveHeads: this.#engine.generations().map(({ head }) => head.id),
      liveParts: this.#engine.liveParts(),
    };
    return {
      descriptor,
      release,
      damaged: (path, message) => this.parts.quarantine({ path, message }),
    };
  }

  /** What a view of the range reads, none of which goes before `release`. */
  #pin(range: TimeRange): {
    readonly clamped: TimeRange;
    readonly sections: readonly LiveSection[];
    readonly generations: readonly Generation[];
    readonly release: () => void;
  } {
    const clamped = { minT: Math.max(range.minT, this.#engine.retentionStart()), maxT: range.maxT };
    const pinned = this.parts.pin(clamped);
    const generations = this.#engine
      .generations()
      .filter((generation) => !generation.isEmpty() && generation.touched.has(this.id));
    for (const generation of generations) generation.pins++;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      pinned.release();
      for (const generation of generations) {
        generation.pins--;
        this.#engine.unpinned(generation);
      }
    };
    return { clamped, sections: pinned.sections, generations, release };
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

  document(name: string): string | undefined {
    return this.#engine.readDocument(this, name);
  }

  putDocument(name: string, text: string): Promise<void> {
    return this.#engine.writeDocument(this, name, text);
  }
}
