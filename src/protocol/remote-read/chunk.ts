// What is common to the three kinds of Prometheus chunks.

/** Chunk.Encoding of remote read: the kinds that every reader knows. */
export const ChunkType = { xor: 1, histogram: 2, floatHistogram: 3 } as const;
export type ChunkType = (typeof ChunkType)[keyof typeof ChunkType];

export interface EncodedChunk {
  readonly type: ChunkType;
  /** Time of the first sample, ms. */
  readonly minT: number;
  /** Time of the last sample, ms. */
  readonly maxT: number;
  readonly data: Uint8Array;
}

/** Prometheus cuts its own chunks at as many samples. */
export const MAX_CHUNK_SAMPLES = 120;

/** A chunk is cut once it is so long … */
export const TARGET_CHUNK_BYTES = 1024;

/** … and has so many samples, lest the layout of wide histograms be repeated for each. */
export const MIN_CHUNK_SAMPLES = 10;

/** True if a chunk of so many samples and bytes should take no more. */
export function isChunkFull(samples: number, sizeBytes: number): boolean {
  return (
    samples >= MAX_CHUNK_SAMPLES ||
    (sizeBytes >= TARGET_CHUNK_BYTES && samples >= MIN_CHUNK_SAMPLES)
  );
}

/**
 * True if a time may follow in a chunk: the codes take differences and differences of differences, and
 * both must be exact as numbers.
 */
export function isExactStep(t: number, previousT: number, previousDelta: number): boolean {
  const delta = t - previousT;
  return Number.isSafeInteger(delta) && Number.isSafeInteger(delta - previousDelta);
}
