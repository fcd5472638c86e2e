// The bytes that keep an exemplar in the head and the log: value, then its labels.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Label } from '../../model/labels.ts';

const VALUE_BYTES = 8;

/** Value as float64, then a JSON list of alternating names and values. */
export function encodeExemplarPayload(exemplar: Exemplar): Uint8Array {
  const labels = exemplar.labels.flatMap(({ name, value }) => [name, value]);
  const text = Buffer.from(JSON.stringify(labels));
  const bytes = new Uint8Array(VALUE_BYTES + text.length);
  new DataView(bytes.buffer).setFloat64(0, exemplar.value, true);
  bytes.set(text, VALUE_BYTES);
  return bytes;
}

/** The exemplar of such bytes; they come from our own memory or a checked log record. */
export function decodeExemplarPayload(t: number, payload: Uint8Array): Exemplar {
  const bytes = Buffer.from(payload);
  const value = bytes.readDoubleLE(0);
  const strings = JSON.parse(bytes.toString('utf8', VALUE_BYTES)) as string[];
  const labels: Label[] = [];
  for (let i = 0; i + 1 < strings.length; i += 2) {
    labels.push({ name: strings[i]!, value: strings[i + 1]! });
  }
  return { labels, value, t };
}
