// Side records of a head: out-of-order floats and all histograms of a series, a chain from the newest
// to the oldest. Also the exemplars' chain, which is built the same way.

import { ExemplarWord, RECORD_STALE, RecordKind, RecordWord, SlotWord } from './layout.ts';
import type { HeadSlots } from './slots.ts';

/** An exemplar as the head keeps it. */
export interface HeadExemplar {
  /** ms */
  readonly t: number;
  /** Opaque; a copy. */
  readonly payload: Uint8Array;
}

/** The side records of one series in a range of time, by t and, for equal t, order of arrival. */
export class SideRecords {
  length = 0;
  readonly #slots: HeadSlots;
  /** Word index of each record's first word, in order. */
  #at = new Uint32Array(64);

  constructor(slots: HeadSlots) {
    this.#slots = slots;
  }

  /** Collects anew from a chain of `most` records that begins at the address `newest`. */
  collect(newest: number, most: number, minT: number, maxT: number): void {
    const { words } = this.#slots;
    if (most > this.#at.length) this.#at = new Uint32Array(Math.max(most, this.#at.length * 2));
    let isSorted = true;
    let laterT = Number.POSITIVE_INFINITY;
    // The chain runs backwards, so the array is filled from its end.
    let from = most;
    for (let address = newest; address !== 0; ) {
      const record = address >>> 2;
      const t = this.#tOf(record);
      if (t >= minT && t <= maxT) {
        this.#at[--from] = record;
        if (t > laterT) isSorted = false;
        laterT = t;
      }
      address = words[record + RecordWord.older]!;
    }
    this.length = most - from;
    this.#at.copyWithin(0, from, most);
    if (!isSorted) this.#sort();
  }

  /** Addresses grow in order of arrival, which decides between equal t. */
  #sort(): void {
    const { floats } = this.#slots;
    this.#at
      .subarray(0, this.length)
      .sort(
        (a, b) => floats[(a + RecordWord.t) >>> 1]! - floats[(b + RecordWord.t) >>> 1]! || a - b,
      );
  }

  t(i: number): number {
    return this.#tOf(this.#at[i]!);
  }

  startT(i: number): number {
    return this.#slots.floats[(this.#at[i]! + RecordWord.startT) >>> 1]!;
  }

  isHistogram(i: number): boolean {
    return (this.#slots.words[this.#at[i]! + RecordWord.kind]! & 0xff) === RecordKind.histogram;
  }

  isStale(i: number): boolean {
    return ((this.#slots.words[this.#at[i]! + RecordWord.kind]! >>> 8) & RECORD_STALE) !== 0;
  }

  /** Halves of a float's bits. */
  low(i: number): number {
    return this.#slots.words[this.#at[i]! + RecordWord.payload]!;
  }

  high(i: number): number {
    return this.#slots.words[this.#at[i]! + RecordWord.payload + 1]!;
  }

  /** A histogram's payload: a view into the head. */
  payload(i: number): Uint8Array {
    const record = this.#at[i]!;
    const from = (record + RecordWord.payload) * 4;
    const length = this.#slots.words[record + RecordWord.payloadBytes]!;
    return this.#slots.bytes.subarray(from, from + length);
  }

  /** True if both records are the same sample, bit by bit. */
  isSame(i: number, j: number): boolean {
    return (
      this.isHistogram(i) === this.isHistogram(j) &&
      this.startT(i) === this.startT(j) &&
      sameBytes(this.payload(i), this.payload(j))
    );
  }

  #tOf(record: number): number {
    return this.#slots.floats[(record + RecordWord.t) >>> 1]!;
  }
}

/** A series' exemplars by t, those of equal t in order of arrival; exact repeats are left out. */
export function readExemplars(slots: HeadSlots, slot: number): HeadExemplar[] {
  const { words, floats, bytes } = slots;
  const exemplars: HeadExemplar[] = [];
  for (let address = Atomics.load(words, slot + SlotWord.exemplar); address !== 0; ) {
    const record = address >>> 2;
    const from = (record + ExemplarWord.payload) * 4;
    const payload = bytes.slice(from, from + words[record + ExemplarWord.payloadBytes]!);
    exemplars.push({ t: floats[(record + ExemplarWord.t) >>> 1]!, payload });
    address = words[record + ExemplarWord.older]!;
  }
  exemplars.reverse().sort((a, b) => a.t - b.t);
  return exemplars.filter((exemplar, i) => !isRepeated(exemplars, exemplar, i));
}

/** True if an exemplar before `i` with the same t has the same payload. */
function isRepeated(sorted: readonly HeadExemplar[], exemplar: HeadExemplar, i: number): boolean {
  for (let k = i - 1; k >= 0 && sorted[k]!.t === exemplar.t; k--) {
    if (sameBytes(sorted[k]!.payload, exemplar.payload)) return true;
  }
  return false;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
