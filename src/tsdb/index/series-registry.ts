// Which series there are: labels → ref, for all databases of the engine. Everything of size is off
// the V8 heap and append-only, so that a flush on another thread can read a frozen view meanwhile.

import { type Label, type Labels, labelValue, METRIC_NAME } from '../../model/labels.ts';
import { releaseBytes } from '../../runtime/release.ts';
import { metricClass } from '../../storage/change-log.ts';
import { DatabaseLabels } from './database-labels.ts';
import { GrowableU32 } from './growable.ts';
import type { Matched } from './label-index.ts';
import { MemoryIndex } from './memory-index.ts';
import type {
  DatabaseColumns,
  FrozenDatabase,
  FrozenRegistry,
  RegistryColumns,
} from './registry-columns.ts';
import type { HashOptions } from './string-table.ts';
import { fillSlots, finish } from './string-table.ts';

const INITIAL_SLOTS = 256;

/** The label pairs of series of one database, as they are at this moment. */
export interface SeriesPairs extends Pick<RegistryColumns, 'ends' | 'pairs'> {
  readonly columns: DatabaseColumns;
}

let lastId = 0;

/**
 * Refs are dense from 0 over all databases and never reused. Label sets must be well-formed. A series
 * is the list of its label pairs, compared in full; hashes only find candidates.
 */
export class SeriesRegistry {
  /** A number that no other registry of the process has. */
  readonly id: number = ++lastId;
  readonly #hash: HashOptions;
  /** Null once dropped: database ids are not used again. */
  readonly #databases = new Map<number, DatabaseLabels | null>();
  readonly #nothing: DatabaseLabels;
  /** By ref: its database, and where in `#pairs` its list ends (it starts where the one before ends). */
  readonly #databaseOf = new GrowableU32(256);
  readonly #ends = new GrowableU32(256);
  readonly #pairs = new GrowableU32(1024);
  readonly #hashes = new GrowableU32(256);
  #metricClasses = new Uint8Array(256);
  /** Open addressing with linear probing: ref + 1, 0 = free. */
  #slots = new Uint32Array(INITIAL_SLOTS);
  /** Pair ids of the labels at hand. */
  #scratch = new Uint32Array(64);

  /** `hashMask` 0 makes all hashes equal, for tests. */
  constructor(hashMask: number = -1) {
    this.#hash = { seed: Math.floor(Math.random() * 2 ** 32) | 0, mask: hashMask };
    this.#nothing = new DatabaseLabels(this.#hash);
  }

  /** How many refs have been given out, those of dropped databases included. */
  get seriesCount(): number {
    return this.#ends.length;
  }

  /** Memory reserved for all of it. */
  bytes(): number {
    let bytes = this.#slots.byteLength + this.#databaseOf.bytes + this.#ends.bytes;
    bytes += this.#pairs.bytes + this.#hashes.bytes + this.#metricClasses.byteLength;
    for (const database of this.#databases.values()) bytes += database?.bytes ?? 0;
    return bytes;
  }

  /** Ref of a series, -1 if it is unknown. */
  lookup(dbId: number, labels: Labels): number {
    const database = this.#databases.get(dbId);
    if (database === undefined || database === null) return -1;
    this.#reserveScratch(labels.length);
    for (let i = 0; i < labels.length; i++) {
      const pair = database.findPair(labels[i]!.name, labels[i]!.value);
      if (pair < 0) return -1;
      this.#scratch[i] = pair;
    }
    const hash = this.#hashOfPairs(dbId, labels.length);
    return this.#slots[this.#probe(dbId, labels.length, hash)]! - 1;
  }

  /** Ref of a series, which is added if it is new. */
  register(dbId: number, labels: Labels): number {
    const database = this.#openDatabase(dbId);
    this.#reserveScratch(labels.length);
    for (let i = 0; i < labels.length; i++) {
      this.#scratch[i] = database.internPair(labels[i]!.name, labels[i]!.value);
    }
    const hash = this.#hashOfPairs(dbId, labels.length);
    const slot = this.#probe(dbId, labels.length, hash);
    const found = this.#slots[slot]! - 1;
    if (found >= 0) return found;
    const ref = this.#add(dbId, database, labels.length, hash, slot);
    this.#setMetricClass(ref, metricClass(labelValue(labels, METRIC_NAME)));
    return ref;
  }

  /** By ref: the class of the series' metric name in a ChangeLog; not to be written to. */
  get metricClasses(): Uint8Array {
    return this.#metricClasses;
  }

  /** Labels of a series. Throws for the series of a dropped database. */
  labels(ref: number): Labels {
    const database = this.#databases.get(this.database(ref));
    if (database === undefined || database === null) throw new RangeError(`no series ${ref}`);
    const { cache, columns } = database;
    const out: Label[] = [];
    const end = this.#ends.data[ref]!;
    for (let i = this.#start(ref); i < end; i++)
      out.push(cache.label(columns, this.#pairs.data[i]!));
    return out;
  }

  /** Id of the database a series belongs to. */
  database(ref: number): number {
    if (!(ref >= 0 && ref < this.seriesCount)) throw new RangeError(`no series ${ref}`);
    return this.#databaseOf.data[ref]!;
  }

  /** For reading pairs of its series at once: valid until the next series is added. */
  pairsOf(dbId: number): SeriesPairs {
    const { columns } = this.#databases.get(dbId) ?? this.#nothing;
    return { ends: this.#ends.data, pairs: this.#pairs.data, columns };
  }

  /** One database as it is now, empty while it is unknown. Stays readable when the database is dropped. */
  index(dbId: number): MemoryIndex {
    const database = this.#databases.get(dbId) ?? this.#nothing;
    return new MemoryIndex(this.#columns(), database.freeze(), database.cache);
  }

  /** Takes over what a reader on another thread found out about a matcher; see LabelIndex. */
  learn(dbId: number, key: string, matched: Matched): void {
    this.#databases.get(dbId)?.cache.learn(key, matched);
  }

  /** Forgets a database. Its refs stay taken, its id must not be used again. */
  dropDatabase(dbId: number): void {
    this.#databases.set(dbId, null);
  }

  /** The registry as it is now, for readers on any thread: all databases, or one. Costs next to no copying. */
  freeze(only?: number): FrozenRegistry {
    const databases: FrozenDatabase[] = [];
    for (const [dbId, database] of this.#databases) {
      if (database === null || (only !== undefined && dbId !== only)) continue;
      databases.push({ dbId, ...database.freeze() });
    }
    return { id: this.id, ...this.#columns(), databases };
  }

  #columns(): RegistryColumns {
    return {
      seriesCount: this.seriesCount,
      databaseOf: this.#databaseOf.data,
      ends: this.#ends.data,
      pairs: this.#pairs.data,
    };
  }

  #openDatabase(dbId: number): DatabaseLabels {
    const known = this.#databases.get(dbId);
    if (known === null) throw new Error(`database id ${dbId} was dropped`);
    if (known !== undefined) return known;
    const database = new DatabaseLabels(this.#hash);
    this.#databases.set(dbId, database);
    return database;
  }

  #start(ref: number): number {
    return ref === 0 ? 0 : this.#ends.data[ref - 1]!;
  }

  #reserveScratch(length: number): void {
    if (length > this.#scratch.length) this.#scratch = new Uint32Array(length * 2);
  }

  #hashOfPairs(dbId: number, length: number): number {
    const pairs = this.#scratch;
    let hash = Math.imul(this.#hash.seed ^ dbId, 0x9e3779b1) ^ length;
    for (let i = 0; i < length; i++) {
      hash = Math.imul(hash ^ Math.imul(pairs[i]!, 0xcc9e2d51), 0x85ebca6b);
      hash = (hash << 13) | (hash >>> 19);
    }
    return (finish(hash) & this.#hash.mask) >>> 0;
  }

  /** The slot that holds the series in scratch or, if it is new, the free slot where it belongs. */
  #probe(dbId: number, length: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const ref = slots[slot]! - 1;
      if (ref < 0) return slot;
      if (this.#hashes.data[ref] === hash && this.#isAt(ref, dbId, length)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isAt(ref: number, dbId: number, length: number): boolean {
    if (this.#databaseOf.data[ref] !== dbId) return false;
    const start = this.#start(ref);
    if (this.#ends.data[ref]! - start !== length) return false;
    const stored = this.#pairs.data;
    for (let i = 0; i < length; i++) if (stored[start + i] !== this.#scratch[i]) return false;
    return true;
  }

  #setMetricClass(ref: number, metric: number): void {
    if (ref >= this.#metricClasses.length) {
      const larger = new Uint8Array(ref * 2);
      larger.set(this.#metricClasses);
      this.#metricClasses = larger;
    }
    this.#metricClasses[ref] = metric;
  }

  #add(dbId: number, database: DatabaseLabels, length: number, hash: number, slot: number): number {
    const ref = this.seriesCount;
    const start = this.#pairs.extend(length);
    this.#pairs.data.set(this.#scratch.subarray(0, length), start);
    this.#databaseOf.push(dbId);
    this.#hashes.push(hash);
    this.#ends.push(start + length);
    database.refs.push(ref);
    for (let i = 0; i < length; i++) database.addPosting(this.#scratch[i]!, ref);
    this.#slots[slot] = ref + 1;
    if (this.seriesCount * 3 > this.#slots.length * 2) this.#growSlots();
    return ref;
  }

  #growSlots(): void {
    const { length } = this.#slots;
    // No other thread reads them, and the hashes say all that they do.
    releaseBytes(this.#slots);
    this.#slots = new Uint32Array(length * 2);
    fillSlots(this.#slots, this.#hashes);
  }
}
