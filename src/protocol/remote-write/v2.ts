// Remote write 2.0 (io.prometheus.write.v2.Request): strings live in one table of symbols, to which
// series refer by number.

import type { Exemplar } from '../../model/exemplar.ts';
import { type Label, METRIC_NAME } from '../../model/labels.ts';
import { METRIC_TYPES, type MetricMetadata } from '../../model/metadata.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { Rejection } from '../../storage/errors.ts';
import type { BatchSeries, WriteBatch } from '../../storage/interface.ts';
import { ProtobufReader } from '../protobuf-reader.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import { StringCache } from '../string-cache.ts';
import { readHistogram, writeHistogram } from './histogram.ts';
import { MAX_SERIES_PER_REQUEST, tooManySeries } from './limits.ts';
import { RejectionList } from './rejections.ts';
import { SeriesBuilder } from './series-builder.ts';
import { metricType } from './v1.ts';

const strings = new StringCache(8192);

/** Where the symbols of a request lie in its bytes. */
export interface SymbolOffsets {
  readonly count: number;
  readonly offsets: ArrayLike<number>;
  readonly lengths: ArrayLike<number>;
}

/** Metadata of a series, still as references. */
export interface MetadataRefs {
  readonly type: number;
  readonly help: number;
  readonly unit: number;
}

/**
 * Decodes a whole request. A series that breaks the rules of the symbol table becomes a rejection;
 * the others stay. The bytes may lie in shared memory. Throws PROTOBUF_MALFORMED.
 */
export function decodeWriteRequestV2(bytes: Uint8Array): WriteBatch {
  const offsets: number[] = [];
  const lengths: number[] = [];
  /** Start and end offsets of the series, in pairs. Protobuf allows symbols to come after the series that use them. */
  const places: number[] = [];
  const reader = new ProtobufReader(bytes, 'Request');
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 4) {
      const start = reader.bytesField();
      offsets.push(start);
      lengths.push(reader.position - start);
    } else if (field === 5) {
      places.push(reader.bytesField(), reader.position);
      if (places.length > 2 * MAX_SERIES_PER_REQUEST) throw tooManySeries();
    } else reader.skip();
  }
  const decoder = new SeriesDecoderV2(bytes, { count: offsets.length, offsets, lengths });
  const series: BatchSeries[] = [];
  for (let i = 0; i < places.length; i += 2) {
    const one = decoder.decode(places[i]!, places[i + 1]!);
    if (one) series.push(one);
  }
  return { series, metadata: decoder.metadata(), rejections: decoder.rejections() };
}

/** Decodes series of one request, and gathers what they say besides. */
export class SeriesDecoderV2 {
  readonly #reader: ProtobufReader;
  readonly #table: SymbolOffsets;
  /** Those that have been asked for; null where one is not valid UTF-8. */
  readonly #symbols: (string | null)[];
  readonly #builder = new SeriesBuilder();
  readonly #rejections = new RejectionList();
  readonly #metadata = new Map<string, MetricMetadata>();
  #labelRefs: number[] = [];

  /** Symbols are looked up in `bytes`, the request, and must not change meanwhile. */
  constructor(bytes: Uint8Array, symbols: SymbolOffsets) {
    this.#reader = new ProtobufReader(bytes, 'TimeSeries');
    this.#table = symbols;
    this.#symbols = new Array<string | null>(symbols.count);
  }

  /** What had to be refused so far. */
  rejections(): readonly Rejection[] {
    return this.#rejections.list();
  }

  /** The last metadata of each metric so far. */
  metadata(): MetricMetadata[] {
    return [...this.#metadata.values()];
  }

  /** The TimeSeries in bytes [start, end) of the request; undefined if nothing of it is left. Throws PROTOBUF_MALFORMED. */
  decode(start: number, end: number): BatchSeries | undefined {
    const reader = this.#reader;
    const builder = this.#builder;
    reader.seek(start, end, 'TimeSeries');
    let metadata: MetadataRefs | undefined;
    builder.begin();
    this.#labelRefs.length = 0;
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      switch (field) {
        case 1:
          reader.uint32List(this.#labelRefs);
          break;
        case 2:
          this.#readSample();
          break;
        case 3: {
          const outer = reader.beginMessage('Histogram');
          const { histogram, t, startT } = readHistogram(reader);
          builder.addHistogram(t, histogram, startT);
          reader.endMessage(outer, 'TimeSeries');
          break;
        }
        case 4:
          this.#readExemplar();
          break;
        case 5:
          metadata = this.#readMetadata();
          break;
        default:
          reader.skip();
      }
    }
    this.#resolveLabels();
    const series = builder.finish((rejection) => this.#rejections.add(rejection));
    if (series && metadata) {
      const metric = series.labels.find((label) => label.name === METRIC_NAME)?.value;
      this.#describe(metric, metadata);
    }
    return series;
  }

  /** Takes in what a series says of the metric that is called `metric`, a symbol. */
  describe(metric: number, refs: MetadataRefs): void {
    this.#describe(this.#symbol(metric), refs);
  }

  /** Keeps the last metadata of each metric. Metadata that says nothing or refers to nothing is dropped. */
  #describe(metric: string | undefined, refs: MetadataRefs): void {
    if (refs.type === 0 && refs.help === 0 && refs.unit === 0) return;
    const help = this.#symbol(refs.help);
    const unit = this.#symbol(refs.unit);
    // The table may be empty where all references are 0.
    if (!metric || (help === undefined && refs.help !== 0)) return;
    if (unit === undefined && refs.unit !== 0) return;
    const type = metricType(refs.type);
    this.#metadata.set(metric, { metric, type, help: help ?? '', unit: unit ?? '' });
  }

  /** Undefined for a symbol that is not valid UTF-8 or not there. */
  #symbol(i: number): string | undefined {
    const { count, offsets, lengths } = this.#table;
    if (i >= count) return undefined;
    const known = this.#symbols[i];
    if (known !== undefined) return known ?? undefined;
    const start = offsets[i]!;
    const symbol = strings.decode(this.#reader.bytes, start, start + lengths[i]!);
    this.#symbols[i] = symbol ?? null;
    return symbol;
  }

  #resolveLabels(): void {
    const refs = this.#labelRefs;
    const { count, lengths } = this.#table;
    const builder = this.#builder;
    if (count > 0 && lengths[0] !== 0) {
      builder.refuse('invalid_symbols', 'symbol 0 must be the empty string');
    }
    if (refs.length % 2 !== 0) {
      builder.refuse('invalid_symbols', `labels_refs has an odd length (${refs.length})`);
    }
    for (let i = 0; i + 1 < refs.length; i += 2) {
      const name = refs[i]!;
      const value = refs[i + 1]!;
      const worst = Math.max(name, value);
      if (worst >= count) {
        builder.refuse(
          'invalid_symbols',
          `a label refers to symbol ${worst}, the table has ${count}`,
        );
        return;
      }
      builder.addLabel(this.#symbol(name), this.#symbol(value));
    }
  }

  #readSample(): void {
    const reader = this.#reader;
    const outer = reader.beginMessage('Sample');
    let low = 0;
    let high = 0;
    let t = 0;
    let startT = 0;
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field === 1) {
        reader.fixed64();
        low = reader.low;
        high = reader.high;
      } else if (field === 2) t = reader.int64();
      else if (field === 3) startT = reader.int64();
      else reader.skip();
    }
    this.#builder.addFloat(t, low, high, startT);
    reader.endMessage(outer, 'TimeSeries');
  }

  #readExemplar(): void {
    const reader = this.#reader;
    const outer = reader.beginMessage('Exemplar');
    const refs: number[] = [];
    let value = 0;
    let t = 0;
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field === 1) reader.uint32List(refs);
      else if (field === 2) value = reader.double();
      else if (field === 3) t = reader.int64();
      else reader.skip();
    }
    reader.endMessage(outer, 'TimeSeries');
    const labels: Label[] = [];
    let why = refs.length % 2 === 0 ? undefined : 'its labels_refs has an odd length';
    for (let i = 0; i + 1 < refs.length; i += 2) {
      const name = this.#symbol(refs[i]!);
      const text = this.#symbol(refs[i + 1]!);
      if (name === undefined || text === undefined) {
        why ??= 'a label of it refers to no symbol or to one that is not valid UTF-8';
      } else labels.push({ name, value: text });
    }
    this.#builder.addExemplar({ labels, value, t }, why);
  }

  #readMetadata(): MetadataRefs {
    const reader = this.#reader;
    const outer = reader.beginMessage('Metadata');
    const refs = { type: 0, help: 0, unit: 0 };
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field === 1) refs.type = reader.uint32();
      else if (field === 3) refs.help = reader.uint32();
      else if (field === 4) refs.unit = reader.uint32();
      else reader.skip();
    }
    reader.endMessage(outer, 'TimeSeries');
    return refs;
  }
}

/** Encodes a request. Metadata goes with every series whose metric name it describes. */
export function encodeWriteRequestV2(
  batch: Pick<WriteBatch, 'series'> & Partial<Pick<WriteBatch, 'metadata'>>,
): Uint8Array {
  const symbols = new SymbolTable();
  const metadata = new Map(batch.metadata?.map((entry) => [entry.metric, entry]));
  const body = new ProtobufWriter();
  for (const series of batch.series) {
    const start = body.beginMessage(5);
    body.uint32List(1, symbols.refs(series.labels));
    writeSamples(body, series.samples);
    for (const exemplar of series.exemplars) writeExemplar(body, exemplar, symbols);
    const metric = series.labels.find((label) => label.name === METRIC_NAME)?.value ?? '';
    const entry = metadata.get(metric);
    if (entry) writeMetadata(body, entry, symbols);
    body.endMessage(start);
  }
  const table = new ProtobufWriter();
  for (const symbol of symbols.list) table.string(4, symbol);
  return Buffer.concat([table.view(), body.view()]);
}

class SymbolTable {
  readonly #refs = new Map<string, number>([['', 0]]);

  get list(): Iterable<string> {
    return this.#refs.keys();
  }

  ref(text: string): number {
    let ref = this.#refs.get(text);
    if (ref === undefined) {
      ref = this.#refs.size;
      this.#refs.set(text, ref);
    }
    return ref;
  }

  refs(labels: readonly Label[]): number[] {
    return labels.flatMap(({ name, value }) => [this.ref(name), this.ref(value)]);
  }
}

function writeSamples(writer: ProtobufWriter, samples: SampleColumns): void {
  const halves = new Uint32Array(samples.v.buffer, samples.v.byteOffset, samples.v.length * 2);
  for (let i = 0; i < samples.length; i++) {
    const t = samples.t[i]!;
    const startT = samples.startT?.[i] ?? 0;
    const histogram = samples.histograms?.[i];
    const start = writer.beginMessage(histogram ? 3 : 2);
    if (histogram) writeHistogram(writer, histogram, t, startT);
    else {
      writer.fixed64(1, halves[2 * i]!, halves[2 * i + 1]!);
      if (t !== 0) writer.int64(2, t);
      if (startT !== 0) writer.int64(3, startT);
    }
    writer.endMessage(start);
  }
}

function writeExemplar(writer: ProtobufWriter, exemplar: Exemplar, symbols: SymbolTable): void {
  const start = writer.beginMessage(4);
  writer.uint32List(1, symbols.refs(exemplar.labels));
  writer.double(2, exemplar.value);
  if (exemplar.t !== 0) writer.int64(3, exemplar.t);
  writer.endMessage(start);
}

function writeMetadata(writer: ProtobufWriter, entry: MetricMetadata, symbols: SymbolTable): void {
  const start = writer.beginMessage(5);
  writer.uint(1, METRIC_TYPES.indexOf(entry.type));
  writer.uint(3, symbols.ref(entry.help));
  writer.uint(4, symbols.ref(entry.unit));
  writer.endMessage(start);
}
