// What the head's tests share: writes and reads in the twin's terms, bit by bit.

import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { ColumnsBuilder } from '../chunk/columns-builder.ts';
import type { AppendOutcome, HeadMemory } from './head-memory.ts';
import type { HeadReader, MergeCounters } from './head-reader.ts';
import type { TwinWrite } from './head-twin.ts';
import { hex, isHistogram } from './head-twin.ts';

const STALE = '7ff0000000000002';

/** A write; floats are stale by their bits, histograms as told. */
export function row(
  t: number,
  content: string,
  startT: number = 0,
  isStaleHistogram: boolean = false,
): TwinWrite {
  return { t, content, startT, isStale: isStaleHistogram || content === STALE };
}

/** Stands in for the payload's decoder: the payload is all there is to the histogram. */
export function histogram(payload: Uint8Array): NativeHistogram {
  return { content: `h:${hex(payload)}` } as unknown as NativeHistogram;
}

/** Writes one float's bits to row `i`. */
export function setBits(column: Float64Array, i: number, content: string): void {
  const bits = new Uint32Array(column.buffer, column.byteOffset + i * 8, 2);
  bits[0] = Number.parseInt(content.slice(8), 16);
  bits[1] = Number.parseInt(content.slice(0, 8), 16);
}

/** Appends one write in a call of its own. */
export function appendWrite(head: HeadMemory, ref: number, write: TwinWrite): AppendOutcome {
  if (isHistogram(write)) {
    const payload = new Uint8Array(Buffer.from(write.content.slice(2), 'hex'));
    return head.appendHistogram(ref, write.t, write.startT, payload, write.isStale);
  }
  const v = new Float64Array(1);
  setBits(v, 0, write.content);
  const startT = write.startT === 0 ? undefined : Float64Array.of(write.startT);
  const counts = head.appendFloats(Uint32Array.of(ref), Float64Array.of(write.t), v, startT, 0, 1);
  if (counts.outOfOrder === 1) return 'outOfOrder';
  if (counts.duplicates === 1) return 'duplicate';
  return counts.stored === 1 ? 'stored' : 'full';
}

/** A series' samples in columns of their own; undefined if there are none. */
export function readColumns(
  reader: HeadReader,
  ref: number,
  minT: number = -Infinity,
  maxT: number = Infinity,
  counters?: MergeCounters,
): SampleColumns | undefined {
  const out = new ColumnsBuilder();
  reader.read(ref, minT, maxT, out, histogram, counters);
  return out.length === 0 ? undefined : out.columns();
}

/** A series' rows as `t content startT`. */
export function readRows(
  reader: HeadReader,
  ref: number,
  minT: number = -Infinity,
  maxT: number = Infinity,
  counters?: MergeCounters,
): string[] {
  const columns = readColumns(reader, ref, minT, maxT, counters);
  return columns === undefined ? [] : printRows(columns);
}

function printRows(columns: SampleColumns): string[] {
  const bits = new Uint32Array(columns.v.buffer, columns.v.byteOffset);
  return Array.from({ length: columns.length }, (_, i) => {
    const h = columns.histograms?.[i] as unknown as { content: string } | undefined;
    const content = h?.content ?? halfHex(bits[i * 2 + 1]!) + halfHex(bits[i * 2]!);
    return `${columns.t[i]} ${content} ${columns.startT?.[i] ?? 0}`;
  });
}

/** The twin's rows in the same form. */
export function printWrites(writes: readonly TwinWrite[]): string[] {
  return writes.map((write) => `${write.t} ${write.content} ${write.startT}`);
}

function halfHex(half: number): string {
  return half.toString(16).padStart(8, '0');
}
