// Writes a part: one file per flush or merge with a section per UTC day, then the trailer. The file
// gets its name only when it is complete and on disk.

import { basename, dirname } from 'node:path';
import type { Exemplar } from '../../model/exemplar.ts';
import type { Label, Labels } from '../../model/labels.ts';
import { TEMPORARY_SUFFIX } from '../../runtime/atomic-file.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { ByteWriter } from '../chunk/bytes.ts';
import type { EncodedChunk } from '../chunk/chunk.ts';
import { encodePage, PageType } from './page.ts';
import { comparePairs } from './pair-pages.ts';
import {
  encodeHeader,
  encodeTail,
  encodeTrailer,
  type SectionPlace,
  saltOf,
  TAIL_BYTES,
} from './part-format.ts';
import { encodeFooter, type PartIdentity, type SectionSummary } from './section-format.ts';
import { type PageSink, SectionWriter } from './section-writer.ts';

export interface SectionInfo extends SectionSummary {
  /** Length in the file. */
  readonly bytes: number;
}

export interface PartInfo extends PartIdentity {
  readonly path: string;
  /** Length of the file. */
  readonly bytes: number;
  readonly sections: readonly SectionInfo[];
}

/** Output gathers up to this before it is written: fewer, larger system calls. */
const WRITE_BUFFER_BYTES = 1 << 20;

export class PartWriter {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #identity: PartIdentity;
  readonly #salt: Uint8Array;
  readonly #file: OutputFile;
  #isFinished = false;
  #section: SectionWriter | undefined;
  #sectionStart = 0;
  #pairs: readonly Label[] | undefined;
  readonly #places: SectionPlace[] = [];
  readonly #infos: SectionInfo[] = [];

  /** Creates the file under a temporary name, replacing what an interrupted attempt left. */
  constructor(fs: FileSystem, path: string, identity: PartIdentity) {
    const { database, incarnation, minSeq, maxSeq } = identity;
    this.#fs = fs;
    this.#path = path;
    this.#identity = { database, incarnation, minSeq, maxSeq };
    this.#salt = saltOf(this.#identity, basename(path));
    this.#file = new OutputFile(fs, path + TEMPORARY_SUFFIX);
    const header = new ByteWriter();
    encodeHeader(this.#salt, header);
    this.#file.append(header.copy());
  }

  /**
   * Starts a section. `pairs`: every label pair its series will use, strictly ascending by name, then
   * value; read once, now. A pair's rank is its id. Days need no order.
   */
  beginSection(day: number, pairs: Iterable<Label>, options: { compress?: boolean } = {}): void {
    if (this.#section !== undefined) throw new Error('the last section has not ended');
    const { compress = false } = options;
    const salt = saltOf(this.#identity, basename(this.#path), this.#places.length);
    this.#sectionStart = this.#file.position;
    this.#pairs = Array.isArray(pairs) ? pairs : undefined;
    const sectionOptions = { identity: this.#identity, salt, day, compress };
    this.#section = new SectionWriter(this.#file, sectionOptions, pairs);
  }

  /**
   * Adds a series, in ascending order of labels, and returns its id in the section. `pairs` are the
   * ids of its label pairs, ascending; the array is taken over. Chunks ascend in time, no overlap.
   */
  addSeriesByPairs(pairs: Uint32Array, chunks: readonly EncodedChunk[]): number {
    return this.#open().addSeries(pairs, chunks);
  }

  /** The same by labels; only after a `beginSection` that was given an array. */
  addSeries(labels: Labels, chunks: readonly EncodedChunk[]): number {
    const ids = Uint32Array.from(labels, (label) => rankOf(this.#pairs, label));
    return this.#open().addSeries(ids, chunks);
  }

  /** Adds exemplars of a series (ids ascending), ascending by time. */
  addExemplars(seriesId: number, exemplars: readonly Exemplar[]): void {
    this.#open().addExemplars(seriesId, exemplars);
  }

  endSection(): void {
    const footer = this.#open().finish();
    this.#section = undefined;
    this.#pairs = undefined;
    const out = new ByteWriter();
    encodeFooter(footer, out);
    const length = this.#file.position - this.#sectionStart;
    this.#places.push({ offset: this.#sectionStart, length, footerBytes: out.copy() });
    const { salt: _salt, directory: _directory, ...summary } = footer;
    this.#infos.push({ ...summary, bytes: length });
  }

  /** Completes the file and makes it durable under its name. If it throws, call `abort`. */
  finish(): PartInfo {
    if (this.#section !== undefined) throw new Error('the last section has not ended');
    const out = new ByteWriter();
    encodeTrailer(this.#identity, this.#places, out);
    const offset = this.#file.position;
    const page = encodePage(this.#salt, offset, PageType.trailer, out.view(), false);
    this.#file.append(page);
    const bytes = this.#file.position + TAIL_BYTES;
    out.reset();
    const trailer = { offset, length: page.length };
    encodeTail({ trailer, fileBytes: bytes, salt: this.#salt }, out);
    this.#file.append(out.copy());
    this.#file.sync();
    this.#file.close();
    this.#fs.rename(this.#path + TEMPORARY_SUFFIX, this.#path);
    this.#fs.syncDirectory(dirname(this.#path));
    this.#isFinished = true;
    return { ...this.#identity, path: this.#path, bytes, sections: this.#infos };
  }

  /** Gives up and removes what was written; nothing happens after `finish`, or twice. */
  abort(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#file.close();
    const temporary = this.#path + TEMPORARY_SUFFIX;
    if (this.#fs.exists(temporary)) this.#fs.unlink(temporary);
  }

  #open(): SectionWriter {
    if (this.#section === undefined) throw new Error('no section has begun');
    return this.#section;
  }
}

/** A new file that is only appended to. */
class OutputFile implements PageSink {
  readonly #fs: FileSystem;
  #fd: number | undefined;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #written = 0;

  constructor(fs: FileSystem, path: string) {
    this.#fs = fs;
    this.#fd = fs.open(path, 'replace');
  }

  get position(): number {
    return this.#written + this.#waitingBytes;
  }

  append(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= WRITE_BUFFER_BYTES) this.#flush();
  }

  sync(): void {
    this.#flush();
    this.#fs.fdatasync(this.#fd!);
  }

  close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    this.#fs.close(fd);
  }

  #flush(): void {
    this.#fs.writeVector(this.#fd!, this.#waiting, this.#written);
    this.#written += this.#waitingBytes;
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }
}

function rankOf(pairs: readonly Label[] | undefined, wanted: Label): number {
  if (pairs === undefined) throw new Error('series by labels need the pairs as an array');
  let low = 0;
  let high = pairs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comparePairs(pairs[middle]!, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  const found = pairs[low];
  if (found === undefined || comparePairs(found, wanted) !== 0) {
    throw new Error(`label pair not declared: ${wanted.name}=${wanted.value}`);
  }
  return low;
}

/** All distinct label pairs of some series, as `beginSection` wants them. */
export function labelPairsOf(series: Iterable<Labels>): Label[] {
  const byName = new Map<string, Set<string>>();
  for (const labels of series) {
    for (const { name, value } of labels) {
      const values = byName.get(name);
      if (values === undefined) byName.set(name, new Set([value]));
      else values.add(value);
    }
  }
  const pairs: Label[] = [];
  for (const [name, values] of byName) for (const value of values) pairs.push({ name, value });
  return pairs.sort(comparePairs);
}
