// Layout of a head memory, as drawn in docs/formats/head-memory.md. The kernel has the same numbers
// in kernel/head-layout.ts. Addresses are bytes; names ending in _WORD are indexes of 32-bit words.

import { KERNEL_RESERVED_BYTES } from '../../codec/kernel.ts';

/** First word of the header; changes with the layout. */
export const HEAD_MAGIC = 0x3244_4854;

/** Rows that fit the column scratch: one kernel call takes at most so many. */
export const COLUMN_ROWS = 16_384;
/** Scratch of sealing: 16 rows as columns and coded, then the codecs' own; about 1 KiB. */
const SEAL_SCRATCH_BYTES = 4096;
const HEADER_BYTES = 256;

export const HEADER: number = KERNEL_RESERVED_BYTES;
export const SEAL_SCRATCH: number = HEADER + HEADER_BYTES;
export const COLUMN_T: number = SEAL_SCRATCH + SEAL_SCRATCH_BYTES;
export const COLUMN_V: number = COLUMN_T + COLUMN_ROWS * 8;
export const COLUMN_START_T: number = COLUMN_V + COLUMN_ROWS * 8;
export const COLUMN_REFS: number = COLUMN_START_T + COLUMN_ROWS * 8;
export const DIRECTORY: number = COLUMN_REFS + COLUMN_ROWS * 4;
export const DIRECTORY_PAGES = 16_384;
/** Lock words, each of the series with the same low bits of their refs. */
export const LOCKS: number = DIRECTORY + DIRECTORY_PAGES * 4;
export const LOCK_WORDS = 4096;
export const ARENA: number = LOCKS + LOCK_WORDS * 4;

/** Words of the header, counted from {@link HEADER}. */
export const HeaderWord = {
  magic: 0,
  directory: 1,
  scratch: 2,
  maxExemplars: 3,
  arenaStart: 4,
  arenaNext: 5,
  arenaEnd: 6,
  highWater: 7,
  pageLimit: 8,
  pageCount: 9,
  seriesCount: 10,
  sampleCount: 11,
  exemplarCount: 12,
  blockCount: 13,
  minT: 14,
  maxT: 16,
  callStored: 18,
  callDuplicates: 19,
  callOutOfOrder: 20,
  locks: 21,
} as const;

export const PAGE_SLOTS_LOG2 = 10;
export const PAGE_SLOTS = 1024;
export const PAGE_BYTES = 65_536;
export const SLOT_WORDS = 16;
/** Refs are below this. */
export const MAX_REFS: number = DIRECTORY_PAGES * PAGE_SLOTS;

/** Words of a series slot. `counts` packs exemplars u16, raw rows u8, flags u8. */
export const SlotWord = {
  raw: 0,
  lastBlock: 2,
  side: 3,
  exemplar: 4,
  counts: 5,
  baseT: 6,
  lastT: 8,
  startT: 10,
  minT: 12,
  floats: 14,
  sides: 15,
} as const;
export const SLOT_USED = 1;

export const RAW_ROWS = 16;
export const RAW_ROW_WORDS = 3;

/** Words of a block: `shape` packs rows u16 and flags u8, `sizes` bytes of times and values, u16 each. */
export const BlockWord = { older: 0, shape: 1, minT: 2, span: 4, sizes: 5, body: 6 } as const;
export const BLOCK_HAS_START = 2;
export const BLOCK_RAW = 4;
/** Header, start timestamp and body at its longest (the raw rows). */
export const MAX_BLOCK_BYTES = 224;

/** Words of a side record; `kind` packs kind u8 and flags u8. */
export const RecordWord = {
  older: 0,
  kind: 1,
  t: 2,
  startT: 4,
  payloadBytes: 6,
  payload: 8,
} as const;
export const RecordKind = { float: 1, histogram: 2 } as const;
export const RECORD_STALE = 2;

export const ExemplarWord = { older: 0, payloadBytes: 1, t: 2, payload: 4 } as const;

/**
 * Most bytes a float row can take of the arena, or a histogram or exemplar beside its payload. The
 * series page that a row may also need ({@link PAGE_BYTES} and alignment) comes on top.
 */
export const MAX_BYTES_PER_ROW = 256;
/** Most bytes a new series page takes, with its alignment. */
export const MAX_BYTES_PER_PAGE: number = PAGE_BYTES + 64;
