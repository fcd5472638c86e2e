// Cuts the samples of a series into Prometheus chunks, and reads chunks of any known kind.

import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { chunkMalformed } from '../errors.ts';
import { ChunkType, type EncodedChunk } from './chunk.ts';
import {
  decodeFloatHistogramChunk,
  decodeHistogramChunk,
  HistogramChunkWriter,
  resetBetween,
} from './histogram-chunk.ts';
import { decodeXorChunk, XorChunkWriter } from './xor-chunk.ts';

/**
 * Chunks of a series' samples, which must ascend in time; one after the other, so that a long series
 * needs little memory. Start timestamps have no place in these kinds and are left out.
 */
export function* encodeChunks(samples: SampleColumns): Generator<EncodedChunk, void> {
  const halves = new Uint32Array(samples.v.buffer, samples.v.byteOffset, samples.v.length * 2);
  let chunk: XorChunkWriter | HistogramChunkWriter | undefined;
  let previous: NativeHistogram | undefined;
  for (let i = 0; i < samples.length; i++) {
    const t = samples.t[i]!;
    const histogram = samples.histograms?.[i];
    if (histogram === undefined) {
      const low = halves[2 * i]!;
      const high = halves[2 * i + 1]!;
      if (!(chunk instanceof XorChunkWriter && chunk.append(t, low, high))) {
        if (chunk) yield chunk.finish();
        chunk = new XorChunkWriter();
        chunk.append(t, low, high);
      }
    } else {
      const hint = resetBetween(previous, histogram);
      if (!(chunk instanceof HistogramChunkWriter && chunk.append(t, histogram, hint))) {
        if (chunk) yield chunk.finish();
        chunk = new HistogramChunkWriter(t, histogram, hint);
      }
    }
    previous = histogram;
  }
  if (chunk) yield chunk.finish();
}

/** Decodes a chunk. Throws CHUNK_MALFORMED, also for a kind that is not known. */
export function decodeChunk(type: number, data: Uint8Array): SampleColumns {
  switch (type) {
    case ChunkType.xor:
      return decodeXorChunk(data);
    case ChunkType.histogram:
      return decodeHistogramChunk(data);
    case ChunkType.floatHistogram:
      return decodeFloatHistogramChunk(data);
    default:
      throw chunkMalformed(
        `type ${type}`,
        'only XOR (1), HISTOGRAM (2) and FLOAT_HISTOGRAM (3) are known',
      );
  }
}
