// The struct that holds all state of the remote-write scanner and its alias table, and the codes of a
// scan. Plain constants, read by the kernel and by src/tsdb/ingest: the one place that states them.
// Addresses, counts and sizes are u32. "set by the owner" = written by TypeScript before the first call.

/** u64. ANDed to every hash: all ones, or 0 in tests to make all keys collide. Set by the owner. */
export const STATE_HASH_MASK = 0;
/** Slots of the hash table: u32 address of an entry, 0 = free. Set by the owner. */
export const STATE_SLOTS = 8;
/** Most slots, a power of two, at least twice the most entries. Set by the owner. */
export const STATE_MAX_SLOTS = 12;
/** Array of entries. Set by the owner. */
export const STATE_ENTRIES = 16;
/** Set by the owner. */
export const STATE_MAX_ENTRIES = 20;
/** Label bytes of all entries, back to back. Set by the owner. */
export const STATE_KEYS = 24;
/** Set by the owner. */
export const STATE_MAX_KEY_BYTES = 28;
/** Slots in use by the table at its present size, less one. */
export const STATE_SLOT_MASK = 32;
/** Entries in use, roots included. */
export const STATE_ENTRY_COUNT = 36;
export const STATE_KEY_BYTES = 40;

/** Columns of the rows: u32 refs, f64 timestamps in ms, 8 raw bytes of values. Set by the owner. */
export const STATE_REFS = 44;
export const STATE_TIMES = 48;
export const STATE_VALUES = 52;
export const STATE_MAX_ROWS = 56;
/** Columns of the slow items: u32 offset and length of the payload, u32 rows before it, u8 field. Set by the owner. */
export const STATE_SLOW_OFFSETS = 60;
export const STATE_SLOW_LENGTHS = 64;
export const STATE_SLOW_ROWS = 68;
export const STATE_SLOW_FIELDS = 72;
export const STATE_MAX_SLOW = 76;

/** Results of the last scan. */
export const STATE_ROW_COUNT = 80;
export const STATE_SLOW_COUNT = 84;
/** Where in the body the field at fault starts; meaningful after a negative answer only. */
export const STATE_ERROR_OFFSET = 88;
/** Series whose labels were looked up, and how many of them the prediction found. */
export const STATE_LOOKUPS = 92;
export const STATE_PREDICT_HITS = 96;
/** Entry of the series before, or the root: whose prediction comes next. Used during a scan only. */
export const STATE_PREVIOUS = 100;
/** f64. Bounds of the timestamps of all rows; +Infinity and -Infinity if there are none. */
export const STATE_MIN_T = 104;
export const STATE_MAX_T = 112;

// Of remote write 2.0 only.

/** Columns of the symbols: u32 offset in the body, length, entry in the alias table (0 = unknown). Set by the owner. */
export const STATE_SYMBOL_OFFSETS = 120;
export const STATE_SYMBOL_LENGTHS = 124;
export const STATE_SYMBOL_ENTRIES = 128;
export const STATE_MAX_SYMBOLS = 132;
/** f64 start timestamps of the rows in ms, 0 = unset; there may be fewer of these than of STATE_MAX_ROWS. Set by the owner. */
export const STATE_START_TIMES = 136;
export const STATE_MAX_START_TIMES = 140;
/**
 * Columns of the metadata items: u32 symbol of the metric, type, symbols of help and unit, slow items before it. Set
 * by the owner.
 */
export const STATE_METADATA_METRICS = 144;
export const STATE_METADATA_TYPES = 148;
export const STATE_METADATA_HELPS = 152;
export const STATE_METADATA_UNITS = 156;
export const STATE_METADATA_SLOW = 160;
export const STATE_MAX_METADATA = 164;
/** Room for the key of the series at hand, MAX_SERIES_KEY_BYTES. Set by the owner. */
export const STATE_KEY = 168;

/** Results of the last scan. */
export const STATE_SYMBOL_COUNT = 172;
export const STATE_SERIES_COUNT = 176;
export const STATE_METADATA_COUNT = 180;
/** 1 if a row has a start timestamp, else 0. */
export const STATE_HAS_START_TIMES = 184;
/** Entry of the symbol before, or 0. Used during a scan only. */
export const STATE_PREVIOUS_SYMBOL = 188;
export const STATE_BYTES = 192;

/** An entry of the alias table: its hash is a u64, the others are u32. */
export const ENTRY_HASH = 0;
export const ENTRY_DATABASE = 8;
export const ENTRY_REF = 12;
export const ENTRY_KEY = 16;
export const ENTRY_KEY_LENGTH = 20;
/** Entry that came after this one the last time, or 0. */
export const ENTRY_NEXT = 24;
/** Of a series of remote write 2.0: the entry of the symbol that is the value of its metric name. */
export const ENTRY_METRIC = 28;
export const ENTRY_BYTES = 32;

/** Where symbols are entries of the alias table; no database has this id. */
export const SYMBOLS_DATABASE = 0;
/** Of a symbol, instead of a ref: where it is in the table of the request at hand. */
export const ENTRY_SYMBOL = 12;
/** Of a symbol: its last metadata item in the request at hand, if that says so, too. */
export const ENTRY_METADATA = 28;

/** A word of 0 and 256 labels. Series of remote write 2.0 with longer keys are left to the slow path. */
export const MAX_SERIES_KEY_BYTES = 2052;

/** Slots of an empty table; doubles whenever it is half full. */
export const INITIAL_SLOTS = 1024;

/** Timestamps past ±8.64e15 ms are left to the slow path: it is the range of a JavaScript Date. */
export const MAX_TIMESTAMP_MS = 8640000000000000;

// Why a body is refused, as the kernel's answer.

/** A varint is cut off or longer than 64 bits. */
export const SCAN_BAD_VARINT = -1;
/** A length or fixed-size value passes the end of its message. */
export const SCAN_BAD_LENGTH = -2;
/** Field number 0, or a tag of more than 32 bits. */
export const SCAN_BAD_TAG = -3;
/** A group, an undefined wire type, or a field of the request with a wrong one. */
export const SCAN_BAD_WIRE_TYPE = -4;
/** More rows or other items than their columns hold. */
export const SCAN_FULL = -5;
/** Only of remote write 2.0: a body that only its decoder can judge. */
export const SCAN_UNUSUAL = -6;
