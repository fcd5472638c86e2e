// The answer to an export while it comes: how many samples there are so far, and whether it is whole at its end.

import type { IncomingMessage } from 'node:http';
import type { FileExportFormat } from './formats.ts';

const TRAILER = 'x-tidemark-export';
const SERIES_HEADER = 'x-tidemark-series';
const METRIC = Buffer.from('{"metric":');
const METRIC_END = Buffer.from('},"values":[');
/** What the keys of all lists of times end with; quotes in labels are escaped, so it is nowhere else. */
const TIMES = Buffer.from('imestamps":[');
/** Before it in `"timestamps"` and `"histogramTimestamps"`, but not in those of start times. */
const COUNTED = ['"t', 'mT'];
/** A key that is not whole, with what comes before it. */
const MAX_KEY_BYTES = TIMES.length + 2;
/** Labels are shorter. */
const MAX_METRIC_BYTES = 2 ** 20;
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const CLOSE = 0x5d;

/** What the server says behind the last byte; undefined if the answer is not whole. */
export function summaryOf(answer: IncomingMessage): string | undefined {
  const summary = answer.trailers[TRAILER];
  return answer.complete && summary?.startsWith('complete') === true ? summary : undefined;
}

export function isWholeExport(answer: IncomingMessage): boolean {
  return summaryOf(answer) !== undefined;
}

/** How many series there are to come; undefined if the server does not say. */
export function seriesOf({ headers }: IncomingMessage): number | undefined {
  const text = headers[SERIES_HEADER];
  return typeof text === 'string' ? Number(text) : undefined;
}

/** Counts samples in the bytes of an export as they come. */
export interface SampleCounter {
  readonly samples: number;
  /** Series that have ended; undefined where that cannot be seen. */
  readonly series: number | undefined;
  push(piece: Uint8Array): void;
}

/** None for formats in which they cannot be seen. */
export function sampleCounter(format: FileExportFormat): SampleCounter | undefined {
  switch (format) {
    case 'json-lines':
    case 'victoriametrics':
      return new JsonLinesCounter();
    case 'csv':
      return new LineCounter();
    case 'parquet':
      return undefined;
  }
}

/** Lines but for the header. */
class LineCounter implements SampleCounter {
  readonly series: undefined = undefined;
  #lines = 0;

  get samples(): number {
    return Math.max(0, this.#lines - 1);
  }

  push(piece: Uint8Array): void {
    for (let at = piece.indexOf(LINE_FEED); at >= 0; at = piece.indexOf(LINE_FEED, at + 1)) {
      this.#lines++;
    }
  }
}

class JsonLinesCounter implements SampleCounter {
  readonly #times = new TimesCounter();
  readonly #metrics = new MetricCounter();

  get samples(): number {
    return this.#times.samples;
  }

  get series(): number {
    return this.#metrics.ended;
  }

  push(piece: Uint8Array): void {
    this.#times.push(piece);
    this.#metrics.push(piece);
  }
}

/** Lines of one series follow each other: counts where the labels change. */
class MetricCounter {
  #begun = 0;
  #last = Buffer.alloc(0);
  /** The beginning of a line, until its labels are there; undefined in the rest of it. */
  #head: Buffer | undefined = Buffer.alloc(0);

  get ended(): number {
    return Math.max(0, this.#begun - 1);
  }

  push(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) {
      const feed = piece.indexOf(LINE_FEED, at);
      const end = feed < 0 ? piece.length : feed;
      if (this.#head !== undefined) this.#look(piece.subarray(at, end));
      if (feed >= 0) this.#head = Buffer.alloc(0);
      at = end + 1;
    }
  }

  #look(more: Uint8Array): void {
    const head = Buffer.concat([this.#head!, more.subarray(0, MAX_METRIC_BYTES)]);
    const end = head.indexOf(METRIC_END);
    this.#head = end < 0 && head.length < MAX_METRIC_BYTES ? head : undefined;
    if (end < 0 || head.indexOf(METRIC) !== 0) return;
    const metric = head.subarray(0, end);
    if (metric.equals(this.#last)) return;
    this.#last = Buffer.from(metric);
    this.#begun++;
  }
}

/** Items of the lists of times in JSON lines. */
class TimesCounter {
  samples = 0;
  #isInList = false;
  /** Bytes at the end of the piece before that may be the beginning of a list. */
  #tail = Buffer.alloc(0);

  push(piece: Uint8Array): void {
    let bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    let at = 0;
    if (!this.#isInList && this.#tail.length > 0) bytes = Buffer.concat([this.#tail, bytes]);
    while (at < bytes.length) {
      if (this.#isInList) at = this.#countList(bytes, at);
      else {
        const found = bytes.indexOf(TIMES, at);
        if (found < 0) break;
        at = found + TIMES.length;
        if (!COUNTED.includes(bytes.toString('latin1', found - 2, found))) continue;
        if (at === bytes.length) {
          // Whether it is empty the next piece tells.
          at = found - 2;
          break;
        }
        this.#isInList = true;
        if (bytes[at] !== CLOSE) this.samples++;
      }
    }
    this.#tail = this.#isInList
      ? Buffer.alloc(0)
      : Buffer.from(bytes.subarray(Math.max(at, bytes.length - MAX_KEY_BYTES)));
  }

  /** Answers where the list ends, or the piece does. */
  #countList(bytes: Uint8Array, start: number): number {
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === COMMA) this.samples++;
      else if (byte === CLOSE) {
        this.#isInList = false;
        return at + 1;
      }
    }
    return bytes.length;
  }
}
