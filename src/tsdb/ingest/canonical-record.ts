// The log's own form of a write, for everything that is not logged as it came: other protocols, and
// bodies of which a part was refused. It holds only what was accepted, so replay takes no decisions.
// Every label pair is written once, however many series carry it. Layout in docs/formats/log.md.

import type { Labels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { SeriesPairs } from '../index/series-registry.ts';
import { textBytes, textEnd, textStart } from '../index/string-table.ts';
import { decodeCanonicalRecordV1 } from './canonical-record-v1.ts';
import { Numbering } from './numbering.ts';
import {
  corruptRecord,
  extrasBytes,
  RecordReader,
  readExtras,
  writeExtra,
} from './record-reader.ts';
import type { WriteColumns } from './write-columns.ts';

const VERSION = 2;
const HEADER_WORDS = 10;
const FLAG_START_TIMES = 1;

/** Encodes prepared writes, one after another; keeps its scratch memory. */
export class CanonicalEncoder {
  readonly #series = new Numbering();
  readonly #pairs = new Numbering();
  readonly #names = new Numbering();
  #rowSeries = new Uint32Array(1024);
  #seriesPairs = new Uint32Array(1024);
  #seriesEnds = new Uint32Array(1024);

  /** The record of one write, whose refs `index` names; valid until `columns` are reset. */
  encode(columns: WriteColumns, index: SeriesPairs): Uint8Array {
    const seriesPairs = this.#number(columns, index);
    const [names, pairs, series] = [this.#names, this.#pairs, this.#series];
    const { rows, extras, hasStartT } = columns;
    const text = this.#textBytes(index);
    const metadata = Buffer.from(JSON.stringify(columns.metadata));
    const words = HEADER_WORDS + names.count + 2 * pairs.count + series.count + seriesPairs + rows;
    const columnsAt = alignUp(words * 4);
    const textAt = columnsAt + rows * (hasStartT ? 24 : 16);
    const extrasAt = textAt + text;
    const bytes = columns.recordMemory(extrasAt + extrasBytes(columns) + metadata.length);
    const flags = hasStartT ? FLAG_START_TIMES : 0;
    const out = new Uint32Array(bytes.buffer, 0, words);
    out.set([VERSION, flags, names.count, pairs.count, series.count, seriesPairs, rows]);
    out.set([extras.length, text, metadata.length], 7);
    this.#writeTexts(index, out, bytes, textAt);
    let word = HEADER_WORDS + names.count + 2 * pairs.count;
    out.set(this.#seriesEnds.subarray(0, series.count), word);
    word += series.count;
    out.set(this.#seriesPairs.subarray(0, seriesPairs), word);
    out.set(this.#rowSeries.subarray(0, rows), word + seriesPairs);
    const column = (n: number): Float64Array =>
      new Float64Array(bytes.buffer, columnsAt + n * rows * 8, rows);
    column(0).set(columns.t.subarray(0, rows));
    column(1).set(columns.v.subarray(0, rows));
    if (hasStartT) column(2).set(columns.startT.subarray(0, rows));
    let at = extrasAt;
    for (const op of extras) at = writeExtra(bytes, at, op, series.numberOf(op.ref));
    bytes.set(metadata, at);
    return bytes;
  }

  /** Numbers everything in the order of appearance; answers how many pairs all series have together. */
  #number(columns: WriteColumns, { ends, pairs, columns: labels }: SeriesPairs): number {
    const { rows, refs } = columns;
    const series = this.#series;
    series.begin();
    this.#pairs.begin();
    this.#names.begin();
    if (this.#rowSeries.length < rows) this.#rowSeries = new Uint32Array(columns.refs.length);
    series.numberAll(refs, 0, rows, this.#rowSeries, 0);
    for (const op of columns.extras) series.numberOf(op.ref);
    let count = 0;
    for (let n = 0; n < series.count; n++) {
      const ref = series.ids[n]!;
      const start = ref === 0 ? 0 : ends[ref - 1]!;
      const end = ends[ref]!;
      if (count + end - start > this.#seriesPairs.length) {
        this.#seriesPairs = larger(this.#seriesPairs, count + end - start);
      }
      this.#pairs.numberAll(pairs, start, end, this.#seriesPairs, count);
      count += end - start;
      if (n === this.#seriesEnds.length) this.#seriesEnds = larger(this.#seriesEnds, n + 1);
      this.#seriesEnds[n] = count;
    }
    const { owners } = labels.pairs;
    for (let n = 0; n < this.#pairs.count; n++) this.#names.numberOf(owners[this.#pairs.ids[n]!]!);
    return count;
  }

  #textBytes({ columns: { names, pairs } }: SeriesPairs): number {
    let bytes = 0;
    for (let n = 0; n < this.#names.count; n++) bytes += textBytes(names, this.#names.ids[n]!);
    for (let n = 0; n < this.#pairs.count; n++) bytes += textBytes(pairs, this.#pairs.ids[n]!);
    return bytes;
  }

  /** Writes names and pairs, whose texts lie one behind the other from `textAt`. */
  #writeTexts(
    { columns: { names, pairs } }: SeriesPairs,
    out: Uint32Array,
    bytes: Uint8Array,
    textAt: number,
  ): void {
    let end = 0;
    let word = HEADER_WORDS;
    for (let n = 0; n < this.#names.count; n++) {
      const id = this.#names.ids[n]!;
      bytes.set(names.bytes.subarray(textStart(names, id), textEnd(names, id)), textAt + end);
      end += textBytes(names, id);
      out[word++] = end;
    }
    for (let n = 0; n < this.#pairs.count; n++) {
      const id = this.#pairs.ids[n]!;
      bytes.set(pairs.bytes.subarray(textStart(pairs, id), textEnd(pairs, id)), textAt + end);
      end += textBytes(pairs, id);
      out[word++] = this.#names.numberOf(pairs.owners[id]!);
      out[word++] = end;
    }
  }
}

/**
 * Decodes a record of any version into `out` (appending). `register` gives each series its ref. Throws `corrupt`
 * TSDB_CANONICAL_RECORD if the bytes cannot be such a record: the log's CRC has passed, so that is a bug.
 */
export function decodeCanonicalRecord(
  bytes: Uint8Array,
  out: WriteColumns,
  register: (labels: Labels) => number,
): void {
  const reader = new RecordReader(bytes);
  const version = reader.u32();
  if (version === 1) {
    decodeCanonicalRecordV1(reader, out, register);
    return;
  }
  if (version !== VERSION) throw corruptRecord(`version ${version}, want up to ${VERSION}`);
  const header = reader.u32s(HEADER_WORDS - 1);
  const [flags, names, pairs, series, seriesPairs, rows, extras, text, metadata] = [
    ...header,
  ] as Header;
  const nameEnds = reader.u32s(names);
  const pairWords = reader.u32s(pairs * 2);
  const seriesEnds = reader.u32s(series);
  const pairNumbers = reader.u32s(seriesPairs);
  const rowSeries = reader.u32s(rows);
  const words = HEADER_WORDS + names + 2 * pairs + series + seriesPairs + rows;
  reader.take(alignUp(words * 4) - words * 4);
  const t = reader.f64s(rows);
  const v = reader.f64s(rows);
  const startT = (flags & FLAG_START_TIMES) === 0 ? undefined : reader.f64s(rows);
  const labels = decodePairs(reader.take(text), nameEnds, pairWords);
  const refs = new Uint32Array(series);
  for (let n = 0, from = 0; n < series; n++) {
    const to = seriesEnds[n]!;
    if (to < from || to > seriesPairs) throw corruptRecord(`end ${to} of series ${n}`);
    refs[n] = register(Array.from(pairNumbers.subarray(from, to), (p) => labels(p)));
    from = to;
  }
  const refOf = (number: number): number => {
    if (number >= series) throw corruptRecord(`series ${number} of ${series}`);
    return refs[number]!;
  };
  for (let i = 0; i < rows; i++) rowSeries[i] = refOf(rowSeries[i]!);
  let row = 0;
  readExtras(reader, extras, rows, out, refOf, (end) => {
    out.addRows(rowSeries, t, v, row, end, startT);
    row = end;
  });
  for (const entry of reader.list(metadata) as readonly MetricMetadata[]) out.metadata.push(entry);
}

type Header = [
  flags: number,
  names: number,
  pairs: number,
  series: number,
  seriesPairs: number,
  rows: number,
  extras: number,
  text: number,
  metadata: number,
];

/** Gives the label of a pair by its number. */
function decodePairs(
  text: Uint8Array,
  nameEnds: Uint32Array,
  pairWords: Uint32Array,
): (number: number) => Labels[number] {
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  let at = 0;
  const next = (end: number): string => {
    if (end < at || end > text.length) throw corruptRecord(`end ${end} of a text`);
    const read = buffer.toString('utf8', at, end);
    at = end;
    return read;
  };
  const names = Array.from(nameEnds, next);
  const pairs: Labels[number][] = [];
  for (let i = 0; i < pairWords.length; i += 2) {
    const name = names[pairWords[i]!];
    if (name === undefined) throw corruptRecord(`name ${pairWords[i]} of ${names.length}`);
    pairs.push({ name, value: next(pairWords[i + 1]!) });
  }
  return (number) => {
    const pair = pairs[number];
    if (pair === undefined) throw corruptRecord(`pair ${number} of ${pairs.length}`);
    return pair;
  };
}

function larger(old: Uint32Array, need: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(Math.max(need, old.length * 2));
  copy.set(old);
  return copy;
}

function alignUp(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
