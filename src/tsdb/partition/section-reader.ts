// Reads one section of a part: its series by label, their samples by time, their exemplars. Opening
// costs nothing; index pages come through the shared cache, chunk pages through the file's own.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Label, Labels } from '../../model/labels.ts';
import { compareStrings } from '../../model/labels.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { CompiledMatcher } from '../../storage/label-matcher.ts';
import { malformed } from '../chunk/bytes.ts';
import { ChunkKind, decodeChunk } from '../chunk/chunk.ts';
import { ColumnsBuilder } from '../chunk/columns-builder.ts';
import { type LabelIndex, MAX_MATCHED, type Matched } from '../index/label-index.ts';
import { matchSeries } from '../index/label-match.ts';
import { union } from '../index/postings.ts';
import { readCounts } from '../read-counts.ts';
import { threadChunkPages } from './chunk-pages.ts';
import { decodingPart, partCorrupt } from './errors.ts';
import { PAGE_HEADER_BYTES, PageType, storedLength } from './page.ts';
import type { PageRegion, PartFile } from './part-file.ts';
import { FOOTER_SALT, type SectionPlace } from './part-format.ts';
import type { SectionInfo } from './part-writer.ts';
import type { SectionFooter } from './section-format.ts';
import { SectionIndex } from './section-index.ts';
import { namesOfSeries, valuesOfName, valuesOfSeries } from './section-labels.ts';
import type { ChunkRef, RowGroup } from './series-rows.ts';

/** Of a series that has exemplars but no samples here: overlaps nothing. */
const NO_TIMES: TimeRange = {
  minT: Number.POSITIVE_INFINITY,
  maxT: Number.NEGATIVE_INFINITY,
};

/** Longer lists of what matches are worked out again rather than kept. */
const MAX_KEPT_MATCHES = 2 ** 15;

/** A series as merges walk through them. */
export interface IndexedSeries {
  readonly id: number;
  /** Ids in this section's pair table, ascending. */
  readonly pairs: Uint32Array;
  readonly chunks: readonly ChunkRef[];
}

/** Every method throws TSDB_PART_CORRUPT where it meets damage, and system errors as they are. */
export class SectionReader implements LabelIndex {
  readonly info: SectionInfo;
  readonly seriesCount: number;
  readonly #file: PartFile;
  readonly #place: SectionPlace;
  readonly #region: PageRegion;
  readonly #footer: SectionFooter;
  readonly #index: SectionIndex;

  constructor(file: PartFile, place: SectionPlace, footer: SectionFooter, section: number) {
    const { salt, directory: _directory, ...summary } = footer;
    this.info = { ...summary, bytes: place.length };
    this.seriesCount = footer.series;
    this.#file = file;
    this.#place = place;
    this.#region = { start: place.offset, length: place.length, salt };
    this.#footer = footer;
    this.#index = new SectionIndex(file, this.#region, footer, section);
  }

  /** UTC day, in days since 1970. */
  get day(): number {
    return this.info.day;
  }

  get minSeq(): number {
    return this.info.minSeq;
  }

  get maxSeq(): number {
    return this.info.maxSeq;
  }

  get minT(): number {
    return this.info.minT;
  }

  get maxT(): number {
    return this.info.maxT;
  }

  get hasExemplars(): boolean {
    return this.info.exemplars > 0;
  }

  labelNames(): string[] {
    const used = this.#index.directory.names.filter((entry) => entry.series > 0);
    return used.map((entry) => entry.name);
  }

  labelValues(
    name: string,
    limit: number = Number.POSITIVE_INFINITY,
    checkpoint?: () => void,
  ): string[] {
    return valuesOfName(this.#index, name, limit, checkpoint);
  }

  namesOf(ids: Uint32Array): string[] {
    return namesOfSeries(this.#index, ids);
  }

  valuesOf(name: string, ids: Uint32Array): string[] {
    return valuesOfSeries(this.#index, name, ids);
  }

  postings(name: string, value: string): Uint32Array {
    const pair = this.#index.findPair(name, value);
    return pair < 0 ? new Uint32Array(0) : this.#index.postings(pair);
  }

  postingCount(name: string, value: string): number {
    const pair = this.#index.findPair(name, value);
    return pair < 0 ? 0 : this.#index.postingCount(pair);
  }

  postingsOfName(name: string): Uint32Array {
    const entry = this.#index.directory.byName.get(name);
    if (entry === undefined) return new Uint32Array(0);
    if (entry.series === this.seriesCount) {
      return this.allIds();
    }
    const has = new Uint8Array(this.seriesCount);
    for (let i = 0; i < entry.pairs; i++) {
      for (const id of this.#index.postings(entry.firstPair + i)) has[id] = 1;
    }
    const ids = new Uint32Array(entry.series);
    let at = 0;
    for (let id = 0; id < has.length; id++) if (has[id] === 1) ids[at++] = id;
    return ids.subarray(0, at);
  }

  tellingPostings(matcher: CompiledMatcher): Uint32Array {
    const entry = this.#index.directory.byName.get(matcher.name);
    if (entry === undefined) return new Uint32Array(0);
    return this.#index.cachedIds(keyOf(matcher), () => {
      const lists: Uint32Array[] = [];
      let id = entry.firstPair;
      for (const { value } of this.#index.pairs(id, id + entry.pairs)) {
        if (matcher.matches(value) !== matcher.matchesEmpty) lists.push(this.#index.postings(id));
        id++;
      }
      return union(lists);
    });
  }

  knownPostings(matcher: CompiledMatcher): number | undefined {
    if (!this.#index.directory.byName.has(matcher.name)) return 0;
    return this.#index.knownIds(keyOf(matcher))?.length;
  }

  matched(matcher: CompiledMatcher): Matched | undefined {
    const list = this.#index.knownIds(keyOf(matcher));
    // A section never gets new pairs.
    return list === undefined || list.length > MAX_MATCHED ? undefined : { list, newest: 0 };
  }

  learn(key: string, { list }: Matched): void {
    this.#index.cachedIds(keyOf({ key }), () => list);
  }

  /** Ids of the series that match, ascending; not to be written to. The same array again while it is in the cache. */
  matching(matchers: readonly CompiledMatcher[]): Uint32Array {
    const key = matchers.map(({ key }) => `${key.length}:${key}`).join('');
    return this.#index.cachedIds(`q${key}`, () => matchSeries(this, matchers), MAX_KEPT_MATCHES);
  }

  allIds(): Uint32Array {
    const ids = new Uint32Array(this.seriesCount);
    for (let id = 0; id < ids.length; id++) ids[id] = id;
    return ids;
  }

  /** Ids are in the order of labels. */
  inLabelOrder(ids: Uint32Array): Uint32Array {
    return ids;
  }

  /** Sorted; label objects may be shared with other series. Ids outside the section: RangeError. */
  seriesLabels(id: number): Labels {
    const rows = this.#index.rowsWith(id);
    const pairs = rows.pairs(this.#index.rowOf(id));
    const labels: Label[] = [];
    for (let i = 0; i < pairs.length; i++) labels.push(this.#index.pair(pairs[i]!));
    return labels;
  }

  pair(id: number): Label {
    return this.#index.pair(id);
  }

  pairsOf(id: number, out: Uint32Array): number {
    const rows = this.#index.rowsWith(id);
    const row = this.#index.rowOf(id);
    const count = rows.pairCount(row);
    if (count <= out.length) rows.copyPairs(row, out);
    return count;
  }

  /** First and last sample; a range that overlaps nothing if the series has only exemplars here. */
  seriesTimeRange(id: number): TimeRange {
    const rows = this.#index.rowsWith(id);
    const row = this.#index.rowOf(id);
    const end = rows.endChunk(row);
    const first = rows.firstChunk(row);
    return first === end ? NO_TIMES : { minT: rows.minT(first), maxT: rows.maxT(end - 1) };
  }

  /** True if a chunk of the series overlaps [minT, maxT]. */
  hasChunk(id: number, minT: number, maxT: number): boolean {
    const rows = this.#index.rowsWith(id);
    const row = this.#index.rowOf(id);
    const end = rows.endChunk(row);
    for (let chunk = rows.firstChunk(row); chunk < end && rows.minT(chunk) <= maxT; chunk++) {
      if (rows.maxT(chunk) >= minT) return true;
    }
    return false;
  }

  /** Samples of the series in this section. */
  sampleCount(id: number): number {
    return this.#index.row(id).chunks.reduce((sum, chunk) => sum + chunk.n, 0);
  }

  /** Chunks that overlap [minT, maxT], in order of time. */
  chunkRefs(id: number, minT: number, maxT: number): ChunkRef[] {
    return this.#index.row(id).chunks.filter((ref) => ref.minT <= maxT && ref.maxT >= minT);
  }

  /** Appends the samples in [minT, maxT]. If it throws, `out` may hold those of earlier chunks. */
  readSamples(id: number, minT: number, maxT: number, out: ColumnsBuilder): void {
    const rows = this.#index.rowsWith(id);
    const row = this.#index.rowOf(id);
    const end = rows.endChunk(row);
    for (let chunk = rows.firstChunk(row); chunk < end && rows.minT(chunk) <= maxT; chunk++) {
      if (rows.maxT(chunk) < minT) continue;
      if (this.#decodeInPlace(rows, chunk, minT, maxT, out)) continue;
      const ref = rows.ref(chunk);
      const base = out.length;
      this.readChunk(ref, out);
      if (ref.minT < minT || ref.maxT > maxT) clipRows(out, base, minT, maxT);
    }
  }

  /** Decodes a chunk of plain floats where its page and the columns lie in kernel memory; else false. */
  #decodeInPlace(
    rows: RowGroup,
    chunk: number,
    minT: number,
    maxT: number,
    out: ColumnsBuilder,
  ): boolean {
    const n = rows.samples(chunk);
    if (rows.kind(chunk) !== ChunkKind.float || !out.isHome || !out.fits(n)) return false;
    const pages = threadChunkPages();
    const slot = this.#file.chunkSlot(this.#region, rows.page(chunk));
    if (slot < 0) return false;
    const offset = rows.offset(chunk);
    const length = rows.length(chunk);
    if (offset + length > pages.length(slot)) {
      throw partCorrupt(
        this.#file.path,
        `chunk at ${this.#placeOf(rows.ref(chunk))} leaves its page`,
      );
    }
    const kept = pages.kernel.chunkDecode(
      pages.address(slot) + offset,
      length,
      n,
      rows.minT(chunk),
      rows.maxT(chunk),
      minT,
      maxT,
      out.t.byteOffset + out.length * 8,
      out.v.byteOffset + out.length * 8,
    );
    // The other way knows start timestamps, and what to say of damage.
    if (kept < 0) return false;
    out.advance(kept);
    readCounts.chunks++;
    return true;
  }

  /** Appends the samples of one chunk. */
  readChunk(ref: ChunkRef, out: ColumnsBuilder): void {
    const bytes = this.chunkBytes(ref);
    const base = out.length;
    readCounts.chunks++;
    decodingPart(this.#file.path, `chunk at ${this.#placeOf(ref)}`, () => {
      const n = decodeChunk(this.#file.codec, bytes, out);
      if (n === ref.n && out.t[base] === ref.minT && out.t[base + n - 1] === ref.maxT) return;
      out.clip(base, base, base);
      throw malformed(`${n} samples, not the ${ref.n} of ${ref.minT}…${ref.maxT}`);
    });
  }

  /** A chunk as it is stored, a view that may be kept. */
  chunkBytes(ref: ChunkRef): Uint8Array {
    const payload = this.#file.chunkPage(this.#region, ref.page, PageType.chunks);
    if (ref.offset + ref.length > payload.length) {
      throw partCorrupt(this.#file.path, `chunk at ${this.#placeOf(ref)} leaves its page`);
    }
    return payload.subarray(ref.offset, ref.offset + ref.length);
  }

  /** Ascending by time. */
  exemplars(id: number): Exemplar[] {
    return this.#index.exemplars(id);
  }

  /** Pairs in the table, used or not. */
  get pairCount(): number {
    return this.#index.directory.pairs;
  }

  /** The label pairs of this section's series with their ids, in order. */
  *usedPairs(): Generator<{ readonly id: number; readonly pair: Label }> {
    const { pairs, usedPairs } = this.#index.directory;
    let id = 0;
    for (const pair of this.#index.pairs(0, pairs)) {
      if (usedPairs === pairs || this.#index.postingCount(id) > 0) yield { id, pair };
      id++;
    }
  }

  /** All series in order of labels. */
  *series(): Generator<IndexedSeries> {
    for (let id = 0; id < this.seriesCount; id++) {
      const { pairs, chunks } = this.#index.row(id);
      yield { id, pairs, chunks };
    }
  }

  /** Reads everything; tells of each damaged page once where it can. */
  verify(report: (error: unknown) => void): void {
    try {
      this.#verifyFooter();
      this.#index.verify(report);
    } catch (error) {
      // Without footer and directory nothing else can be found.
      report(error);
      return;
    }
    const scratch = new ColumnsBuilder();
    const damagedPages = new Set<number>();
    for (let id = 0; id < this.seriesCount; id++) {
      try {
        this.#verifySeries(id, scratch, damagedPages);
      } catch (error) {
        report(error);
      }
    }
  }

  #verifySeries(id: number, scratch: ColumnsBuilder, damagedPages: Set<number>): void {
    const labels = this.seriesLabels(id);
    for (let i = 1; i < labels.length; i++) {
      if (compareStrings(labels[i - 1]!.name, labels[i]!.name) < 0) continue;
      throw partCorrupt(this.#file.path, `labels of series ${id} are out of order`);
    }
    for (const ref of this.#index.row(id).chunks) {
      if (damagedPages.has(ref.page.offset)) continue;
      scratch.reset();
      try {
        this.readChunk(ref, scratch);
      } catch (error) {
        damagedPages.add(ref.page.offset);
        throw error;
      }
    }
  }

  /** The footer in its place must be the one the trailer repeats. */
  #verifyFooter(): void {
    const { offset: start, length, footerBytes } = this.#place;
    const { directory } = this.#footer;
    const offset = directory.offset + directory.length;
    const stored = storedLength(this.#file.read(start + offset, PAGE_HEADER_BYTES));
    const place = { offset, length: PAGE_HEADER_BYTES + stored };
    const region = { start, length, salt: FOOTER_SALT };
    const payload = this.#file.page(region, place, PageType.footer);
    if (Buffer.compare(payload, footerBytes) === 0 && offset + place.length === length) return;
    throw partCorrupt(this.#file.path, `footer of the section at byte ${start}`);
  }

  #placeOf(ref: ChunkRef): string {
    return `byte ${this.#region.start + ref.page.offset}+${ref.offset}`;
  }
}

/** Of what a matcher finds, in the cache. */
function keyOf({ key }: Pick<CompiledMatcher, 'key'>): string {
  return `m${key}`;
}

/** Keeps those rows from `base` on that are in [minT, maxT]. */
function clipRows(out: ColumnsBuilder, base: number, minT: number, maxT: number): void {
  let from = base;
  while (from < out.length && out.t[from]! < minT) from++;
  let to = out.length;
  while (to > from && out.t[to - 1]! > maxT) to--;
  out.clip(base, from, to);
}
