// What the scan of a 2.0 body leaves to the protocol decoder: series that are not simple, and metadata.

import type { MetricMetadata } from '../../model/metadata.ts';
import { SeriesDecoderV2 } from '../../protocol/remote-write/v2.ts';
import type { Rejection } from '../../storage/errors.ts';
import type { BatchSeries } from '../../storage/interface.ts';
import type { ScannedWriteV2 } from './scanner.ts';

export interface RestV2 {
  /** By slow item; undefined where it is refused. */
  readonly series: readonly (BatchSeries | undefined)[];
  /** The last of each metric, of all series of the body. */
  readonly metadata: readonly MetricMetadata[];
  readonly rejections: readonly Rejection[];
}

const NOTHING: RestV2 = { series: [], metadata: [], rejections: [] };

/** Decodes all of it, in the order of the body; copies what it answers. Throws PROTOBUF_MALFORMED. */
export function decodeRestV2(scanned: ScannedWriteV2): RestV2 {
  const { slow, slowOffset, slowLength, decoded, symbols, metadata } = scanned;
  if (slow === 0 && metadata.count === 0) return NOTHING;
  const decoder = new SeriesDecoderV2(decoded, symbols);
  const series: (BatchSeries | undefined)[] = [];
  let item = 0;
  const describeUpTo = (slowBefore: number): void => {
    for (; item < metadata.count && metadata.slow[item]! <= slowBefore; item++) {
      decoder.describe(metadata.metric[item]!, {
        type: metadata.type[item]!,
        help: metadata.help[item]!,
        unit: metadata.unit[item]!,
      });
    }
  };
  for (let i = 0; i < slow; i++) {
    describeUpTo(i);
    const start = slowOffset[i]!;
    series.push(decoder.decode(start, start + slowLength[i]!));
  }
  describeUpTo(slow);
  return { series, metadata: decoder.metadata(), rejections: decoder.rejections() };
}
