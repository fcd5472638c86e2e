// Writes one section: pages stream out as they fill, so a section of a million series needs memory for
// its postings (about 4 bytes a label of a series) and little else.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Label } from '../../model/labels.ts';
import { DAY_MS } from '../../model/time-range.ts';
import { ByteWriter } from '../chunk/bytes.ts';
import type { EncodedChunk } from '../chunk/chunk.ts';
import { ExemplarEncoder } from './exemplar-pages.ts';
import { encodePage, PAGE_TARGET_BYTES, PageType } from './page.ts';
import { PairEncoder } from './pair-pages.ts';
import { FOOTER_SALT } from './part-format.ts';
import { PostingsWriter } from './postings-writer.ts';
import {
  type ExemplarPage,
  encodeDirectory,
  encodeFooter,
  type PairPage,
  type PartIdentity,
  type SectionFooter,
  type SeriesPage,
} from './section-format.ts';
import { type PagePlace, SeriesRowEncoder } from './series-rows.ts';

/** Where pages go: the end of a file. */
export interface PageSink {
  /** Bytes written to the file so far. */
  readonly position: number;
  /** Takes the bytes over. */
  append(bytes: Uint8Array): void;
}

export interface SectionOptions {
  readonly identity: PartIdentity;
  readonly salt: Uint8Array;
  readonly day: number;
  /** Deflate pages where it pays. */
  readonly compress: boolean;
}

/** A place filled in when the open chunk page is written. */
interface OpenPlace extends PagePlace {
  offset: number;
  length: number;
}

interface PendingChunk extends Omit<EncodedChunk, 'bytes'> {
  readonly page: OpenPlace;
  readonly offset: number;
  readonly length: number;
}

/** Series without chunks never fill a page; past so many rows one is closed as it is. */
const MAX_PENDING_ROWS = 8192;

interface PendingRow {
  readonly pairs: Uint32Array;
  readonly chunks: readonly PendingChunk[];
}

export class SectionWriter {
  readonly #sink: PageSink;
  readonly #options: SectionOptions;
  readonly #start: number;
  readonly #chunkPage = new ByteWriter(PAGE_TARGET_BYTES + 4096);
  #chunkPlace: OpenPlace = { offset: 0, length: 0 };
  /** Rows of series that are complete but whose last chunks are in the open page. */
  readonly #pending: PendingRow[] = [];
  readonly #rows: SeriesRowEncoder;
  #rowsWritten = 0;
  readonly #exemplars = new ExemplarEncoder();
  readonly #postings: PostingsWriter;
  readonly #names: { name: string; firstPair: number; pairs: number }[];
  readonly #pairPages: PairPage[] = [];
  readonly #seriesPages: SeriesPage[] = [];
  readonly #exemplarPages: ExemplarPage[] = [];
  #lastPairs: Uint32Array | undefined;
  #series = 0;
  #samples = 0;
  #chunks = 0;
  #exemplarCount = 0;
  #lastExemplarId = -1;
  #minT = Number.POSITIVE_INFINITY;
  #maxT = Number.NEGATIVE_INFINITY;

  /** Writes the pair table at once; `pairs` are strictly ascending and read only here. */
  constructor(sink: PageSink, options: SectionOptions, pairs: Iterable<Label>) {
    this.#sink = sink;
    this.#options = options;
    this.#start = sink.position;
    this.#rows = new SeriesRowEncoder(options.day);
    this.#names = this.#writePairs(pairs);
    const last = this.#names.at(-1);
    this.#postings = new PostingsWriter(last === undefined ? 0 : last.firstPair + last.pairs);
  }

  /** Adds a series, in ascending order of labels, and returns its id. Takes `pairs` over. */
  addSeries(pairs: Uint32Array, chunks: readonly EncodedChunk[]): number {
    this.#checkOrder(pairs);
    this.#postings.add(pairs);
    let next = this.#options.day * DAY_MS;
    const end = next + DAY_MS;
    const placed = chunks.map((chunk) => {
      if (chunk.minT < next || chunk.maxT < chunk.minT || chunk.maxT >= end) {
        throw new Error(`chunk of ${chunk.minT}…${chunk.maxT} in day ${this.#options.day}`);
      }
      next = chunk.maxT + 1;
      return this.#addChunk(chunk);
    });
    this.#pending.push({ pairs, chunks: placed });
    if (this.#pending.length >= MAX_PENDING_ROWS) this.#writeChunkPage();
    if (placed.length > 0) this.#noteTimes(placed[0]!.minT, placed.at(-1)!.maxT);
    return this.#series++;
  }

  /** Adds exemplars of a series already added; ids ascend, and so do times within one. */
  addExemplars(seriesId: number, exemplars: readonly Exemplar[]): void {
    if (seriesId < this.#lastExemplarId || seriesId >= this.#series) {
      throw new Error(`exemplars of series ${seriesId} after ${this.#lastExemplarId}`);
    }
    this.#lastExemplarId = seriesId;
    for (const exemplar of exemplars) {
      this.#exemplars.add(seriesId, exemplar);
      this.#noteTimes(exemplar.t, exemplar.t);
      if (this.#exemplars.isFull) this.#writeExemplarPage();
    }
    this.#exemplarCount += exemplars.length;
  }

  /** Writes everything that is left, then directory and footer. */
  finish(): SectionFooter {
    this.#writeChunkPage();
    if (this.#rows.items > 0) this.#writeSeriesPage();
    if (!this.#exemplars.isEmpty) this.#writeExemplarPage();
    const { refPages, pages, used, seriesOf } = this.#postings.finish((type, payload) =>
      this.#writePage(type, payload),
    );
    const names = this.#names.map((entry) => ({ ...entry, series: seriesOf(entry) }));
    const out = new ByteWriter();
    encodeDirectory(
      {
        pairs: this.#postings.pairs,
        usedPairs: used,
        pairPages: this.#pairPages,
        names,
        postingRefPages: refPages,
        postingPages: pages,
        seriesPages: this.#seriesPages,
        exemplarPages: this.#exemplarPages,
      },
      out,
    );
    const footer = this.#footer(this.#writePage(PageType.directory, out.view()));
    out.reset();
    encodeFooter(footer, out);
    this.#sink.append(encodePage(FOOTER_SALT, this.#offset(), PageType.footer, out.view(), false));
    return footer;
  }

  #footer(directory: PagePlace): SectionFooter {
    const { identity, day, salt, compress } = this.#options;
    const isEmpty = this.#minT > this.#maxT;
    return {
      ...identity,
      day,
      minT: isEmpty ? day * DAY_MS : this.#minT,
      maxT: isEmpty ? day * DAY_MS : this.#maxT,
      series: this.#series,
      samples: this.#samples,
      chunks: this.#chunks,
      exemplars: this.#exemplarCount,
      compressed: compress,
      salt,
      directory,
    };
  }

  #writePairs(pairs: Iterable<Label>): { name: string; firstPair: number; pairs: number }[] {
    const names: { name: string; firstPair: number; pairs: number }[] = [];
    const encoder = new PairEncoder();
    let id = 0;
    let first: Label | undefined;
    const flush = (): void => {
      const firstId = id - encoder.items;
      const place = this.#writePage(PageType.pairs, encoder.finish());
      this.#pairPages.push({ ...place, firstId, name: first!.name, value: first!.value });
      first = undefined;
    };
    for (const pair of pairs) {
      first ??= pair;
      encoder.add(pair);
      if (names.at(-1)?.name === pair.name) names.at(-1)!.pairs++;
      else names.push({ name: pair.name, firstPair: id, pairs: 1 });
      id++;
      if (encoder.isFull) flush();
    }
    if (encoder.items > 0) flush();
    return names;
  }

  #checkOrder(pairs: Uint32Array): void {
    const { pairs: limit } = this.#postings;
    for (let i = 0; i < pairs.length; i++) {
      if (pairs[i]! >= limit || (i > 0 && pairs[i]! <= pairs[i - 1]!)) {
        throw new Error(`label pairs of a series out of order: ${pairs.join()}`);
      }
    }
    const last = this.#lastPairs;
    if (last !== undefined && comparePairIds(last, pairs) >= 0) {
      throw new Error(`series ${this.#series} out of order: ${last.join()} before ${pairs.join()}`);
    }
    this.#lastPairs = pairs;
  }

  #addChunk({ kind, n, minT, maxT, bytes }: EncodedChunk): PendingChunk {
    const open = this.#chunkPage;
    if (open.length > 0 && open.length + bytes.length > PAGE_TARGET_BYTES) this.#writeChunkPage();
    const offset = open.length;
    open.raw(bytes);
    this.#samples += n;
    this.#chunks++;
    return { kind, n, minT, maxT, page: this.#chunkPlace, offset, length: bytes.length };
  }

  /** Writes the open chunk page if it holds anything. Pending rows are complete, so all their chunks have a place now. */
  #writeChunkPage(): void {
    if (this.#chunkPage.length > 0) {
      const place = this.#writePage(PageType.chunks, this.#chunkPage.view());
      this.#chunkPlace.offset = place.offset;
      this.#chunkPlace.length = place.length;
      this.#chunkPlace = { offset: 0, length: 0 };
      this.#chunkPage.reset();
    }
    this.#writePendingRows();
  }

  #writePendingRows(): void {
    for (const row of this.#pending) {
      this.#rows.add(row);
      if (this.#rows.isFull) this.#writeSeriesPage();
    }
    this.#pending.length = 0;
  }

  #writeSeriesPage(): void {
    const { items } = this.#rows;
    const place = this.#writePage(PageType.series, this.#rows.finish());
    this.#seriesPages.push({ ...place, firstId: this.#rowsWritten });
    this.#rowsWritten += items;
  }

  #writeExemplarPage(): void {
    const { ids } = this.#exemplars;
    const place = this.#writePage(PageType.exemplars, this.#exemplars.finish());
    this.#exemplarPages.push({ ...place, ids });
  }

  #writePage(type: PageType, payload: Uint8Array): PagePlace {
    const { salt, compress } = this.#options;
    const offset = this.#offset();
    const page = encodePage(salt, offset, type, payload, compress);
    this.#sink.append(page);
    return { offset, length: page.length };
  }

  #offset(): number {
    return this.#sink.position - this.#start;
  }

  #noteTimes(minT: number, maxT: number): void {
    if (minT < this.#minT) this.#minT = minT;
    if (maxT > this.#maxT) this.#maxT = maxT;
  }
}

/** Orders series by the ids of their label pairs, which is their order by labels. */
export function comparePairIds(a: Uint32Array, b: Uint32Array): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
