// One named database of the engine: its parts, its metadata, and the seam's methods, which it forwards
// to the engine where they concern what all databases share (log, head).

import type { Matcher } from '../model/matcher.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import { ALL_TIME, type TimeRange } from '../model/time-range.ts';
import type { AdmissionLimits } from '../storage/admission.ts';
import { ChangeLog } from '../storage/change-log.ts';
import {
  type DatabaseSettings,
  type DatabaseUsage,
  DEFAULT_DATABASE_SETTINGS,
} from '../storage/database-settings.ts';
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
import { compileMatcher, isQuickMatcher } from '../storage/label-matcher.ts';
import { QuotaGate } from '../storage/quota-gate.ts';
import { ActiveSeries } from './active-series.ts';
import { headCardinality } from './cardinality.ts';
import { metadataPath } from './filenames.ts';
import type { Generation } from './generation.ts';
import type { LabelIndex } from './index/label-index.ts';
import { mostMatched } from './index/label-match.ts';
import type { WriteRules } from './ingest/write-path.ts';
import { MetadataStore } from './metadata-store.ts';
import type { LiveSection, PartSet } from './part-set.ts';
import { HeadSource } from './query/head-source.ts';
import { type Finding, TsdbQuerier } from './query/querier.ts';
import { SectionSource } from './query/section-source.ts';
import type { LiveParts, SharedViewDescriptor } from './query/shared-view.ts';
import type { Source } from './query/source.ts';

/** After a start all series look new for a while: as long as the slowest senders take to come round. */
export const SETTLING_MS = 300_000;

/** How old a count of active series may be where it decides, and where it is only told. */
const QUOTA_RECOUNT_MS = 5000;
const USAGE_RECOUNT_MS = 30_000;

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
  /** Makes settings durable. */
  writeSettings(database: TsdbDatabase, settings: DatabaseSettings): Promise<void>;
  /** Limits of all databases. */
  readonly limits: AdmissionLimits;
  /** ms, never going back */
  monotonic(): number;
  readDocument(database: TsdbDatabase, name: string): string | undefined;
  writeDocument(database: TsdbDatabase, name: string, text: string): Promise<void>;
  /** A pinned generation has been let go. */
  unpinned(generation: Generation): void;
  /** The oldest time that a retention, in ms, keeps; 0 keeps everything. */
  retentionStart(retentionMs: number): number;
  /** The part files of all databases. */
  liveParts(): LiveParts;
}

export class TsdbDatabase implements Database {
  readonly name: string;
  /** Small number that the head uses; never reused while the process lives. */
  readonly id: number;
  readonly parts: PartSet;
  readonly metadataStore: MetadataStore = new MetadataStore();
  readonly activeSeries: ActiveSeries;
  readonly gate: QuotaGate;
  #settings: DatabaseSettings = DEFAULT_DATABASE_SETTINGS;
  #rules: WriteRules;
  /** Bytes and samples of the sections, as of `changes` of the parts. */
  #stored = { changes: -1, bytes: 0, samples: 0 };
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
    this.activeSeries = new ActiveSeries(id);
    this.gate = new QuotaGate(name, () => engine.monotonic(), SETTLING_MS);
    this.#rules = this.#newRules();
  }

  get settings(): DatabaseSettings {
    return this.#settings;
  }

  /** What writes are judged by. */
  get rules(): WriteRules {
    return this.#rules;
  }

  configure(settings: DatabaseSettings): Promise<void> {
    return this.#engine.writeSettings(this, settings);
  }

  /** Takes settings that are on disk. */
  adopt(settings: DatabaseSettings): void {
    this.#settings = settings;
    this.gate.configure(settings.quotas);
    this.#rules = this.#newRules();
    // What a longer retention shows again, or a shorter one hides, no change tells of.
    this.#changeLog?.markAll();
  }

  #newRules(): WriteRules {
    const active = (): number =>
      this.activeSeries.count(
        this.#engine.generations(),
        this.#engine.monotonic(),
        QUOTA_RECOUNT_MS,
      );
    return {
      limits: { ...this.#engine.limits, retentionMs: this.#retentionMs },
      admitNewSeries: this.gate.limitsSeries ? () => this.gate.admitNewSeries(active) : undefined,
      seriesAdded: () => this.gate.seriesAdded(),
    };
  }

  get #retentionMs(): number {
    return this.#settings.retentionMs ?? this.#engine.limits.retentionMs;
  }

  /** The oldest time that is kept. */
  retentionStart(): number {
    return this.#engine.retentionStart(this.#retentionMs);
  }

  usage(): DatabaseUsage {
    const { samplesWritten, newSeries, refusals } = this.gate;
    const { bytes: diskBytes, samples: storedSamples } = this.#storedFigures();
    const now = this.#engine.monotonic();
    const generations = this.#engine.generations();
    const activeSeries = this.activeSeries.count(generations, now, USAGE_RECOUNT_MS);
    return { activeSeries, diskBytes, storedSamples, samplesWritten, newSeries, refusals };
  }

  /** Throws STORAGE_QUOTA while the database takes too much of the disk. */
  admitToDisk(): void {
    this.gate.admitToDisk(() => this.#storedFigures().bytes);
  }

  #storedFigures(): { readonly bytes: number; readonly samples: number } {
    const { changes, sections } = this.parts;
    if (changes !== this.#stored.changes) {
      this.#stored = { changes, bytes: 0, samples: 0 };
      for (const { entry } of sections) {
        this.#stored.bytes += entry.bytes;
        this.#stored.samples += entry.samples;
      }
    }
    return this.#stored;
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

  querier(range: TimeRange, checkpoint: () => void = () => {}): Querier {
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
      checkpoint,
    });
  }

  mostSeries(matchers: readonly Matcher[], range: TimeRange): number {
    const quick = matchers.filter(isQuickMatcher).map(compileMatcher);
    const mostIn = (index: LabelIndex): number => mostMatched(index, quick);
    let most = 0;
    for (const { entry, reader } of this.parts.sections) {
      if (entry.minT <= range.maxT && entry.maxT >= range.minT) most += mostIn(reader);
    }
    for (const generation of this.#engine.generations()) {
      if (generation.isEmpty() || !generation.touched.has(this.id)) continue;
      most += mostIn(generation.registry.index(this.id));
    }
    return most;
  }

  share(range: TimeRange): SharedView {
    const { clamped, sections, generations, release } = this.#pin(range);
    const registries = new Map(
      generations.map(({ registry }) => [registry, registry.freeze(this.id)] as const),
    );
    const descriptor: SharedViewDescriptor = {
      range: clamped,
      sections: sections.map(({ shared }) => shared),
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
      learn: (findings) => {
        for (const { place, key, matched } of findings as readonly Finding[]) {
          const section = sections[place];
          if (section !== undefined) section.reader.learn(key, matched);
          else generations[place - sections.length]!.registry.learn(this.id, key, matched);
        }
      },
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
    const clamped = { minT: Math.max(range.minT, this.retentionStart()), maxT: range.maxT };
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
    return { log: this.#changeLog, keptFromT: this.retentionStart() };
  }

  metadata(metric?: string): readonly MetricMetadata[] {
    return this.metadataStore.list(metric);
  }

  deleteSamples(selectors: readonly (readonly Matcher[])[], range: TimeRange): Promise<void> {
    for (const matchers of selectors) matchers.forEach(compileMatcher);
    return this.#engine.deleteSamples(this, selectors, range);
  }

  async cardinality(limit: number): Promise<Cardinality> {
    const { registry } = this.#engine.generations().at(-1)!;
    const { generations, release } = this.#pin(ALL_TIME);
    try {
      return await headCardinality(registry.index(this.id), generations, limit);
    } finally {
      release();
    }
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
