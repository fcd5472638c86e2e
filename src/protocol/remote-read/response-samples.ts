// The remote-read answer of type SAMPLES: one ReadResponse with a QueryResult per query, in their order.

import { snappyEncode } from '../../codec/snappy.ts';
import type { Labels } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { Rejection } from '../../storage/errors.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { sampleLimitExceeded } from '../errors.ts';
import { ProtobufReader } from '../protobuf-reader.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';
import { SeriesBuilder } from '../remote-write/series-builder.ts';
import { readTimeSeries, writeTimeSeries } from '../remote-write/v1.ts';

export interface SamplesResponseLimits {
  /** Samples in the whole answer; 0 = unlimited. */
  readonly maxSamples: number;
  /** Bytes of the answer before compression, at most 1 GiB. */
  readonly maxBytes: number;
}

/** Builds an answer series by series: beginQuery, addSeries…, endQuery for each query, then finish. */
export class SamplesResponseWriter {
  readonly #writer: ProtobufWriter;
  readonly #maxSamples: number;
  #samples = 0;
  #query = 0;

  constructor({ maxSamples, maxBytes }: SamplesResponseLimits) {
    this.#writer = new ProtobufWriter(64 * 1024, maxBytes);
    this.#maxSamples = maxSamples;
  }

  beginQuery(): void {
    this.#query = this.#writer.beginMessage(1);
  }

  /**
   * Adds a series; labels must be well-formed, samples ascending. The columns are copied. Throws
   * REMOTE_READ_SAMPLE_LIMIT and PROTOBUF_MESSAGE_TOO_LARGE.
   */
  addSeries(labels: Labels, samples: SampleColumns): void {
    this.#samples += samples.length;
    if (this.#maxSamples > 0 && this.#samples > this.#maxSamples) {
      throw sampleLimitExceeded(this.#maxSamples);
    }
    const start = this.#writer.beginMessage(1);
    writeTimeSeries(this.#writer, labels, samples, []);
    this.#writer.endMessage(start);
  }

  endQuery(): void {
    this.#writer.endMessage(this.#query);
  }

  /** The ReadResponse, not compressed; valid until the writer is used again. */
  message(): Uint8Array {
    return this.#writer.view();
  }

  /** The body of the answer: the ReadResponse as a snappy block. */
  finish(): Uint8Array {
    return snappyEncode(this.message());
  }
}

/** Decodes a ReadResponse: the series of each query. What had to be left out goes to `onRejection`. */
export function decodeReadResponse(
  bytes: Uint8Array,
  onRejection: (rejection: Rejection) => void,
): BatchSeries[][] {
  const reader = new ProtobufReader(bytes, 'ReadResponse');
  const builder = new SeriesBuilder();
  const results: BatchSeries[][] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field !== 1) {
      reader.skip();
      continue;
    }
    const outer = reader.beginMessage('QueryResult');
    const result: BatchSeries[] = [];
    for (let part = reader.nextField(); part !== 0; part = reader.nextField()) {
      if (part !== 1) {
        reader.skip();
        continue;
      }
      const inner = reader.beginMessage('TimeSeries');
      readTimeSeries(reader, builder);
      const series = builder.finish(onRejection);
      if (series) result.push(series);
      reader.endMessage(inner, 'QueryResult');
    }
    results.push(result);
    reader.endMessage(outer, 'ReadResponse');
  }
  return results;
}
