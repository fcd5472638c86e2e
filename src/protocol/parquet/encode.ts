// Writes series as a Parquet file, row group by row group. Form: docs/formats/parquet.md.

import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { snappyEncode } from '../../codec/snappy.ts';
import type { Exemplar } from '../../model/exemplar.ts';
import { type Labels, labelValue, METRIC_NAME } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { printLabelsObject } from '../json-lines/line-builder.ts';
import { type EncodedCounts, noCounts, type SeriesEncoder } from '../series-encoder.ts';
import { RowGroup, type SeriesTexts } from './row-group.ts';
import { FileKey, PARQUET_SCHEMA, PARQUET_SCHEMA_VERSION } from './schema.ts';

/** Nothing that changes from version to version: the same data makes the same file. */
const CREATED_BY = 'Tidemark';

/** Parts are bytes; what has been written of the file is forgotten, but for its footer. */
export class ParquetEncoder implements SeriesEncoder {
  readonly written: EncodedCounts = noCounts();
  readonly #bytes = new PartWriter();
  readonly #group = new RowGroup();
  #writer!: ParquetWriter;
  #series: SeriesTexts = { name: '', labels: '{}' };

  *start(metadata: readonly MetricMetadata[]): Generator<Uint8Array, void> {
    const entries = metadata.map(({ metric, type, help, unit }) => ({ metric, type, help, unit }));
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: PARQUET_SCHEMA,
      compressors: { SNAPPY: snappyEncode },
      createdBy: CREATED_BY,
      kvMetadata: [
        { key: FileKey.schema, value: PARQUET_SCHEMA_VERSION },
        { key: FileKey.metadata, value: JSON.stringify(entries) },
      ],
    });
    yield this.#bytes.take();
  }

  begin(labels: Labels): void {
    this.#series = { name: labelValue(labels, METRIC_NAME), labels: printLabelsObject(labels) };
  }

  *add({ length, t, v, startT, histograms }: SampleColumns): Generator<Uint8Array, void> {
    const halves = new Uint32Array(v.buffer, v.byteOffset, v.length * 2);
    for (let i = 0; i < length; i++) {
      const histogram = histograms?.[i];
      const start = startT?.[i] ?? 0;
      if (histogram === undefined) {
        this.#group.addFloat(this.#series, t[i]!, halves[2 * i + 1]!, halves[2 * i]!, start);
        this.written.floats++;
      } else {
        this.#group.addHistogram(this.#series, t[i]!, histogram, start);
        this.written.histograms++;
      }
      if (this.#group.isFull) yield this.#writeGroup();
    }
  }

  *end(exemplars: readonly Exemplar[]): Generator<Uint8Array, void> {
    for (const exemplar of exemplars) {
      this.#group.addExemplar(this.#series, exemplar);
      this.written.exemplars++;
      if (this.#group.isFull) yield this.#writeGroup();
    }
  }

  *finish(): Generator<Uint8Array, void> {
    if (!this.#group.isEmpty) yield this.#writeGroup();
    void this.#writer.finish();
    yield this.#bytes.take();
  }

  #writeGroup(): Uint8Array {
    const columnData = this.#group.columns();
    void this.#writer.write({ columnData, rowGroupSize: columnData[0]!.data.length });
    this.#group.clear();
    return this.#bytes.take();
  }
}

/** Lets go of what it has been given. */
class PartWriter extends ByteWriter {
  /** What was written since the last time; valid until more is. */
  take(): Uint8Array {
    const bytes = this.getBytes();
    this.index = 0;
    return bytes;
  }
}
