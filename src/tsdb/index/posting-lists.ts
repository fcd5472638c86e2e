// Growing lists of ascending series refs, many of them in one pool. The first ref of a list is kept
// in its row, because most label pairs of short-lived series have just one.
//
//   row   [ count | first ref | first block | last block ]
//   block [ next block | ref … ]      2, 4, 8 … 256, 256, 256 … refs; 0 = no next block

import { GrowableU32 } from './growable.ts';

const ROW = 4;
const COUNT = 0;
const FIRST = 1;
const HEAD = 2;
const TAIL = 3;

/** Blocks double up to this many refs. */
const MAX_BLOCK = 256;
const MAX_LEVEL = 7;
/** Refs in all blocks below the largest size. */
const DOUBLING_REFS = 2 * (2 ** MAX_LEVEL - 1);

/** Lists as another thread reads them; appending goes on in these very buffers, until they are too small. */
export interface PostingColumns {
  readonly rows: Uint32Array;
  readonly pool: Uint32Array;
}

export class PostingLists {
  readonly #rows = new GrowableU32(32 * ROW);
  readonly #pool = new GrowableU32(128);

  constructor() {
    this.#pool.push(0); // no block is at 0
  }

  get columns(): PostingColumns {
    return { rows: this.#rows.data, pool: this.#pool.data };
  }

  get bytes(): number {
    return this.#rows.bytes + this.#pool.bytes;
  }

  /** Adds an empty list; lists are numbered 0, 1, 2… */
  addList(): void {
    this.#rows.extend(ROW);
  }

  /** Appends a ref larger than all in the list. */
  append(list: number, ref: number): void {
    const row = list * ROW;
    const rows = this.#rows.data;
    const count = rows[row + COUNT]!;
    rows[row + COUNT] = count + 1;
    if (count === 0) {
      rows[row + FIRST] = ref;
      return;
    }
    const inBlocks = count - 1;
    const position = positionInBlock(inBlocks);
    if (position === 0) this.#addBlock(row, blockSize(inBlocks));
    this.#pool.data[rows[row + TAIL]! + 1 + position] = ref;
  }

  #addBlock(row: number, size: number): void {
    const block = this.#pool.extend(1 + size);
    const rows = this.#rows.data;
    const tail = rows[row + TAIL]!;
    if (tail === 0) rows[row + HEAD] = block;
    else this.#pool.data[tail] = block;
    rows[row + TAIL] = block;
  }
}

/** How many refs a list has; more than {@link copyList} will give if some came since the columns were taken. */
export function listSize({ rows }: PostingColumns, list: number): number {
  return rows[list * ROW + COUNT]!;
}

/**
 * Copies the refs of a list below `limit` to `out` from index `at` and returns where they end. With
 * columns that are being appended to, `limit` must be the number of refs there were when they were
 * taken: what was appended since ends the list, be it written whole or in part.
 */
export function copyList(
  { rows, pool }: PostingColumns,
  list: number,
  limit: number,
  out: Uint32Array,
  at: number,
): number {
  const row = list * ROW;
  const first = rows[row + FIRST]!;
  if (rows[row + COUNT] === 0 || first >= limit) return at;
  const count = Math.min(rows[row + COUNT]!, out.length - at);
  out[at] = first;
  let end = at + 1;
  let last = first;
  let block = rows[row + HEAD]!;
  for (let done = 1, size = 2; done < count && block !== 0; ) {
    const n = Math.min(size, count - done);
    for (let i = 1; i <= n; i++) {
      // A place not written yet holds 0; a block of a newer pool is not here at all.
      const ref = pool[block + i];
      if (ref === undefined || ref >= limit || ref <= last) return end;
      out[end++] = ref;
      last = ref;
    }
    done += n;
    block = pool[block]!;
    size = Math.min(size * 2, MAX_BLOCK);
  }
  return end;
}

/** True if the claim holds for a ref of a list below `limit`; asks in their order, until one does. As {@link copyList}. */
export function someInList(
  { rows, pool }: PostingColumns,
  list: number,
  limit: number,
  holds: (ref: number) => boolean,
): boolean {
  const row = list * ROW;
  const count = rows[row + COUNT]!;
  const first = rows[row + FIRST]!;
  if (count === 0 || first >= limit) return false;
  if (holds(first)) return true;
  let last = first;
  let block = rows[row + HEAD]!;
  for (let done = 1, size = 2; done < count && block !== 0; ) {
    const n = Math.min(size, count - done);
    for (let i = 1; i <= n; i++) {
      const ref = pool[block + i];
      if (ref === undefined || ref >= limit || ref <= last) return false;
      if (holds(ref)) return true;
      last = ref;
    }
    done += n;
    block = pool[block]!;
    size = Math.min(size * 2, MAX_BLOCK);
  }
  return false;
}

/** Which doubling block holds ref number `i`, counted from the first block. */
function levelOf(i: number): number {
  return 31 - Math.clz32((i >>> 1) + 1);
}

/** Size of the block that holds ref number `i`. */
function blockSize(i: number): number {
  return i < DOUBLING_REFS ? 2 << levelOf(i) : MAX_BLOCK;
}

/** Where in its block ref number `i` is. */
function positionInBlock(i: number): number {
  if (i >= DOUBLING_REFS) return (i - DOUBLING_REFS) % MAX_BLOCK;
  return i - 2 * (2 ** levelOf(i) - 1);
}
