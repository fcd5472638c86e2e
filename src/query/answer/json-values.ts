// Prometheus' JSON for labels, times, floats and histograms.

import { labelJson } from '../../codec/json-strings.ts';
import type { Labels } from '../../model/labels.ts';
import type { FloatHistogram } from '../../promql/histogram/float-histogram.ts';
import type { BytePieces } from './byte-pieces.ts';

/** `{"name":"value",…}` */
export function writeLabels(out: BytePieces, labels: Labels): void {
  let isFirst = true;
  for (const { name, value } of labels) {
    out.ascii(isFirst ? '{' : ',');
    isFirst = false;
    writeString(out, name);
    out.ascii(':');
    writeString(out, value);
  }
  out.ascii(isFirst ? '{}' : '}');
}

/** A label's name or value in quotes. Most go into the answer without becoming other texts before. */
export function writeString(out: BytePieces, text: string): void {
  if (!out.plainString(text)) out.text(labelJson(text));
}

/** Seconds, with three decimals where they are not whole. */
export function secondsText(t: number): string {
  const abs = Math.abs(t);
  const fraction = abs % 1000;
  const whole = (abs - fraction) / 1000;
  const sign = t < 0 ? '-' : '';
  return fraction === 0
    ? `${sign}${whole}`
    : `${sign}${whole}.${String(fraction).padStart(3, '0')}`;
}

/** Shortest digits that read back as the same number; an exponent below 1e-6 and from 1e21. */
export function floatText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  // JavaScript writes 1e-7 where Go writes 1e-07.
  return String(value).replace(/e-(\d)$/, 'e-0$1');
}

/** Boundaries of a bucket by their inclusiveness: [neither, upper, lower, both]. */
const BOUNDARIES = [2, 0, 1, 3] as const;

/** `{"count":"…","sum":"…","buckets":[[boundaries,"lower","upper","count"],…]}` */
export function writeHistogram(out: BytePieces, histogram: FloatHistogram): void {
  out.ascii(`{"count":"${floatText(histogram.count)}","sum":"${floatText(histogram.sum)}"`);
  let isFirst = true;
  for (const bucket of histogram.buckets()) {
    const inclusive = (bucket.lowerInclusive ? 2 : 0) + (bucket.upperInclusive ? 1 : 0);
    out.ascii(
      `${isFirst ? ',"buckets":[' : ','}[${BOUNDARIES[inclusive]},"${floatText(bucket.lower)}","${floatText(bucket.upper)}","${floatText(bucket.count)}"]`,
    );
    isFirst = false;
  }
  out.ascii(isFirst ? '}' : ']}');
}
