// What the thread that scans ahead shares with the thread that replays: the bodies of one segment with a table of
// who has which (a job), and slots in which scanned rows are handed over. All words are 32 bits, written atomically
// where both threads write them.

/** One segment's bodies. Both arrays are views of shared memory. */
export interface ScanJob {
  /** The segment's bytes, from the beginning of their buffer. */
  readonly bytes: Uint8Array;
  /** {@link ENTRY_WORDS} words for each body, in the order of the segment. */
  readonly table: Int32Array;
}

/** Words of a table entry. Rows and slot count once the state is `scanned`. */
export const EntryWord = { state: 0, dbId: 1, offset: 2, length: 3, rows: 4, slot: 5 } as const;
export const ENTRY_WORDS = 6;

/** Who has a body. `left`: the scanner has had it, but it is not rows alone, or too many. */
export const EntryState = { free: 0, scanning: 1, scanned: 2, left: 3, replaying: 4 } as const;

/** Slots that can be filled at a time: how far the scanner may be ahead. */
export const SLOTS = 32;
/** Rows of a slot; a body that has more is left to the replaying thread. */
export const SLOT_ROWS = 16_384;

/** Words of {@link ScanSlots.control}: slots given back so far; the entry at which replay is. */
export const ControlWord = { freed: 0, front: 1 } as const;
const CONTROL_WORDS = 2;

/** Rows of scanned bodies, as columns; untouched pages cost nothing. */
export interface ScanSlots {
  readonly control: Int32Array;
  /** Numbers that the scanner has given to series: {@link SLOT_ROWS} for each slot, as in `t` and `v`. */
  readonly series: Uint32Array;
  readonly t: Float64Array;
  /** Copy as bits. */
  readonly v: Float64Array;
}

export function newScanSlots(): ScanSlots {
  const rows = SLOTS * SLOT_ROWS;
  return {
    control: new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4)),
    series: new Uint32Array(new SharedArrayBuffer(rows * 4)),
    t: new Float64Array(new SharedArrayBuffer(rows * 8)),
    v: new Float64Array(new SharedArrayBuffer(rows * 8)),
  };
}

/** A body in a segment. */
export interface BodyPlace {
  readonly dbId: number;
  readonly offset: number;
  readonly length: number;
}

export function newScanJob(bytes: Uint8Array, places: readonly BodyPlace[]): ScanJob {
  const table = new Int32Array(new SharedArrayBuffer(places.length * ENTRY_WORDS * 4));
  for (const [i, { dbId, offset, length }] of places.entries()) {
    table.set([EntryState.free, dbId, offset, length], i * ENTRY_WORDS);
  }
  return { bytes, table };
}
