// Loads the WASM kernel (kernel/*.ts, built to dist/kernel.wasm). One compiled module serves every
// thread; each user brings a memory and instantiates the module on it.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { QueryKernel } from './query-kernel.ts';

/** Functions of the built module. Addresses are byte offsets into the instance's memory. */
export interface Kernel extends QueryKernel {
  version(): number;

  /** Block codecs (kernel/values.ts, kernel/times.ts): bytes written or taken, or a KernelCode. */
  encodeValues(src: number, n: number, dst: number, dstCapacity: number, scratch: number): number;
  decodeValues(src: number, srcLength: number, n: number, dst: number): number;
  encodeTimes(src: number, n: number, dst: number, dstCapacity: number, scratch: number): number;
  decodeTimes(src: number, srcLength: number, n: number, dst: number): number;
  /** Room that an encoder needs at `dst` and `scratch`; the same in src/codec/kernel-scratch.ts. */
  maxBlockBytes(n: number): number;
  encodeScratchBytes(n: number): number;

  /** Snappy block format (kernel/snappy.ts): decoded length or a KernelCode; declared length or -1. */
  snappyDecode(src: number, srcLength: number, dst: number, dstCapacity: number): number;
  snappyDeclaredLength(src: number, srcLength: number): number;

  /** Remote-write scanners and their alias table; the state is laid out by kernel/write-request-layout.ts. */
  scanWriteRequest(state: number, database: number, body: number, length: number): number;
  scanWriteRequestV2(
    state: number,
    database: number,
    body: number,
    length: number,
    minT: number,
    maxT: number,
  ): number;
  learnSeriesV2(
    state: number,
    database: number,
    body: number,
    offset: number,
    length: number,
    ref: number,
  ): number;
  seriesLabelsLength(series: number, length: number): number;
  aliasClear(state: number): void;
  aliasInsert(state: number, database: number, key: number, length: number, ref: number): number;
  /** Head of the engine (kernel/head.ts, kernel/head-decode.ts); addresses come back signed. */
  headAppend(base: number, refs: number, t: number, v: number, startT: number, n: number): number;
  headStage(base: number, ref: number, payloadBytes: number): number;
  headAppendHistogram(
    base: number,
    ref: number,
    t: number,
    startT: number,
    payloadBytes: number,
    isStale: number,
  ): number;
  headAppendExemplar(base: number, ref: number, t: number, payloadBytes: number): number;
  headDecode(
    src: number,
    srcLength: number,
    minT: number,
    maxT: number,
    t: number,
    v: number,
    startT: number,
    capacity: number,
  ): number;

  /** A chunk of floats of a part file (kernel/chunk-decode.ts): rows kept or a KernelCode. */
  chunkDecode(
    src: number,
    srcLength: number,
    n: number,
    firstT: number,
    lastT: number,
    minT: number,
    maxT: number,
    t: number,
    v: number,
  ): number;

  xxh64(address: number, length: number, seed: bigint): bigint;
}

/** Bytes at the bottom of every memory that belong to the module's constants. */
export const KERNEL_RESERVED_BYTES = 65_536;

const PAGE_BYTES = 65_536;
const KERNEL_VERSION = 5;

let compiled: WebAssembly.Module | undefined;

/** The compiled module; may be posted to a worker. */
export function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(kernelPath()));
  return compiled;
}

// The same relative position from dist/src/codec/kernel.js and from the bundle in dist/bundle/server.
/** The built module. */
export function kernelPath(): string {
  const here = import.meta.url;
  const up = here.endsWith('.ts') ? '../../dist/kernel.wasm' : '../../kernel.wasm';
  return fileURLToPath(new URL(up, here));
}

/**
 * Reserves a shared memory of up to `maxBytes` (at most 4 GiB less 64 KiB) at once, so that no view
 * ever goes stale. Pages cost nothing until touched. Where the system refuses the address space
 * (`ulimit -v`) it halves until it fits.
 */
export function reserveMemory(maxBytes: number = 65_535 * PAGE_BYTES): WebAssembly.Memory {
  let pages = Math.min(65_535, Math.max(2, Math.ceil(maxBytes / PAGE_BYTES)));
  for (;;) {
    try {
      return new WebAssembly.Memory({ initial: pages, maximum: 65_535, shared: true });
    } catch (error) {
      if (pages <= 256) throw error;
      pages >>= 1;
    }
  }
}

/** Instantiates the kernel on a memory. Several instances may share one. */
export function instantiateKernel(memory: WebAssembly.Memory): Kernel {
  const instance = new WebAssembly.Instance(kernelModule(), { env: { memory } });
  const kernel = instance.exports as unknown as Kernel;
  if (kernel.version() !== KERNEL_VERSION) {
    throw new Error(`dist/kernel.wasm is from another build: run 'npm run build'`);
  }
  return kernel;
}
