// Line protocol: bytes → points. Lines as nearly all are (no backslash, no string) take one pass over
// their bytes; everything else, and everything wrong, is read again by the exact way.

import { SeriesTable, viewOf } from '../series-table.ts';
import { StringCache } from '../string-cache.ts';
import { FastLine } from './fast-line.ts';
import { decodeFields, scanFields } from './fields.ts';
import { LinePoint, type LineSeries } from './point.ts';
import { Byte, findLineEnd, skipBlanks } from './scan.ts';
import { decodeKey, lineText, scanKey } from './series-key.ts';
import { decodeTimestamp, defaultTime, type Precision } from './timestamp.ts';

const NAME_SLOTS = 16_384;
/** Some 100 MB at most. */
const SERIES_LIMITS = { maxSeries: 200_000, maxKeyBytes: 32 << 20 };

/** Who takes what the decoder finds, in the order of lines. */
export interface LineSink {
  /** `point` is overwritten afterwards. */
  point(point: LinePoint): void;
  /** A line that is none: `unable to parse '<line>': <reason>`. */
  error(message: string): void;
}

/**
 * Decodes bodies one after another, remembering names and series among them. Blank lines and comments are
 * skipped; lines may end in CR LF. A body's last line may lack its newline.
 */
export class LineDecoder {
  readonly #names = new StringCache(NAME_SLOTS);
  readonly #series = new SeriesTable<LineSeries>(SERIES_LIMITS);
  readonly #point = new LinePoint();
  readonly #fast = new FastLine(this.#names, this.#series);

  /** `nowNs` is the time of lines without one, nanoseconds since 1970. */
  decode(bytes: Uint8Array, precision: Precision, nowNs: bigint, sink: LineSink): void {
    const fallbackNs = defaultTime(nowNs, precision);
    this.#fast.begin(precision, fallbackNs);
    const point = this.#point;
    const end = bytes.length;
    const view = viewOf(bytes);
    let at = 0;
    while (at < end) {
      const next = this.#fast.decode(bytes, view, at, end, point);
      if (next > 0) {
        sink.point(point);
        at = next;
        continue;
      }
      const lineEnd = findLineEnd(bytes, at, end);
      this.#decodeExactly(bytes, at, lineEnd, precision, fallbackNs, sink);
      at = lineEnd + 1;
    }
  }

  #decodeExactly(
    bytes: Uint8Array,
    at: number,
    lineEnd: number,
    precision: Precision,
    fallbackNs: bigint,
    sink: LineSink,
  ): void {
    const start = skipBlanks(bytes, at, lineEnd);
    if (start >= lineEnd || bytes[start] === Byte.hash) return;
    let end = lineEnd;
    // Still there if a quote before it was not closed.
    if (bytes[end - 1] === Byte.newline) end--;
    if (bytes[end - 1] === Byte.carriageReturn) end--;
    if (start >= end) return;
    // Alone, so that no look back or ahead sees another line.
    const line = bytes.subarray(start, end);
    const problem = this.#decodeLine(line, precision, fallbackNs);
    if (problem === undefined) sink.point(this.#point);
    else sink.error(`unable to parse '${lineText(line, 0, line.length)}': ${problem}`);
  }

  #decodeLine(line: Uint8Array, precision: Precision, fallbackNs: bigint): string | undefined {
    const point = this.#point;
    const end = line.length;
    const key = scanKey(line, 0, end);
    if (typeof key === 'string') return key;
    const series = decodeKey(line, 0, key, this.#names);
    if (typeof series === 'string') return series;
    const fieldsStart = skipBlanks(line, key.end, end);
    const fieldsEnd = scanFields(line, fieldsStart, end);
    if (typeof fieldsEnd === 'string') return fieldsEnd;
    point.begin(series);
    return (
      decodeFields(line, fieldsStart, fieldsEnd, key.end, point, this.#names) ??
      decodeTimestamp(line, fieldsEnd, end, precision, fallbackNs, point)
    );
  }
}
