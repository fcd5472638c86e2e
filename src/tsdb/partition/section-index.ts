// The index of a section: label pairs, postings and series rows, read page by page through the cache.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Label } from '../../model/labels.ts';
import { ByteReader } from '../chunk/bytes.ts';
import { decodingPart, partCorrupt } from './errors.ts';
import { decodeExemplars } from './exemplar-pages.ts';
import { GROUP_ITEMS, GroupedPage } from './grouped-page.ts';
import { PAGE_TARGET_BYTES, PageType } from './page.ts';
import { comparePairs, decodePairGroup, lowerBoundInPage } from './pair-pages.ts';
import type { PageRegion, PartFile } from './part-file.ts';
import { decodePostings } from './postings.ts';
import { REFS_PER_PAGE } from './postings-writer.ts';
import {
  decodeDirectory,
  type LabelNameEntry,
  type SectionDirectory,
  type SectionFooter,
} from './section-format.ts';
import { type PagePlace, RowGroup, type SeriesRow } from './series-rows.ts';

/** Estimated bytes in memory of a decoded pair and of a cache entry beside its payload. */
const PAIR_BYTES = 160;
const ENTRY_BYTES = 200;
/** The same of a value alone, beside its characters. */
const VALUE_BYTES = 40;
/** A decoded page of exemplars or directory takes about so many times its bytes. */
const DECODED_FACTOR = 4;
/** Pairs at hand without a look into the cache: few at first, more for a section that is read widely. */
const FEW_RECENT = 64;
const MOST_RECENT = 8192;
/** Searches for a pair whose outcome is remembered: queries name the same metrics again and again. */
const KEPT_SEARCHES = 256;
/** Work between two checkpoints. */
export const PAIRS_PER_CHECKPOINT = 256;
/** Groups of rows kept decoded, about 2 KB each: few at first, more for a section that is read widely. */
const FEW_GROUPS = 64;
const MOST_GROUPS = 1024;

interface Directory extends SectionDirectory {
  readonly byName: ReadonlyMap<string, LabelNameEntry>;
}

interface KeptGroup {
  /** Its first id by {@link GROUP_ITEMS}. */
  readonly group: number;
  readonly rows: RowGroup;
}

/** Where the lists of up to 1024 pairs lie: list i is [starts[i], starts[i + 1]) in the stream. */
interface PostingRefs {
  readonly counts: Uint32Array;
  readonly starts: Float64Array;
  readonly forms: Uint8Array;
}

export class SectionIndex {
  readonly #file: PartFile;
  readonly #region: PageRegion;
  readonly #footer: SectionFooter;
  /** First part of this section's cache keys. */
  readonly #key: string;
  /** The directory while anybody has it; the cache decides how long. */
  #directory: WeakRef<Directory> | undefined;
  /** Groups of rows read last, by the low bits of their first id in groups. */
  #groups: (KeptGroup | undefined)[] = new Array(FEW_GROUPS);
  #groupMisses = 0;
  /** Pairs read last, by the low bits of their id: neighbouring series share most of theirs. */
  #recentIds: Int32Array = new Int32Array(FEW_RECENT).fill(-1);
  #recentPairs: Label[] = [];
  #recentMisses = 0;
  /** Ids of pairs searched for, -1 for none, by name and value: a section never changes. */
  readonly #searches = new Map<string, number>();

  constructor(file: PartFile, region: PageRegion, footer: SectionFooter, section: number) {
    this.#file = file;
    this.#region = region;
    this.#footer = footer;
    this.#key = `${section}`;
  }

  get directory(): Directory {
    const known = this.#directory?.deref();
    if (known !== undefined) return known;
    const directory = this.#cached('d', () => this.#loadDirectory());
    this.#directory = new WeakRef(directory);
    return directory;
  }

  /** Id of a pair, or -1. */
  findPair(name: string, value: string): number {
    if (!this.directory.byName.has(name)) return -1;
    // A name has a length, so no two pairs have the same key.
    const key = `${name.length}:${name}${value}`;
    const known = this.#searches.get(key);
    if (known !== undefined) return known;
    const id = this.#searchPair(name, value);
    if (this.#searches.size >= KEPT_SEARCHES) this.#searches.clear();
    this.#searches.set(key, id);
    return id;
  }

  #searchPair(name: string, value: string): number {
    const { pairPages } = this.directory;
    const wanted = { name, value };
    const page = lastIndexWhere(pairPages.length, (i) => comparePairs(pairPages[i]!, wanted) <= 0);
    if (page < 0) return -1;
    const grouped = this.#pairPage(page);
    const at = this.#decode('label pairs', () => lowerBoundInPage(grouped, wanted));
    if (at >= grouped.items) return -1;
    const id = pairPages[page]!.firstId + at;
    return comparePairs(this.pair(id), wanted) === 0 ? id : -1;
  }

  /** The label pair with this id; equal ids give the same object while it is cached. */
  pair(id: number): Label {
    let slot = id & (this.#recentIds.length - 1);
    if (this.#recentIds[slot] === id) return this.#recentPairs[slot]!;
    if (++this.#recentMisses > this.#recentIds.length && this.#recentIds.length < MOST_RECENT) {
      this.#keepMoreRecent();
      slot = id & (this.#recentIds.length - 1);
    }
    const [page, at] = this.#placeOfPair(id);
    const group = Math.floor(at / GROUP_ITEMS);
    const pairs = this.#cached(`g${page}.${group}`, () => {
      const value = this.#pairGroup(page, group);
      return { value, bytes: value.length * PAIR_BYTES };
    });
    const pair = pairs[at % GROUP_ITEMS] ?? this.#missing(`label pair ${id}`);
    this.#recentIds[slot] = id;
    this.#recentPairs[slot] = pair;
    return pair;
  }

  #keepMoreRecent(): void {
    const size = this.#recentIds.length * 4;
    this.#recentIds = new Int32Array(size).fill(-1);
    this.#recentPairs = [];
    this.#recentMisses = 0;
  }

  /** Pairs first…end-1 in order, decoded as they are taken. */
  *pairs(first: number, end: number): Generator<Label> {
    for (let id = first; id < end; ) {
      const [page, at] = this.#placeOfPair(id);
      const pairs = this.#pairGroup(page, Math.floor(at / GROUP_ITEMS));
      for (let i = at % GROUP_ITEMS; i < pairs.length && id < end; i++, id++) yield pairs[i]!;
    }
  }

  /** The values of a name in order, kept in the cache; not to be written to. `checkpoint` ends the work by throwing. */
  values({ firstPair, pairs }: LabelNameEntry, checkpoint?: () => void): readonly string[] {
    return this.#cached(`v${firstPair}`, () => {
      const value: string[] = [];
      let bytes = 0;
      for (const pair of this.pairs(firstPair, firstPair + pairs)) {
        if (value.length % PAIRS_PER_CHECKPOINT === 0) checkpoint?.();
        value.push(pair.value);
        bytes += VALUE_BYTES + pair.value.length;
      }
      return { value, bytes };
    });
  }

  /** Series that have a pair. */
  postingCount(pair: number): number {
    return this.#postingRefs(pair).counts[pair % REFS_PER_PAGE]!;
  }

  /** Ids of the series that have a pair, ascending. */
  postings(pair: number): Uint32Array {
    const { counts, starts, forms } = this.#postingRefs(pair);
    const i = pair % REFS_PER_PAGE;
    if (counts[i] === 0) return new Uint32Array(0);
    const bytes = this.#stream(starts[i]!, starts[i + 1]!);
    return this.#decode(`postings of pair ${pair}`, () =>
      decodePostings(bytes, forms[i]!, counts[i]!, this.#footer.series),
    );
  }

  /**
   * A list of ids that was worked out, kept in the cache under a key of the caller's unless it has more than `maxKept`
   * elements.
   */
  cachedIds(
    key: string,
    workOut: () => Uint32Array,
    maxKept: number = Number.POSITIVE_INFINITY,
  ): Uint32Array {
    return this.#cached(key, () => {
      const value = workOut();
      // The cache keeps nothing that is larger than itself.
      const bytes = value.length > maxKept ? Number.POSITIVE_INFINITY : value.byteLength;
      return { value, bytes: bytes + key.length * 2 };
    });
  }

  /** Such a list if it is in the cache. */
  knownIds(key: string): Uint32Array | undefined {
    return this.#file.cache.peek(this.#file.owner, this.#key + key) as Uint32Array | undefined;
  }

  row(id: number): SeriesRow {
    return this.rowsWith(id).row(this.rowOf(id));
  }

  /** The group of rows that a series is in; its contents may change with the next call for another. */
  rowsWith(id: number): RowGroup {
    // Pages hold whole groups, so ids map to groups by division.
    const group = Math.floor(id / GROUP_ITEMS);
    const kept = this.#groups[group & (this.#groups.length - 1)];
    if (kept?.group === group) {
      if (!kept.rows.has(id % GROUP_ITEMS)) this.#reach(kept, id);
      return kept.rows;
    }
    if (++this.#groupMisses > this.#groups.length && this.#groups.length < MOST_GROUPS) {
      this.#keepMoreGroups();
    }
    return this.#loadRows(id, group, group & (this.#groups.length - 1));
  }

  #keepMoreGroups(): void {
    const old = this.#groups;
    const groups: (KeptGroup | undefined)[] = new Array(old.length * 4);
    for (const kept of old) if (kept !== undefined) groups[kept.group & (groups.length - 1)] = kept;
    this.#groups = groups;
    this.#groupMisses = 0;
  }

  /** Which row of {@link rowsWith} the series is. */
  rowOf(id: number): number {
    return id % GROUP_ITEMS;
  }

  #loadRows(id: number, group: number, slot: number): RowGroup {
    const { seriesPages, pairs } = this.directory;
    const page = lastIndexWhere(seriesPages.length, (i) => seriesPages[i]!.firstId <= id);
    if (page < 0 || id >= this.#footer.series) throw new RangeError(`series ${id}`);
    const { firstId } = seriesPages[page]!;
    if (firstId % GROUP_ITEMS !== 0) this.#missing(`the group of series ${id}`);
    const grouped = this.#groupedPage(`s${page}`, seriesPages[page]!, PageType.series);
    const rows = this.#groups[slot]?.rows ?? new RowGroup();
    this.#groups[slot] = undefined;
    this.#decode('series rows', () =>
      rows.begin(grouped, group - firstId / GROUP_ITEMS, this.#footer.day, pairs),
    );
    this.#reach({ group, rows }, id);
    return rows;
  }

  /** Has the row of the series decoded, which is in this group. */
  #reach(kept: KeptGroup, id: number): void {
    const { group, rows } = kept;
    const row = id % GROUP_ITEMS;
    if (row >= rows.rows) this.#missing(`series ${id}`);
    const slot = group & (this.#groups.length - 1);
    // Of a group that turns out to be damaged nothing is kept.
    this.#groups[slot] = undefined;
    this.#decode('series rows', () => rows.reach(row));
    this.#groups[slot] = kept;
  }

  exemplars(id: number): Exemplar[] {
    const { exemplarPages } = this.directory;
    const found: Exemplar[] = [];
    exemplarPages.forEach(({ ids }, page) => {
      if (id < ids.first || id > ids.last) return;
      found.push(...(this.#exemplarPage(page).get(id) ?? []));
    });
    return found;
  }

  /** Reads and decodes every page of the index but the rows; tells of each that is damaged. */
  verify(report: (error: unknown) => void): void {
    const attempt = (check: () => void): void => {
      try {
        check();
      } catch (error) {
        report(error);
      }
    };
    const { pairPages, postingPages, postingRefPages, exemplarPages } = this.directory;
    pairPages.forEach((place, page) => {
      attempt(() => {
        const pairs = this.#pairPage(page).items;
        for (const _ of this.pairs(place.firstId, place.firstId + pairs));
      });
    });
    postingPages.forEach((place) => {
      attempt(() => this.#page(place, PageType.postings));
    });
    postingRefPages.forEach((_, page) => {
      attempt(() => this.#verifyPostings(page * REFS_PER_PAGE));
    });
    exemplarPages.forEach((_, page) => {
      attempt(() => this.#exemplarPage(page));
    });
  }

  #verifyPostings(firstPair: number): void {
    const { counts } = this.#postingRefs(firstPair);
    for (let i = 0; i < counts.length; i++) this.postings(firstPair + i);
  }

  #loadDirectory(): { value: Directory; bytes: number } {
    const payload = this.#page(this.#footer.directory, PageType.directory);
    const directory = this.#decode('directory', () => decodeDirectory(payload));
    const byName = new Map(directory.names.map((entry) => [entry.name, entry]));
    return { value: { ...directory, byName }, bytes: payload.length * DECODED_FACTOR };
  }

  /** Page of a pair and its rank in there. */
  #placeOfPair(id: number): [page: number, at: number] {
    const { pairPages } = this.directory;
    const page = lastIndexWhere(pairPages.length, (i) => pairPages[i]!.firstId <= id);
    return page < 0 ? this.#missing(`label pair ${id}`) : [page, id - pairPages[page]!.firstId];
  }

  #pairGroup(page: number, group: number): Label[] {
    const grouped = this.#pairPage(page);
    return this.#decode('label pairs', () => decodePairGroup(grouped, group));
  }

  #pairPage(page: number): GroupedPage {
    return this.#groupedPage(`p${page}`, this.directory.pairPages[page]!, PageType.pairs);
  }

  #groupedPage(key: string, place: PagePlace, type: PageType): GroupedPage {
    return this.#cached(key, () => {
      const payload = this.#page(place, type);
      const value = this.#decode('index page', () => new GroupedPage(payload));
      return { value, bytes: payload.length };
    });
  }

  #exemplarPage(page: number): Map<number, Exemplar[]> {
    const place = this.directory.exemplarPages[page]!;
    return this.#cached(`e${page}`, () => {
      const payload = this.#page(place, PageType.exemplars);
      const value = this.#decode('exemplars', () => decodeExemplars(payload, place.ids));
      return { value, bytes: payload.length * DECODED_FACTOR };
    });
  }

  #postingRefs(pair: number): PostingRefs {
    const { postingRefPages, pairs } = this.directory;
    const page = Math.floor(pair / REFS_PER_PAGE);
    const place = postingRefPages[page];
    if (place === undefined) return this.#missing(`label pair ${pair}`);
    return this.#cached(`r${page}`, () => {
      const payload = this.#page(place, PageType.postingRefs);
      const count = Math.min(REFS_PER_PAGE, pairs - page * REFS_PER_PAGE);
      const value = this.#decode('posting refs', () => decodePostingRefs(payload, count));
      return { value, bytes: count * 13 };
    });
  }

  /** Bytes [from, end) of the stream of postings. */
  #stream(from: number, end: number): Uint8Array {
    const firstPage = Math.floor(from / PAGE_TARGET_BYTES);
    const start = from - firstPage * PAGE_TARGET_BYTES;
    const first = this.#streamPage(firstPage);
    if (end - from <= first.length - start) return first.subarray(start, start + end - from);
    const parts = [first.subarray(start)];
    let length = first.length - start;
    for (let page = firstPage + 1; length < end - from; page++) {
      const part = this.#streamPage(page);
      parts.push(part.subarray(0, end - from - length));
      length += parts.at(-1)!.length;
    }
    return Buffer.concat(parts);
  }

  #streamPage(page: number): Uint8Array {
    const place = this.directory.postingPages[page];
    if (place === undefined) return this.#missing(`page ${page} of postings`);
    return this.#cached(`o${page}`, () => {
      const value = this.#page(place, PageType.postings);
      return { value, bytes: value.length };
    });
  }

  #page(place: PagePlace, type: PageType): Uint8Array {
    return this.#file.page(this.#region, place, type);
  }

  #cached<T>(key: string, load: () => { value: T; bytes: number }): T {
    return this.#file.cache.get(this.#file.owner, this.#key + key, () => {
      const { value, bytes } = load();
      return { value, bytes: bytes + ENTRY_BYTES };
    });
  }

  #decode<T>(what: string, decode: () => T): T {
    return decodingPart(this.#file.path, `section ${this.#key}, ${what}`, decode);
  }

  #missing(what: string): never {
    throw partCorrupt(this.#file.path, `section ${this.#key}: ${what} is not in the index`);
  }
}

function decodePostingRefs(payload: Uint8Array, pairs: number): PostingRefs {
  const reader = new ByteReader(payload);
  const counts = new Uint32Array(pairs);
  const starts = new Float64Array(pairs + 1);
  const forms = new Uint8Array(pairs);
  starts[0] = reader.varint();
  for (let i = 0; i < pairs; i++) {
    const count = reader.varint();
    counts[i] = count;
    const head = count === 0 ? 0 : reader.varint();
    forms[i] = head % 2;
    starts[i + 1] = starts[i]! + Math.floor(head / 2);
  }
  reader.expectEnd();
  return { counts, starts, forms };
}

/** Last i in [0, n) for which a claim that holds up to some point holds, or -1. */
function lastIndexWhere(n: number, holds: (i: number) => boolean): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
