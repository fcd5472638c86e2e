// Reads series of a head. Floats that came in order stand in blocks and are merely decoded; side
// records are merged in by these rules: of the writes for one t the last number wins, or else the
// last stale marker.

import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { isStaleBits } from '../../model/stale.ts';
import { threadDecoder } from './block-decoder.ts';
import { ColumnBuffer } from './column-buffer.ts';
import { BlockWord, SlotWord } from './layout.ts';
import type { HeadExemplar } from './side-record.ts';
import { readExemplars, SideRecords } from './side-record.ts';
import { HeadSlots } from './slots.ts';

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
 * Works on any thread once the head is frozen, before that on its owner's. Cheap to make. Must not be
 * used after the head has been cleared.
 */
export class HeadReader {
  readonly #slots: HeadSlots;
  readonly #side: SideRecords;
  readonly #floats = new ColumnBuffer();
  readonly #merged = new ColumnBuffer();

  /** `memory` is that of a HeadMemory. */
  constructor(memory: WebAssembly.Memory) {
    this.#slots = new HeadSlots(memory);
    this.#side = new SideRecords(this.#slots);
  }

  /** Refs that have samples or exemplars, ascending. */
  refs(): Generator<number, void> {
    return this.#slots.refs();
  }

  /**
   * Samples of a series in [minT, maxT], ascending, one per t; undefined if there are none. The
   * columns are valid until this reader's next `read`; `length` tells how much of them.
   */
  read(
    ref: number,
    minT: number,
    maxT: number,
    decodeHistogram: DecodeHistogram,
    counters?: MergeCounters,
  ): SampleColumns | undefined {
    const slot = this.#slots.find(ref);
    if (slot === 0) return undefined;
    if (this.#slots.minT(ref) > maxT || this.#slots.maxT(ref) < minT) return undefined;
    this.#readFloats(slot, minT, maxT);
    if (this.#slots.words[slot + SlotWord.side] !== 0) {
      this.#side.collect(slot, minT, maxT);
      if (this.#side.length > 0) {
        merge(this.#floats, this.#side, this.#merged, decodeHistogram, counters);
        return this.#merged.columns();
      }
    }
    return this.#floats.length === 0 ? undefined : this.#floats.columns();
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

  /** Fills `#floats` with the in-order rows. */
  #readFloats(slot: number, minT: number, maxT: number): void {
    const { words, floats } = this.#slots;
    const decoder = threadDecoder();
    this.#floats.clear();
    for (let address = words[slot + SlotWord.firstBlock]!; address !== 0; ) {
      const block = address >>> 2;
      const firstT = floats[(block + BlockWord.minT) >>> 1]!;
      if (firstT > maxT) break;
      if (firstT + words[block + BlockWord.span]! >= minT) {
        if (decoder.isFull()) this.#decode(minT, maxT);
        decoder.addBlock(words, block);
      }
      address = words[block + BlockWord.next]!;
    }
    const count = (words[slot + SlotWord.counts]! >>> 16) & 0xff;
    const baseT = floats[(slot + SlotWord.baseT) >>> 1]!;
    if (count > 0 && baseT <= maxT) {
      if (decoder.isFull()) this.#decode(minT, maxT);
      const startT = floats[(slot + SlotWord.startT) >>> 1]!;
      decoder.addRaw(words, words[slot + SlotWord.raw]! >>> 2, count, baseT, startT);
    }
    if (!decoder.isEmpty()) this.#decode(minT, maxT);
  }

  #decode(minT: number, maxT: number): void {
    const decoder = threadDecoder();
    const to = this.#floats;
    const hasStartT = decoder.hasStartT();
    const rows = decoder.decode(minT, maxT);
    if (rows === 0) return;
    to.reserve(rows);
    to.t.set(decoder.t.subarray(0, rows), to.length);
    to.v.set(decoder.v.subarray(0, rows), to.length);
    if (hasStartT) to.wantStartT();
    if (hasStartT) to.startT.set(decoder.startT.subarray(0, rows), to.length);
    else if (to.hasStartT) to.startT.fill(0, to.length, to.length + rows);
    to.length += rows;
  }
}

/** Stands for the in-order float row where a side record's index is expected. */
const ROW = -1;

/** Fills `out` with the float rows and the side records, one winner per t. */
function merge(
  rows: ColumnBuffer,
  side: SideRecords,
  out: ColumnBuffer,
  decodeHistogram: DecodeHistogram,
  counters: MergeCounters | undefined,
): void {
  out.clear();
  out.reserve(rows.length + side.length);
  let row = 0;
  let next = 0;
  while (row < rows.length || next < side.length) {
    const sideT = next < side.length ? side.t(next) : Number.POSITIVE_INFINITY;
    const hasRow = row < rows.length && rows.t[row]! <= sideT;
    const t = hasRow ? rows.t[row]! : sideT;
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
function isStale(rows: ColumnBuffer, row: number, side: SideRecords, winner: number): boolean {
  if (winner !== ROW) return side.isStale(winner);
  return isStaleBits(rows.bits[row * 2 + 1]!, rows.bits[row * 2]!);
}

function isRepeat(
  rows: ColumnBuffer,
  row: number,
  side: SideRecords,
  winner: number,
  next: number,
): boolean {
  if (winner !== ROW) return side.isSame(winner, next);
  return (
    !side.isHistogram(next) &&
    side.startT(next) === (rows.hasStartT ? rows.startT[row]! : 0) &&
    side.low(next) === rows.bits[row * 2]! &&
    side.high(next) === rows.bits[row * 2 + 1]!
  );
}

function emitRow(rows: ColumnBuffer, row: number, out: ColumnBuffer): void {
  const at = out.length;
  const startT = rows.hasStartT ? rows.startT[row]! : 0;
  beginRow(out, rows.t[row]!, startT);
  out.bits[at * 2] = rows.bits[row * 2]!;
  out.bits[at * 2 + 1] = rows.bits[row * 2 + 1]!;
  out.histograms?.push(undefined);
}

function emitRecord(
  side: SideRecords,
  i: number,
  t: number,
  out: ColumnBuffer,
  decodeHistogram: DecodeHistogram,
): void {
  const at = out.length;
  beginRow(out, t, side.startT(i));
  if (side.isHistogram(i)) {
    out.v[at] = 0;
    out.histograms ??= new Array<NativeHistogram | undefined>(at).fill(undefined);
    out.histograms.push(decodeHistogram(side.payload(i)));
    return;
  }
  out.bits[at * 2] = side.low(i);
  out.bits[at * 2 + 1] = side.high(i);
  out.histograms?.push(undefined);
}

function beginRow(out: ColumnBuffer, t: number, startT: number): void {
  const at = out.length;
  if (startT !== 0) out.wantStartT();
  if (out.hasStartT) out.startT[at] = startT;
  out.t[at] = t;
  out.length = at + 1;
}
