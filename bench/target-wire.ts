// The wire form of one target: its 500 series as a remote-write 1.0 request, encoded once; a tick only
// overwrites the values and timestamps in it.

import { floatColumns } from '../src/model/sample.ts';
import { encodeWriteRequestV1 } from '../src/protocol/remote-write/v1.ts';
import type { BatchSeries } from '../src/storage/interface.ts';
import { type SeriesShape, seriesLabels, targetLabels } from './shape.ts';
import { TargetValues } from './values.ts';

/** Timestamps from 1971 to 2109 take six bytes, so that one can replace another. */
const MIN_T = 2 ** 35;
const MAX_T = 2 ** 42 - 1;
const TIMESTAMP_BYTES = 6;
/** A sample at the end of its series: tag, value, tag, timestamp. */
const VALUE_FROM_END = 8 + 1 + TIMESTAMP_BYTES;

export class TargetWire {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Where every series ends in the bytes. */
  readonly #ends: Uint32Array;
  readonly #values: TargetValues;

  constructor(target: number, shape: readonly SeriesShape[]) {
    const labels = targetLabels(target);
    const series = shape.map((one) => oneSample(seriesLabels(labels, one), MIN_T, 0));
    this.#bytes = encodeWriteRequestV1({ series });
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    this.#ends = endsOfSeries(this.#bytes, shape.length);
    this.#values = new TargetValues(shape, target);
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  /** The next tick, at `t`, of all series. A view, valid until the next call. */
  next(t: number): Uint8Array {
    if (!(t >= MIN_T && t <= MAX_T)) throw new Error(`timestamp ${t} does not have six bytes`);
    const values = this.#values.next(t);
    for (let i = 0; i < this.#ends.length; i++) {
      const end = this.#ends[i]!;
      this.#view.setFloat64(end - VALUE_FROM_END, values[i]!, true);
      this.#putTimestamp(end - TIMESTAMP_BYTES, t);
    }
    return this.#bytes;
  }

  #putTimestamp(at: number, t: number): void {
    let rest = t;
    for (let k = 0; k < TIMESTAMP_BYTES - 1; k++) {
      this.#bytes[at + k] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[at + TIMESTAMP_BYTES - 1] = rest;
  }
}

/** A series of a write request with a single sample. */
export function oneSample(labels: BatchSeries['labels'], t: number, value: number): BatchSeries {
  const samples = floatColumns(Float64Array.of(t), Float64Array.of(value));
  return { labels, samples, exemplars: [] };
}

/** Walks the request's fields, all of them `timeseries` (field 1, length-delimited). */
function endsOfSeries(bytes: Uint8Array, count: number): Uint32Array {
  const ends = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    let length = 0;
    let shift = 0;
    at += 1;
    for (let byte = 128; byte >= 128; shift += 7) {
      byte = bytes[at++]!;
      length |= (byte & 127) << shift;
    }
    at += length;
    ends[i] = at;
  }
  if (at !== bytes.length) throw new Error(`series end at ${at}, the request at ${bytes.length}`);
  return ends;
}
