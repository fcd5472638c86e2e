// A file cut into blocks of whole lines, each with the place where the next one begins.

import type { LineProblem } from '../../protocol/row-collector.ts';
import { lineTooLong } from '../errors.ts';

/** A block takes the server some hundred milliseconds: little is sent again after an interruption. */
const BLOCK_BYTES = 4 * 2 ** 20;
/** Longest line that is sent; the server may refuse it before. */
const MAX_LINE_BYTES = 64 * 2 ** 20;
/** Help, type and unit of a metric, and some to spare. */
const MAX_COMMENTS = 8;
export const LINE_FEED: number = 0x0a;
const HASH = 0x23;

/** What is sent at once, and acknowledged as a whole. */
export interface Block {
  readonly bytes: Uint8Array;
  /** Where the import goes on behind it: bytes of plain text, or row groups. */
  readonly end: number;
  /** Lines before it, that the server's numbers of lines are to be counted from. */
  readonly linesBefore: number;
  /** Lines at its beginning that it has from the block before. */
  readonly repeatedLines: number;
  /** Comments that what follows it may belong to. */
  readonly comments: string;
  /** Bytes of the file up to its end, as they are on disk. */
  readonly fileBytes: number;
  /** What could not be read of it, by row of the file. */
  readonly badRows: readonly LineProblem[];
}

export interface LineBlocksOptions {
  readonly file: string;
  /** Plain bytes that were sent before, and lines in them. */
  readonly skipBytes: number;
  readonly skipLines: number;
  /** Bytes of the file that have been read so far; of a compressed one fewer than of plain ones. */
  readonly fileBytes: () => number;
  /**
   * Lines that begin with `#` say something of those that follow: a block that begins between them has those of its
   * lines first.
   */
  readonly hasComments: boolean;
  /** Of the block that was sent last. */
  readonly comments: string;
}

export async function* lineBlocks(
  pieces: AsyncIterable<Uint8Array>,
  options: LineBlocksOptions,
): AsyncGenerator<Block, void> {
  const cutter = new LineCutter(options);
  for await (const piece of skipping(pieces, options.skipBytes)) {
    cutter.push(piece);
    for (let block = cutter.take(); block !== undefined; block = cutter.take()) yield block;
  }
  const rest = cutter.takeRest();
  if (rest !== undefined) yield rest;
}

async function* skipping(
  pieces: AsyncIterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array, void> {
  let left = count;
  for await (const piece of pieces) {
    if (left >= piece.length) left -= piece.length;
    else {
      yield left === 0 ? piece : piece.subarray(left);
      left = 0;
    }
  }
}

class LineCutter {
  readonly #options: LineBlocksOptions;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #offset: number;
  #lines: number;
  #comments: string;

  constructor(options: LineBlocksOptions) {
    this.#options = options;
    this.#offset = options.skipBytes;
    this.#lines = options.skipLines;
    this.#comments = options.comments;
  }

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** A block of whole lines; undefined while there is not enough for one. */
  take(): Block | undefined {
    if (this.#length < BLOCK_BYTES) return undefined;
    const bytes = this.#joined();
    let end = bytes.lastIndexOf(LINE_FEED, BLOCK_BYTES - 1) + 1;
    if (end === 0) end = bytes.indexOf(LINE_FEED, BLOCK_BYTES) + 1;
    if (end > 0) return this.#cut(bytes, end);
    if (bytes.length <= MAX_LINE_BYTES) return undefined;
    throw lineTooLong(this.#options.file, this.#lines + 1, MAX_LINE_BYTES);
  }

  /** What is left at the end of the file; its last line may lack the line feed. */
  takeRest(): Block | undefined {
    return this.#length === 0 ? undefined : this.#cut(this.#joined(), this.#length);
  }

  #joined(): Buffer {
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [bytes];
    return bytes;
  }

  #cut(bytes: Buffer, end: number): Block {
    const own = bytes.subarray(0, end);
    this.#pieces = [bytes.subarray(end)];
    this.#length -= end;
    const { hasComments, fileBytes } = this.#options;
    const repeated = this.#comments;
    const linesBefore = this.#lines;
    this.#offset += end;
    this.#lines += countLineFeeds(own);
    if (hasComments) this.#comments = commentsAfter(own, repeated);
    return {
      bytes: repeated === '' ? own : Buffer.concat([Buffer.from(repeated), own]),
      end: this.#offset,
      linesBefore,
      repeatedLines: countLineFeeds(Buffer.from(repeated)),
      comments: this.#comments,
      fileBytes: fileBytes(),
      badRows: [],
    };
  }
}

/** The last comments of a block, each with its line feed; `before` if it has none. */
function commentsAfter(block: Buffer, before: string): string {
  let comments: string[] = [];
  let isAfterSample = true;
  for (let at = 0; at < block.length; ) {
    const feed = block.indexOf(LINE_FEED, at);
    const next = feed < 0 ? block.length : feed + 1;
    if (block[at] === HASH) {
      if (isAfterSample) comments = [];
      comments.push(block.toString('utf8', at, next));
      if (comments.length > MAX_COMMENTS) comments.shift();
    }
    isAfterSample = block[at] !== HASH;
    at = next;
  }
  return comments.length === 0 ? before : comments.join('');
}

export function countLineFeeds(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}
