// Parquet files in memory, for tests.

import { normalizeLabels } from '../../model/labels.ts';
import type { MetricMetadata } from '../../model/metadata.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import { ParquetEncoder } from './encode.ts';
import type { ParquetSource } from './source.ts';

export function encodeParquet(
  series: readonly BatchSeries[],
  metadata: readonly MetricMetadata[] = [],
): Buffer {
  const encoder = new ParquetEncoder();
  const parts: Buffer[] = [];
  const add = (some: Iterable<Uint8Array>): void => {
    for (const part of some) parts.push(Buffer.from(part));
  };
  add(encoder.start(metadata));
  for (const { labels, samples, exemplars } of series) {
    encoder.begin(normalizeLabels(labels));
    add(encoder.add(samples));
    add(encoder.end(exemplars));
  }
  add(encoder.finish());
  return Buffer.concat(parts);
}

export function sourceOf(bytes: Uint8Array): ParquetSource {
  const { buffer } = Uint8Array.from(bytes);
  return { byteLength: bytes.length, slice: (start, end) => buffer.slice(start, end) };
}
