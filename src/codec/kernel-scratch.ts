// How much room the codec kernels need around their data, for owners of memories that lay it out.
// The formulas repeat kernel/residuals.ts; kernel.test.ts compares them.

/** Most samples a time or value block may hold. */
export const MAX_BLOCK_SAMPLES = 8192;

/** Bytes after an encoded block that its decoder may read: they must be inside the memory. */
export const BLOCK_SLACK_BYTES = 8;

/** Bytes that `snappyDecode` may read after its input and overwrite after its output. */
export const SNAPPY_SLACK_BYTES = 64;

/** Room at `dst` for a time or value block of `samples`; also no block is longer. */
export function maxBlockBytes(samples: number): number {
  return 8 * samples + (samples >> 5) + 48;
}

/** Scratch for encoding a time or value block of `samples`; align it to 8. */
export function encodeScratchBytes(samples: number): number {
  return 18 * samples + 64;
}
