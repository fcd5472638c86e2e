// Layout of a head memory: offsets of the header, the series slots, blocks and records. The same
// numbers stand in src/tsdb/head/layout.ts; docs/formats/head-memory.md draws them.

// Header struct, at the address the owner passes as `base`.
export const H_DIRECTORY: usize = 4;
export const H_SCRATCH: usize = 8;
export const H_MAX_EXEMPLARS: usize = 12;
export const H_ARENA_NEXT: usize = 20;
export const H_ARENA_END: usize = 24;
export const H_HIGH_WATER: usize = 28;
export const H_PAGE_LIMIT: usize = 32;
export const H_PAGE_COUNT: usize = 36;
export const H_SERIES: usize = 40;
export const H_SAMPLES: usize = 44;
export const H_EXEMPLARS: usize = 48;
export const H_BLOCKS: usize = 52;
export const H_MIN_T: usize = 56;
export const H_MAX_T: usize = 64;
export const H_CALL_STORED: usize = 72;
export const H_CALL_DUPLICATES: usize = 76;
export const H_CALL_OUT_OF_ORDER: usize = 80;
export const H_LOCKS: usize = 84;

// Lock words of series, each shared by the refs with the same low bits.
export const LOCK_MASK: u32 = 4095;

// Directory and series pages.
export const DIRECTORY_PAGES: u32 = 16_384;
export const PAGE_SLOTS_LOG2: u32 = 10;
export const SLOT_LOG2: usize = 6;
export const PAGE_BYTES: u32 = 65_536;
/** Pages start on a cache line, so that a slot is one line. */
export const PAGE_ALIGN: u32 = 64;

// Series slot, 64 bytes.
export const S_RAW: usize = 0;
export const S_LAST_BLOCK: usize = 8;
export const S_SIDE: usize = 12;
export const S_EXEMPLAR: usize = 16;
export const S_EXEMPLAR_COUNT: usize = 20;
export const S_RAW_COUNT: usize = 22;
export const S_FLAGS: usize = 23;
export const S_BASE_T: usize = 24;
export const S_LAST_T: usize = 32;
export const S_START_T: usize = 40;
export const S_MIN_T: usize = 48;
export const S_FLOATS: usize = 56;
export const S_SIDES: usize = 60;

/** The slot has been initialised and holds something. */
export const SLOT_USED: u8 = 1;
/** The row at the last t is a float, and thus the newest of the raw buffer. */
export const SLOT_LAST_IS_FLOAT: u8 = 2;
/** A later write came for the last t: only it tells what a repeat is. */
export const SLOT_CONTESTED: u8 = 4;

// Raw buffer: 16 rows of {offset from the base t: u32, value bits: u64}.
export const RAW_ROWS: u32 = 16;
export const RAW_ROW_BYTES: u32 = 12;
export const RAW_BYTES: u32 = RAW_ROWS * RAW_ROW_BYTES;

// Block of sealed rows.
export const B_OLDER: usize = 0;
export const B_ROWS: usize = 4;
export const B_FLAGS: usize = 6;
export const B_MIN_T: usize = 8;
export const B_SPAN: usize = 16;
export const B_TIMES_BYTES: usize = 20;
export const B_VALUES_BYTES: usize = 22;
export const BLOCK_HEADER_BYTES: u32 = 24;

/** Rows are spread evenly over the span; there are no time bytes. */
export const BLOCK_EVEN: u8 = 1;
/** A start timestamp (f64) follows the header. */
export const BLOCK_HAS_START: u8 = 2;
/** The body is a copy of the raw rows. */
export const BLOCK_RAW: u8 = 4;

// Side record: an out-of-order float, or any histogram.
export const R_OLDER: usize = 0;
export const R_KIND: usize = 4;
export const R_FLAGS: usize = 5;
export const R_T: usize = 8;
export const R_START_T: usize = 16;
export const R_PAYLOAD_BYTES: usize = 24;
export const R_PAYLOAD: usize = 32;

export const KIND_FLOAT: u8 = 1;
export const KIND_HISTOGRAM: u8 = 2;
export const RECORD_IN_ORDER: u8 = 1;
export const RECORD_STALE: u8 = 2;

// Exemplar record.
export const E_OLDER: usize = 0;
export const E_PAYLOAD_BYTES: usize = 4;
export const E_T: usize = 8;
export const E_PAYLOAD: usize = 16;

/** Most arena bytes a float row can take, or a histogram or exemplar beside its payload; pages apart. */
export const MAX_BYTES_PER_ROW: u32 = 256;
