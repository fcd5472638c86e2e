// Opens a part file: checks version, frame and identity, and reads nothing but the list of sections.

import { basename } from 'node:path';
import { errorMessage } from '../../runtime/error.ts';
import type { FileSystem } from '../../runtime/file-system.ts';
import { malformed } from '../chunk/bytes.ts';
import { decodingPart, partCorrupt, partNewer } from './errors.ts';
import { PageType } from './page.ts';
import { PageCache } from './page-cache.ts';
import { PartFile } from './part-file.ts';
import {
  decodeHeader,
  decodeTail,
  decodeTrailer,
  HEADER_BYTES,
  neededBy,
  type PartTrailer,
  saltOf,
  TAIL_BYTES,
} from './part-format.ts';
import type { PartInfo } from './part-writer.ts';
import { SectionReader } from './section-reader.ts';

export type { SectionReader } from './section-reader.ts';

/** Cache of a reader that was given none: enough to walk through one part. */
const OWN_CACHE_BYTES = 4 << 20;

export class PartReader {
  readonly info: PartInfo;
  readonly sections: readonly SectionReader[];
  readonly #file: PartFile;

  private constructor(file: PartFile, { identity, sections }: PartTrailer) {
    this.#file = file;
    this.sections = sections.map(
      (section, number) => new SectionReader(file, section, section.footer, number),
    );
    this.info = {
      ...identity,
      path: file.path,
      bytes: file.size,
      sections: this.sections.map((section) => section.info),
    };
  }

  /**
   * Opens a part for reading; `cache` may be shared between readers. Throws TSDB_PART_CORRUPT for a
   * damaged file or one that another part was renamed to, TSDB_PART_NEWER for a newer format, and
   * system errors as they are.
   */
  static open(
    fs: FileSystem,
    path: string,
    cache: PageCache = new PageCache(OWN_CACHE_BYTES),
  ): PartReader {
    const file = new PartFile(fs, path, cache);
    try {
      return new PartReader(file, readTrailer(file));
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** Reads every page and chunk; what is wrong, in words. Empty if all is well. */
  verify(): string[] {
    const problems = new Set<string>();
    for (const section of this.sections) {
      section.verify((error) => problems.add(errorMessage(error)));
    }
    return [...problems];
  }

  /** Idempotent. Sections cannot be read afterwards. */
  close(): void {
    this.#file.close();
  }
}

function readTrailer(file: PartFile): PartTrailer {
  const { path, size } = file;
  if (size < HEADER_BYTES + TAIL_BYTES) throw partCorrupt(path, `only ${size} bytes long`);
  const headerBytes = file.read(0, HEADER_BYTES);
  const header = decodingPart(path, 'header', () => decodeHeader(headerBytes));
  const needed = neededBy(header);
  if (needed !== undefined) throw partNewer(path, needed);
  const tailBytes = file.read(size - TAIL_BYTES, TAIL_BYTES);
  const tail = decodingPart(path, 'tail', () => decodeTail(tailBytes));
  const { trailer } = tail;
  const isWhole = tail.fileBytes === size && trailer.offset + trailer.length + TAIL_BYTES === size;
  if (!isWhole || Buffer.compare(tail.salt, header.salt) !== 0) {
    throw partCorrupt(path, `the tail is that of another file (${tail.fileBytes} bytes)`);
  }
  const region = { start: 0, length: size - TAIL_BYTES, salt: header.salt };
  const payload = file.page(region, trailer, PageType.trailer);
  return decodingPart(path, 'trailer', () => {
    const found = decodeTrailer(payload, trailer.offset);
    checkIdentity(found, path, header.salt);
    return found;
  });
}

function checkIdentity({ identity, sections }: PartTrailer, path: string, salt: Uint8Array): void {
  if (Buffer.compare(saltOf(identity, basename(path)), salt) !== 0) {
    throw malformed('the file was written under another name');
  }
  const { database, incarnation, minSeq, maxSeq } = identity;
  for (const { footer } of sections) {
    if (footer.database !== database || footer.incarnation !== incarnation) {
      throw malformed(`a section of database ${footer.database}`);
    }
    if (footer.minSeq < minSeq || footer.maxSeq > maxSeq) throw malformed('commits out of range');
  }
}
