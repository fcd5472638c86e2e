// Where things lie in the scanner's private memory. Every region has its place for the life of the
// memory; pages that nobody touches cost nothing, so the columns are sized for the worst body there can
// be. Only where the address space is short are columns and alias table cut down.

import {
  ENTRY_BYTES,
  MAX_SERIES_KEY_BYTES,
  STATE_BYTES,
  STATE_ENTRIES,
  STATE_HASH_MASK,
  STATE_KEY,
  STATE_KEYS,
  STATE_MAX_ENTRIES,
  STATE_MAX_KEY_BYTES,
  STATE_MAX_METADATA,
  STATE_MAX_ROWS,
  STATE_MAX_SLOTS,
  STATE_MAX_SLOW,
  STATE_MAX_START_TIMES,
  STATE_MAX_SYMBOLS,
  STATE_METADATA_HELPS,
  STATE_METADATA_METRICS,
  STATE_METADATA_SLOW,
  STATE_METADATA_TYPES,
  STATE_METADATA_UNITS,
  STATE_REFS,
  STATE_SLOTS,
  STATE_SLOW_FIELDS,
  STATE_SLOW_LENGTHS,
  STATE_SLOW_OFFSETS,
  STATE_SLOW_ROWS,
  STATE_START_TIMES,
  STATE_SYMBOL_ENTRIES,
  STATE_SYMBOL_LENGTHS,
  STATE_SYMBOL_OFFSETS,
  STATE_TIMES,
  STATE_VALUES,
} from '../../../kernel/write-request-layout.ts';
import { KERNEL_RESERVED_BYTES } from '../../codec/kernel.ts';
import { tooLittleMemory } from './scanner-errors.ts';

/** Bytes of a remote-write body. */
export interface ScanLimits {
  readonly maxCompressedBytes: number;
  readonly maxDecodedBytes: number;
}

/** Past either, the alias table is cleared and learns again. */
export interface AliasLimits {
  readonly maxEntries: number;
  readonly maxKeyBytes: number;
}

/** Addresses and capacities (in elements) of the regions. */
export interface ScannerRegions {
  readonly state: number;
  readonly input: number;
  readonly decoded: number;
  readonly refs: number;
  readonly times: number;
  readonly values: number;
  readonly maxRows: number;
  readonly slowOffsets: number;
  readonly slowLengths: number;
  readonly slowRows: number;
  readonly slowFields: number;
  readonly maxSlow: number;
  /** Of remote write 2.0. */
  readonly startTimes: number;
  readonly maxStartTimes: number;
  readonly symbolOffsets: number;
  readonly symbolLengths: number;
  readonly symbolEntries: number;
  readonly maxSymbols: number;
  readonly metadataMetrics: number;
  readonly metadataTypes: number;
  readonly metadataHelps: number;
  readonly metadataUnits: number;
  readonly metadataSlow: number;
  readonly maxMetadata: number;
  readonly key: number;
  readonly slots: number;
  readonly maxSlots: number;
  readonly entries: number;
  readonly maxEntries: number;
  readonly keys: number;
  readonly maxKeyBytes: number;
  /** Starts of the gaps: {@link GAP_BYTES} that nobody writes after each region. */
  readonly gaps: readonly number[];
}

/** Between regions: room for vector reads past the end of one, and for canaries in tests. */
export const GAP_BYTES = 256;
/** What snappy's vector stores may scribble on past the end of the decoded body. */
export const SNAPPY_SLACK_BYTES = 64;

// A sample takes at least 2 bytes on the wire (`12 00`), and so does a series (`0a 00`).
const MIN_FIELD_BYTES = 2;
const ROW_BYTES = 4 + 8 + 8;
const SLOW_BYTES = 4 + 4 + 4 + 1;
// Bodies of 2.0 that have more than this take the protocol decoder: senders put some thousands into one.
const MAX_START_TIMES = 4 << 20;
const MAX_SYMBOLS = 1 << 20;
const MAX_METADATA = 1 << 18;
const SYMBOL_BYTES = 3 * 4;
const METADATA_BYTES = 5 * 4;
/** An entry and at most four slots: twice the entries, rounded up to a power of two. */
const ENTRY_AND_SLOTS_BYTES = ENTRY_BYTES + 4 * 4;
/** What gaps, alignment and the state may take. */
const OVERHEAD_BYTES = 16_384;
/** Columns and table each get at least this, or there is no point in starting. */
const MIN_SHARE_BYTES = 65_536;

/** Memory in which nothing needs cutting down; may be more than a memory can have. */
export function scannerMemoryBytes(limits: ScanLimits, alias: AliasLimits): number {
  const columns = Math.max(MIN_SHARE_BYTES, columnBytes(limits));
  return bodyBytes(limits) + columns + Math.max(MIN_SHARE_BYTES, tableBytes(alias));
}

/** Lays out a memory of `memoryBytes`. Throws TSDB_SCANNER_MEMORY if it is hopelessly small. */
export function placeRegions(
  memoryBytes: number,
  limits: ScanLimits,
  alias: AliasLimits,
): ScannerRegions {
  const available = memoryBytes - bodyBytes(limits);
  if (available < 2 * MIN_SHARE_BYTES) throw tooLittleMemory(memoryBytes);
  // If both do not fit, each may claim half; what one does not need is the other's.
  const wantedColumns = columnBytes(limits);
  const wantedTable = tableBytes(alias);
  const forColumns = Math.max(available / 2, available - wantedTable);
  const columnScale = Math.min(1, forColumns / wantedColumns);
  const tableScale = Math.min(1, (available - wantedColumns * columnScale) / wantedTable);
  const counts = mostOfBody(limits);
  const maxRows = Math.floor(counts.rows * columnScale);
  const maxStartTimes = Math.floor(counts.startTimes * columnScale);
  const maxSymbols = Math.floor(counts.symbols * columnScale);
  const maxMetadata = Math.floor(counts.metadata * columnScale);
  const maxEntries = Math.floor(alias.maxEntries * tableScale);
  const maxKeyBytes = Math.floor(alias.maxKeyBytes * tableScale);
  const maxSlots = 2 ** Math.ceil(Math.log2(2 * Math.max(1, maxEntries)));

  const gaps: number[] = [];
  let at = KERNEL_RESERVED_BYTES;
  const place = (bytes: number): number => {
    const start = at;
    gaps.push(start + bytes);
    at = Math.ceil((start + bytes + GAP_BYTES) / 64) * 64;
    return start;
  };
  return {
    state: place(STATE_BYTES),
    input: place(limits.maxCompressedBytes),
    decoded: place(limits.maxDecodedBytes + SNAPPY_SLACK_BYTES),
    refs: place(maxRows * 4),
    times: place(maxRows * 8),
    values: place(maxRows * 8),
    maxRows,
    slowOffsets: place(maxRows * 4),
    slowLengths: place(maxRows * 4),
    slowRows: place(maxRows * 4),
    slowFields: place(maxRows),
    maxSlow: maxRows,
    startTimes: place(maxStartTimes * 8),
    maxStartTimes,
    symbolOffsets: place(maxSymbols * 4),
    symbolLengths: place(maxSymbols * 4),
    symbolEntries: place(maxSymbols * 4),
    maxSymbols,
    metadataMetrics: place(maxMetadata * 4),
    metadataTypes: place(maxMetadata * 4),
    metadataHelps: place(maxMetadata * 4),
    metadataUnits: place(maxMetadata * 4),
    metadataSlow: place(maxMetadata * 4),
    maxMetadata,
    key: place(MAX_SERIES_KEY_BYTES),
    slots: place(maxSlots * 4),
    maxSlots,
    entries: place(maxEntries * ENTRY_BYTES),
    maxEntries,
    keys: place(maxKeyBytes),
    maxKeyBytes,
    gaps,
  };
}

/** Writes the fields of the state that the owner sets. The table must be cleared afterwards. */
export function writeState(memory: WebAssembly.Memory, at: ScannerRegions, hashMask: bigint): void {
  const state = new DataView(memory.buffer, at.state, STATE_BYTES);
  const fields: readonly (readonly [offset: number, value: number])[] = [
    [STATE_SLOTS, at.slots],
    [STATE_MAX_SLOTS, at.maxSlots],
    [STATE_ENTRIES, at.entries],
    [STATE_MAX_ENTRIES, at.maxEntries],
    [STATE_KEYS, at.keys],
    [STATE_MAX_KEY_BYTES, at.maxKeyBytes],
    [STATE_REFS, at.refs],
    [STATE_TIMES, at.times],
    [STATE_VALUES, at.values],
    [STATE_MAX_ROWS, at.maxRows],
    [STATE_SLOW_OFFSETS, at.slowOffsets],
    [STATE_SLOW_LENGTHS, at.slowLengths],
    [STATE_SLOW_ROWS, at.slowRows],
    [STATE_SLOW_FIELDS, at.slowFields],
    [STATE_MAX_SLOW, at.maxSlow],
    [STATE_START_TIMES, at.startTimes],
    [STATE_MAX_START_TIMES, at.maxStartTimes],
    [STATE_SYMBOL_OFFSETS, at.symbolOffsets],
    [STATE_SYMBOL_LENGTHS, at.symbolLengths],
    [STATE_SYMBOL_ENTRIES, at.symbolEntries],
    [STATE_MAX_SYMBOLS, at.maxSymbols],
    [STATE_METADATA_METRICS, at.metadataMetrics],
    [STATE_METADATA_TYPES, at.metadataTypes],
    [STATE_METADATA_HELPS, at.metadataHelps],
    [STATE_METADATA_UNITS, at.metadataUnits],
    [STATE_METADATA_SLOW, at.metadataSlow],
    [STATE_MAX_METADATA, at.maxMetadata],
    [STATE_KEY, at.key],
  ];
  for (const [offset, value] of fields) state.setUint32(offset, value, true);
  state.setBigUint64(STATE_HASH_MASK, hashMask, true);
}

function bodyBytes(limits: ScanLimits): number {
  const bodies = limits.maxCompressedBytes + limits.maxDecodedBytes;
  return KERNEL_RESERVED_BYTES + OVERHEAD_BYTES + bodies;
}

function columnBytes(limits: ScanLimits): number {
  const { rows, startTimes, symbols, metadata } = mostOfBody(limits);
  const v2 = startTimes * 8 + symbols * SYMBOL_BYTES + metadata * METADATA_BYTES;
  return rows * (ROW_BYTES + SLOW_BYTES) + v2;
}

function tableBytes(alias: AliasLimits): number {
  return alias.maxEntries * ENTRY_AND_SLOTS_BYTES + alias.maxKeyBytes;
}

/** What a body has at most of each, or may have. */
function mostOfBody({
  maxDecodedBytes,
}: ScanLimits): Readonly<Record<'rows' | 'startTimes' | 'symbols' | 'metadata', number>> {
  const rows = Math.floor(maxDecodedBytes / MIN_FIELD_BYTES) + 1;
  return {
    rows,
    startTimes: Math.min(MAX_START_TIMES, rows),
    symbols: Math.min(MAX_SYMBOLS, rows),
    metadata: Math.min(MAX_METADATA, rows),
  };
}
