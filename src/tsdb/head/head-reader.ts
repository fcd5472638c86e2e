// Reads series of a head. Floats that came in order stand in blocks and are merely decoded; side
// records are merged in by these rules: of the writes for one t the last number wins, or else the
// last stale marker.

import type { NativeHistogram } from '../../model/native-histogram.ts';
import { staleHistogram } from '../../model/native-histogram-stale.ts';
import { isStaleBits } from '../../model/stale.ts';
import { ColumnsBuilder } from '../chunk/columns-builder.ts';
import { threadDecoder } from './block-decoder.ts';
import { BlockWord } from './layout.ts';
import type { HeadExemplar } from './side-record.ts';
import { readExemplars, SideRecords } from './side-record.ts';
import { SlotSnapshot } from './slot-snapshot.ts';
import { type HeadBuffer, HeadSlots } from './slots.ts';

/** The payload is a view into the head's shared memory, to be read during the call only. */
export type DecodeHistogram = (payload: Uint8Array) => NativeHistogram;

/** What merging met, summed up over reads. */
export interface MergeCounters {
  /** Writes that lost to, or gave way to, a different write for the same t. */
  overwritten: number;
  /** Writes equal to the winner so far, bit by bit. */
  duplicates: number;
}

/**
 * Works on any thread, also while the head's owner appends: it sees every write that had been applied
 * when the thread was told to read, and of later ones as many as it meets, in their order. Cheap to
 * make. Must not be used after the head has been cleared.
 */
export class HeadReader {
  readonly #slots: HeadSlots;
  readonly #snapshot: SlotSnapshot;
  readonly #side: SideRecords;
  /** Word indexes of the blocks at hand. */
  #blocks = new Uint32Array(64);
  #floats: ColumnsBuilder | undefined;
  #probe: ColumnsBuilder | undefined;

  /** `memory` is that of a HeadMemory. */
  constructor(memory: HeadBuffer) {
    this.#slots = new HeadSlots(memory);
    this.#snapshot = new SlotSnapshot(this.#slots);
    this.#side = new SideRecords(this.#slots);
  }

  /** Refs that have samples or exemplars, ascending. Frozen heads only. */
  refs(): Generator<number, void> {
    return this.#slots.refs();
  }

  /** Appends the samples of a series in [minT, maxT] to `out`, ascending, one per t. */
  read(
    ref: number,
    minT: number,
    maxT: number,
    out: ColumnsBuilder,
    decodeHistogram: DecodeHistogram,
    counters?: MergeCounters,
  ): void {
    const slot = this.#slots.find(ref);
    if (slot === 0) return;
    if (this.#slots.firstT(slot) > maxT || this.#slots.lastT(slot) < minT) return;
    const snapshot = this.#snapshot;
    snapshot.take(ref, slot);
    if (snapshot.side !== 0) {
      this.#side.collect(snapshot.side, snapshot.sides, minT, maxT);
      if (this.#side.length > 0) {
        this.#floats ??= new ColumnsBuilder();
        this.#floats.reset();
        this.#readFloats(minT, maxT, this.#floats);
        merge(this.#floats, this.#side, out, decodeHistogram, counters);
        return;
      }
    }
    this.#readFloats(minT, maxT, out);
  }

  /** True if {@link read} would find a sample. */
  hasSamples(ref: number, minT: number, maxT: number): boolean {
    const slot = this.#slots.find(ref);
    if (slot === 0) return false;
    const first = this.#slots.firstT(slot);
    const last = this.#slots.lastT(slot);
    if (first > maxT || last < minT) return false;
    if (first >= minT || last <= maxT) return true;
    // Between its first and last sample there may be a gap: blocks are small, so look.
    this.#probe ??= new ColumnsBuilder();
    this.#probe.reset();
    this.read(ref, minT, maxT, this.#probe, NO_HISTOGRAM);
    return this.#probe.length > 0;
  }

  /** Those of the series that have, in the same order; the same array if all have. */
  withSamples(refs: Uint32Array, minT: number, maxT: number): Uint32Array {
    const found = new Uint32Array(refs.length);
    let count = 0;
    for (let i = 0; i < refs.length; i++) {
      if (this.hasSamples(refs[i]!, minT, maxT)) found[count++] = refs[i]!;
    }
    return count === refs.length ? refs : found.slice(0, count);
  }

  /** True if the series has at least one exemplar. */
  hasExemplars(ref: number): boolean {
    return this.#slots.hasExemplars(ref);
  }

  /** Smallest t of the series' samples; +Infinity if it has none. */
  seriesMinT(ref: number): number {
    return this.#slots.minT(ref);
  }

  /** Largest t of the series' samples; -Infinity if it has none. */
  seriesMaxT(ref: number): number {
    return this.#slots.maxT(ref);
  }

  /** Exemplars of a series by t; copies. */
  exemplars(ref: number): HeadExemplar[] {
    const slot = this.#slots.find(ref);
    return slot === 0 ? [] : readExemplars(this.#slots, slot);
  }

  /** Appends the in-order rows of the snapshot. */
  #readFloats(minT: number, maxT: number, out: ColumnsBuilder): void {
    const { words } = this.#slots;
    const { lastBlock, rawRows, baseT, startT, raw } = this.#snapshot;
    const decoder = threadDecoder();
    for (let i = this.#findBlocks(lastBlock, minT, maxT) - 1; i >= 0; i--) {
      if (decoder.isFull()) decoder.decode(minT, maxT, out);
      decoder.addBlock(words, this.#blocks[i]!);
    }
    if (rawRows > 0 && baseT <= maxT) {
      if (decoder.isFull()) decoder.decode(minT, maxT, out);
      decoder.addRaw(raw, rawRows, baseT, startT);
    }
    if (!decoder.isEmpty()) decoder.decode(minT, maxT, out);
  }

  /** Collects the blocks that overlap [minT, maxT], the newest first, and returns how many there are. */
  #findBlocks(newest: number, minT: number, maxT: number): number {
    const { words, floats } = this.#slots;
    let count = 0;
    for (let address = newest; address !== 0; ) {
      const block = address >>> 2;
      const firstT = floats[(block + BlockWord.minT) >>> 1]!;
      if (firstT + words[block + BlockWord.span]! < minT) break;
      if (firstT <= maxT) {
        if (count === this.#blocks.length) this.#growBlocks();
        this.#blocks[count++] = block;
      }
      address = words[block + BlockWord.older]!;
    }
    return count;
  }

  #growBlocks(): void {
    const grown = new Uint32Array(this.#blocks.length * 2);
    grown.set(this.#blocks);
    this.#blocks = grown;
  }
}

const EMPTY_HISTOGRAM = staleHistogram('float');
/** For reads of which only the number of rows counts. */
const NO_HISTOGRAM: DecodeHistogram = () => EMPTY_HISTOGRAM;

/** Stands for the in-order float row where a side record's index is expected. */
const ROW = -1;

/** Appends the float rows and the side records to `out`, one winner per t. */
function merge(
  rows: ColumnsBuilder,
  side: SideRecords,
  out: ColumnsBuilder,
  decodeHistogram: DecodeHistogram,
  counters: MergeCounters | undefined,
): void {
  const { t: times } = rows;
  const { length } = rows;
  out.reserve(length + side.length);
  let row = 0;
  let next = 0;
  while (row < length || next < side.length) {
    const sideT = next < side.length ? side.t(next) : Number.POSITIVE_INFINITY;
    const hasRow = row < length && times[row]! <= sideT;
    const t = hasRow ? times[row]! : sideT;
    // An in-order row came before every other write for its t.
    let winner = hasRow ? ROW : next++;
    for (; next < side.length && side.t(next) === t; next++) {
      if (counters !== undefined) {
        if (isRepeat(rows, row, side, winner, next)) counters.duplicates++;
        else counters.overwritten++;
      }
      if (!side.isStale(next) || isStale(rows, row, side, winner)) winner = next;
    }
    if (winner === ROW) emitRow(rows, row, out);
    else emitRecord(side, winner, t, out, decodeHistogram);
    if (hasRow) row++;
  }
}

/** `winner` is {@link ROW} for float row `row`, or the index of a side record. */
function isStale(rows: ColumnsBuilder, row: number, side: SideRecords, winner: number): boolean {
  if (winner !== ROW) return side.isStale(winner);
  return isStaleBits(rows.bits[row * 2 + 1]!, rows.bits[row * 2]!);
}

function isRepeat(
  rows: ColumnsBuilder,
  row: number,
  side: SideRecords,
  winner: number,
  next: number,
): boolean {
  if (winner !== ROW) return side.isSame(winner, next);
  return (
    !side.isHistogram(next) &&
    side.startT(next) === startOf(rows, row) &&
    side.low(next) === rows.bits[row * 2]! &&
    side.high(next) === rows.bits[row * 2 + 1]!
  );
}

function startOf(rows: ColumnsBuilder, row: number): number {
  return rows.hasStartT ? rows.startColumn()[row]! : 0;
}

function emitRow(rows: ColumnsBuilder, row: number, out: ColumnsBuilder): void {
  emitFloat(out, rows.t[row]!, startOf(rows, row), rows.bits[row * 2]!, rows.bits[row * 2 + 1]!);
}

function emitRecord(
  side: SideRecords,
  i: number,
  t: number,
  out: ColumnsBuilder,
  decodeHistogram: DecodeHistogram,
): void {
  if (!side.isHistogram(i)) {
    emitFloat(out, t, side.startT(i), side.low(i), side.high(i));
    return;
  }
  out.histogramColumn()[out.length] = decodeHistogram(side.payload(i));
  emitFloat(out, t, side.startT(i), 0, 0);
}

/** One row in the room that was reserved. */
function emitFloat(
  out: ColumnsBuilder,
  t: number,
  startT: number,
  low: number,
  high: number,
): void {
  const at = out.length;
  out.t[at] = t;
  out.bits[at * 2] = low;
  out.bits[at * 2 + 1] = high;
  if (startT !== 0) out.startColumn()[at] = startT;
  out.advance(1);
}
