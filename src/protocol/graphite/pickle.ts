// Frames of pickled points, as carbon-relay sends them to port 2004: four bytes of length, the most significant
// first, and a list of (path, (timestamp, value)).

import { DecimalReader } from '../decimal.ts';
import type { RowCollector } from '../row-collector.ts';
import type { StreamDecoder } from '../stream-decoder.ts';
import { UnixTimeReader } from '../unix-time.ts';
import { type GraphiteOptions, MS_FROM } from './options.ts';
import { seriesOfPath } from './series.ts';
import { type Pickled, PickledBigInteger, PickledText, PickleError, unpickle } from './unpickle.ts';

/** Carbon's own limit. */
export const MAX_FRAME_BYTES: number = 1 << 20;

const HEADER_BYTES = 4;

/**
 * A frame that cannot be read is refused as a whole and the next is read; a point in it that is none is refused
 * alone. Problems are numbered by frame. A frame longer than allowed cannot be passed over: {@link isDone}.
 */
export class GraphitePickleDecoder implements StreamDecoder {
  readonly #collector: RowCollector;
  readonly #maxFrameBytes: number;
  readonly #options: GraphiteOptions;
  readonly #decimal = new DecimalReader();
  readonly #time = new UnixTimeReader();
  /** The beginning of a frame whose end has not come yet, with its header. */
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #frame = 0;
  #isDone = false;
  #now = 0;

  constructor(collector: RowCollector, maxFrameBytes: number, options: GraphiteOptions) {
    this.#collector = collector;
    this.#maxFrameBytes = maxFrameBytes;
    this.#options = options;
  }

  /** True once it is not known any more where frames begin; what comes then is ignored. Close the connection. */
  get isDone(): boolean {
    return this.#isDone;
  }

  push(bytes: Uint8Array): void {
    if (this.#isDone) return;
    this.#now = this.#options.now();
    // A copy: what arrived may be reused, and frames rarely end where pieces do.
    this.#pieces.push(new Uint8Array(bytes));
    this.#pieceBytes += bytes.length;
    while (!this.#isDone) {
      const frame = this.#takeFrame();
      if (frame === undefined) return;
      this.#decodeFrame(frame);
    }
  }

  end(): void {
    if (this.#pieceBytes > 0 && !this.#isDone) {
      this.#collector.refuse(this.#frame + 1, 'the connection ended within a frame');
    }
    this.#drop();
  }

  /** The next whole frame without its header. */
  #takeFrame(): Uint8Array | undefined {
    if (this.#pieceBytes < HEADER_BYTES) return undefined;
    const length = this.#frameLength();
    if (length > this.#maxFrameBytes) {
      this.#isDone = true;
      this.#drop();
      this.#collector.refuse(
        this.#frame + 1,
        `frame of ${length} bytes: longer than ${this.#maxFrameBytes}, or no pickle protocol`,
      );
      return undefined;
    }
    const total = HEADER_BYTES + length;
    if (this.#pieceBytes < total) return undefined;
    const all = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = all.length > total ? [all.subarray(total)] : [];
    this.#pieceBytes -= total;
    this.#frame++;
    return all.subarray(HEADER_BYTES, total);
  }

  #frameLength(): number {
    const [first] = this.#pieces;
    if (first!.length < HEADER_BYTES) {
      this.#pieces = [Buffer.concat(this.#pieces)];
    }
    const [a, b, c, d] = this.#pieces[0]!;
    return ((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0;
  }

  #drop(): void {
    this.#pieces = [];
    this.#pieceBytes = 0;
  }

  #decodeFrame(frame: Uint8Array): void {
    let points: Pickled;
    try {
      points = unpickle(frame);
    } catch (error) {
      if (!(error instanceof PickleError)) throw error;
      this.#collector.refuse(this.#frame, error.message);
      return;
    }
    if (!Array.isArray(points)) {
      this.#collector.refuse(this.#frame, 'not a list of points');
      return;
    }
    for (const [i, point] of (points as readonly Pickled[]).entries()) {
      const problem = this.#addPoint(point);
      if (problem !== undefined) this.#collector.refuse(this.#frame, `point ${i}: ${problem}`);
    }
  }

  #addPoint(point: Pickled): string | undefined {
    const [path, pair] = pairOf(point);
    const [timestamp, value] = pairOf(pair);
    if (!(path instanceof PickledText) || timestamp === undefined || value === undefined) {
      return 'not (path, (timestamp, value))';
    }
    const { losses } = this.#collector;
    const v = this.#numberOf(value);
    if (v === undefined) return 'bad value';
    const seconds = this.#numberOf(timestamp);
    if (seconds === undefined || !this.#time.set(seconds, MS_FROM)) return 'bad timestamp';
    const { bytes, start, end } = path;
    const series = seriesOfPath(bytes, start, end, this.#collector, this.#options);
    if (typeof series === 'string') return series;
    if (Number.isNaN(v)) {
      losses.nan_dropped++;
      return undefined;
    }
    if (value instanceof PickledBigInteger) losses.integer_rounded++;
    // As carbon does: whatever is -1 once its fraction is dropped.
    const isNow = Math.trunc(seconds) === -1;
    if (!isNow && this.#time.isCut) losses.time_below_millisecond++;
    this.#collector.add(series, isNow ? this.#now : this.#time.t, v);
    return undefined;
  }

  /** A number, or a text that is one: carbon takes both. */
  #numberOf(value: Pickled): number | undefined {
    if (typeof value === 'number') return value;
    if (value instanceof PickledBigInteger) return value.value;
    if (typeof value === 'boolean') return Number(value);
    if (!(value instanceof PickledText)) return undefined;
    const { bytes, start, end } = value;
    return this.#decimal.readWhole(bytes, start, end) ? this.#decimal.value : undefined;
  }
}

function pairOf(value: Pickled | undefined): readonly (Pickled | undefined)[] {
  return Array.isArray(value) && value.length === 2 ? value : [];
}
