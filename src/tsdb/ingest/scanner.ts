// Turns a remote-write body into columns without making a string: the kernel decompresses and scans it in
// a private memory, where an alias table knows series that came before by the bytes of their labels. What the
// kernel does not know or leaves alone is listed for the protocol decoder (kernel/write-request.ts and
// kernel/write-request-v2.ts).

import {
  SCAN_FULL,
  STATE_BYTES,
  STATE_ENTRY_COUNT,
  STATE_ERROR_OFFSET,
  STATE_HAS_START_TIMES,
  STATE_KEY_BYTES,
  STATE_LOOKUPS,
  STATE_MAX_T,
  STATE_METADATA_COUNT,
  STATE_MIN_T,
  STATE_PREDICT_HITS,
  STATE_ROW_COUNT,
  STATE_SERIES_COUNT,
  STATE_SLOW_COUNT,
  STATE_SYMBOL_COUNT,
} from '../../../kernel/write-request-layout.ts';
import type { Kernel } from '../../codec/kernel.ts';
import { instantiateKernel, reserveMemory } from '../../codec/kernel.ts';
import type { SymbolOffsets } from '../../protocol/remote-write/v2.ts';
import {
  compressedTooLarge,
  decodedTooLarge,
  invalidProtobuf,
  invalidSnappy,
  tooManyRows,
} from './scanner-errors.ts';
import type { AliasLimits, ScanLimits, ScannerRegions } from './scanner-layout.ts';
import { placeRegions, scannerMemoryBytes, writeState } from './scanner-layout.ts';

export type { AliasLimits, ScanLimits } from './scanner-layout.ts';

/** Values of {@link ScannedWrite.slowField}: field numbers of WriteRequest. */
export const SLOW_TIME_SERIES = 1;
export const SLOW_METADATA = 3;

/** One scanned body. All arrays are views into the scanner's memory, valid until its next scan. */
export interface ScannedWrite {
  /** One row per sample of known series, in the order of the body. Copy `v` as bits (NaN payloads). */
  readonly rows: number;
  readonly refs: Uint32Array;
  readonly t: Float64Array;
  readonly v: Float64Array;
  /** Everything else: payloads of fields of the request, each coming after `slowRow` of the rows. */
  readonly slow: number;
  readonly slowOffset: Uint32Array;
  readonly slowLength: Uint32Array;
  readonly slowRow: Uint32Array;
  /** Their field numbers; in 1.0 {@link SLOW_TIME_SERIES} or {@link SLOW_METADATA}, in 2.0 all are series. */
  readonly slowField: Uint8Array;
  /** The protobuf message. Shared memory: TextDecoder refuses it, `Buffer.utf8Slice` does not. */
  readonly decoded: Uint8Array;
  /** Bounds of `t`; Infinity and -Infinity if there are no rows. */
  readonly minT: number;
  readonly maxT: number;
}

/** One scanned body of 2.0. */
export interface ScannedWriteV2 extends ScannedWrite {
  /** Start timestamps of the rows in ms, 0 = unset; undefined if unset everywhere. */
  readonly startT: Float64Array | undefined;
  /** All series, those of the rows and the slow ones. */
  readonly seriesCount: number;
  readonly symbols: SymbolOffsets;
  readonly metadata: ScannedMetadata;
}

/** What series of the rows say of their metrics, in the order of the body; what was just said is not repeated. */
export interface ScannedMetadata {
  readonly count: number;
  /** Symbol of the metric name, number of the type, symbols of help and unit: these two may be past the table. */
  readonly metric: Uint32Array;
  readonly type: Uint32Array;
  readonly help: Uint32Array;
  readonly unit: Uint32Array;
  /** How many slow items come before it. */
  readonly slow: Uint32Array;
}

export interface ScannerStats {
  /** Label sets known, the symbols of those of 2.0, and one more per database seen. */
  readonly entries: number;
  readonly keyBytes: number;
  /** Since start: series looked up, and how many of them came where they were expected. */
  readonly lookups: number;
  readonly predictHits: number;
}

/** For tests; the defaults are right for a server. */
export interface ScannerOptions {
  readonly alias?: AliasLimits;
  /** ANDed to every hash of the alias table; 0 makes all keys collide. */
  readonly hashMask?: bigint;
  /** A memory of the caller's instead of one of the scanner's own. */
  readonly memory?: WebAssembly.Memory;
}

// Enough for 2 M series at 256 bytes of labels each.
const DEFAULT_ALIAS_LIMITS: AliasLimits = { maxEntries: 8 << 20, maxKeyBytes: 512 << 20 };
const ALL_ONES = 0xffff_ffff_ffff_ffffn;

export class RemoteWriteScanner {
  readonly #limits: ScanLimits;
  readonly #kernel: Kernel;
  readonly #at: ScannerRegions;
  readonly #state: DataView;
  readonly #input: Uint8Array;
  readonly #decoded: Uint8Array;
  readonly #columns: Pick<ScannedWrite, 'refs' | 't' | 'v'>;
  readonly #slowColumns: Pick<ScannedWrite, 'slowOffset' | 'slowLength' | 'slowRow' | 'slowField'>;
  readonly #startT: Float64Array;
  readonly #symbols: { readonly offsets: Uint32Array; readonly lengths: Uint32Array };
  readonly #metadata: Omit<ScannedMetadata, 'count'>;
  /** Slow items of the last scan; 0 if it failed. */
  #slow = 0;
  #lookups = 0;
  #predictHits = 0;

  constructor(limits: ScanLimits, options: ScannerOptions = {}) {
    const alias = options.alias ?? DEFAULT_ALIAS_LIMITS;
    const memory = options.memory ?? reserveMemory(scannerMemoryBytes(limits, alias));
    const { buffer } = memory;
    const at = placeRegions(buffer.byteLength, limits, alias);
    this.#limits = limits;
    this.#kernel = instantiateKernel(memory);
    this.#at = at;
    this.#state = new DataView(buffer, at.state, STATE_BYTES);
    this.#input = new Uint8Array(buffer, at.input, limits.maxCompressedBytes);
    this.#decoded = new Uint8Array(buffer, at.decoded, limits.maxDecodedBytes);
    this.#columns = {
      refs: new Uint32Array(buffer, at.refs, at.maxRows),
      t: new Float64Array(buffer, at.times, at.maxRows),
      v: new Float64Array(buffer, at.values, at.maxRows),
    };
    this.#slowColumns = {
      slowOffset: new Uint32Array(buffer, at.slowOffsets, at.maxSlow),
      slowLength: new Uint32Array(buffer, at.slowLengths, at.maxSlow),
      slowRow: new Uint32Array(buffer, at.slowRows, at.maxSlow),
      slowField: new Uint8Array(buffer, at.slowFields, at.maxSlow),
    };
    this.#startT = new Float64Array(buffer, at.startTimes, at.maxStartTimes);
    this.#symbols = {
      offsets: new Uint32Array(buffer, at.symbolOffsets, at.maxSymbols),
      lengths: new Uint32Array(buffer, at.symbolLengths, at.maxSymbols),
    };
    this.#metadata = {
      metric: new Uint32Array(buffer, at.metadataMetrics, at.maxMetadata),
      type: new Uint32Array(buffer, at.metadataTypes, at.maxMetadata),
      help: new Uint32Array(buffer, at.metadataHelps, at.maxMetadata),
      unit: new Uint32Array(buffer, at.metadataUnits, at.maxMetadata),
      slow: new Uint32Array(buffer, at.metadataSlow, at.maxMetadata),
    };
    writeState(memory, at, options.hashMask ?? ALL_ONES);
    this.#kernel.aliasClear(at.state);
  }

  /**
   * Scans one body of 1.0 (a snappy block; no bytes at all are an empty request). `dbId` is a u32 above 0 that
   * is never used again for another database. Throws WRITE_COMPRESSED_TOO_LARGE,
   * WRITE_DECODED_TOO_LARGE, TSDB_WRITE_SNAPPY or TSDB_WRITE_PROTOBUF if the body cannot be taken in.
   */
  scan(dbId: number, body: Uint8Array): ScannedWrite {
    this.#slow = 0;
    const length = this.#decompress(body);
    const code = this.#kernel.scanWriteRequest(this.#at.state, dbId, this.#at.decoded, length);
    if (code === SCAN_FULL) throw tooManyRows(this.#at.maxRows);
    if (code < 0) {
      throw invalidProtobuf(code, this.#state.getUint32(STATE_ERROR_OFFSET, true));
    }
    return this.#found(length);
  }

  /**
   * The same of 2.0; series with a sample outside of `bounds` are slow. Undefined for a body that only its decoder can judge: one that it may refuse, or that has
   * symbols behind series, or more of anything than senders put into one.
   */
  scanV2(
    dbId: number,
    body: Uint8Array,
    { minT, maxT }: { readonly minT: number; readonly maxT: number },
  ): ScannedWriteV2 | undefined {
    this.#slow = 0;
    const { maxCompressedBytes, maxDecodedBytes } = this.#limits;
    if (body.length > maxCompressedBytes) return undefined;
    const { state, input, decoded } = this.#at;
    this.#input.set(body);
    const length = this.#kernel.snappyDecode(input, body.length, decoded, maxDecodedBytes);
    if (length < 0) return undefined;
    const code = this.#kernel.scanWriteRequestV2(state, dbId, decoded, length, minT, maxT);
    if (code < 0) return undefined;
    const count = this.#state.getUint32(STATE_METADATA_COUNT, true);
    const hasStartT = this.#state.getUint32(STATE_HAS_START_TIMES, true) !== 0;
    const found = this.#found(length);
    return {
      ...found,
      startT: hasStartT ? this.#startT.subarray(0, found.rows) : undefined,
      seriesCount: this.#state.getUint32(STATE_SERIES_COUNT, true),
      symbols: { ...this.#symbols, count: this.#state.getUint32(STATE_SYMBOL_COUNT, true) },
      metadata: { ...this.#metadata, count },
    };
  }

  /**
   * Remembers that the labels of slow item `slowIndex` of the last scan mean series `ref` of this
   * database, so that next time they make rows. Does nothing if the item is not a series that begins
   * with all its labels. Never call it for a series that was refused. When the table is full it
   * forgets everything else first.
   */
  learn(dbId: number, slowIndex: number, ref: number): void {
    if (!(slowIndex < this.#slow)) throw new RangeError(`no slow item ${slowIndex}`);
    const { slowOffset, slowLength, slowField } = this.#slowColumns;
    if (slowField[slowIndex] !== SLOW_TIME_SERIES) return;
    const { state, decoded } = this.#at;
    const series = decoded + slowOffset[slowIndex]!;
    const length = this.#kernel.seriesLabelsLength(series, slowLength[slowIndex]!);
    if (length === 0) return;
    if (this.#kernel.aliasInsert(state, dbId, series, length, ref)) return;
    this.clear();
    this.#kernel.aliasInsert(state, dbId, series, length, ref);
  }

  /** The same after {@link scanV2}. */
  learnV2(dbId: number, slowIndex: number, ref: number): void {
    if (!(slowIndex < this.#slow)) throw new RangeError(`no slow item ${slowIndex}`);
    const { state, decoded } = this.#at;
    const offset = this.#slowColumns.slowOffset[slowIndex]!;
    const length = this.#slowColumns.slowLength[slowIndex]!;
    if (this.#kernel.learnSeriesV2(state, dbId, decoded, offset, length, ref)) return;
    this.clear();
    this.#kernel.learnSeriesV2(state, dbId, decoded, offset, length, ref);
  }

  /** Forgets all labels of all databases. The last scan stays valid. */
  clear(): void {
    this.#kernel.aliasClear(this.#at.state);
  }

  stats(): ScannerStats {
    return {
      entries: this.#state.getUint32(STATE_ENTRY_COUNT, true),
      keyBytes: this.#state.getUint32(STATE_KEY_BYTES, true),
      lookups: this.#lookups,
      predictHits: this.#predictHits,
    };
  }

  /** What the last scan, of a message of `length` bytes, has left in the state. */
  #found(length: number): ScannedWrite {
    const state = this.#state;
    this.#lookups += state.getUint32(STATE_LOOKUPS, true);
    this.#predictHits += state.getUint32(STATE_PREDICT_HITS, true);
    const rows = state.getUint32(STATE_ROW_COUNT, true);
    const slow = state.getUint32(STATE_SLOW_COUNT, true);
    this.#slow = slow;
    const { refs, t, v } = this.#columns;
    const { slowOffset, slowLength, slowRow, slowField } = this.#slowColumns;
    return {
      rows,
      refs: refs.subarray(0, rows),
      t: t.subarray(0, rows),
      v: v.subarray(0, rows),
      slow,
      slowOffset: slowOffset.subarray(0, slow),
      slowLength: slowLength.subarray(0, slow),
      slowRow: slowRow.subarray(0, slow),
      slowField: slowField.subarray(0, slow),
      decoded: this.#decoded.subarray(0, length),
      minT: state.getFloat64(STATE_MIN_T, true),
      maxT: state.getFloat64(STATE_MAX_T, true),
    };
  }

  /** Decodes the block into the memory; its decoded length. */
  #decompress(body: Uint8Array): number {
    const { maxCompressedBytes, maxDecodedBytes } = this.#limits;
    if (body.length > maxCompressedBytes) throw compressedTooLarge(body.length, maxCompressedBytes);
    if (body.length === 0) return 0;
    const { input, decoded } = this.#at;
    this.#input.set(body);
    const declared = this.#kernel.snappyDeclaredLength(input, body.length);
    if (declared < 0) throw invalidSnappy('it does not begin with the length of a snappy block');
    if (declared > maxDecodedBytes) throw decodedTooLarge(declared, maxDecodedBytes);
    const length = this.#kernel.snappyDecode(input, body.length, decoded, maxDecodedBytes);
    if (length < 0) throw invalidSnappy('the snappy block is corrupt');
    return length;
  }
}
