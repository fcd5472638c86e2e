// Exemplars as OpenMetrics writes them behind a sample: `# {trace_id="…"} 0.5 1700000000.25`.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Label } from '../../model/labels.ts';
import { DecimalReader } from '../decimal.ts';
import { UnixTimeReader } from '../unix-time.ts';
import { findClose, parseBraces, quote, skipBlanks, wordEnd } from './sample-line.ts';

export interface TextExemplar {
  readonly labels: readonly Label[];
  readonly value: number;
  /** ms; undefined where it has that of its sample. */
  readonly t: number | undefined;
}

const OPEN = 0x7b;
const value = new DecimalReader();
const time = new UnixTimeReader();

/** Reads the comment [start, end), which begins with `#`; a text says what is wrong with it. */
export function parseExemplar(
  bytes: Uint8Array,
  start: number,
  end: number,
): TextExemplar | string {
  const open = skipBlanks(bytes, start + 1, end);
  const close = open < end && bytes[open] === OPEN ? findClose(bytes, open + 1, end) : -1;
  if (close < 0) return `exemplar without labels: ${quote(bytes, start, end)}`;
  const braces = parseBraces(bytes, open, close + 1);
  if (typeof braces === 'string') return `exemplar: ${braces}`;
  if (braces.name !== undefined) return `exemplar: label without a value: ${braces.name}`;
  const valueAt = skipBlanks(bytes, close + 1, end);
  const valueEnd = wordEnd(bytes, valueAt, end);
  if (!value.readWhole(bytes, valueAt, valueEnd)) {
    return `exemplar: bad value ${quote(bytes, valueAt, valueEnd)}`;
  }
  const { labels } = braces;
  const timeAt = skipBlanks(bytes, valueEnd, end);
  if (timeAt === end) return { labels, value: value.value, t: undefined };
  const timeEnd = wordEnd(bytes, timeAt, end);
  const isTime = time.read(bytes, timeAt, timeEnd, Number.POSITIVE_INFINITY) === timeEnd;
  if (!isTime || skipBlanks(bytes, timeEnd, end) !== end) {
    return `exemplar: bad timestamp ${quote(bytes, timeAt, end)}`;
  }
  return { labels, value: value.value, t: time.t };
}

/** The exemplars of a sample at `t`. */
export function exemplarsOf(exemplar: TextExemplar | undefined, t: number): Exemplar[] {
  if (exemplar === undefined) return [];
  return [{ labels: exemplar.labels, value: exemplar.value, t: exemplar.t ?? t }];
}
