// One kernel instance per thread with a memory that readers decode into and query kernels work on, so
// that samples cross from the one to the other without being copied.

import { instantiateKernel, KERNEL_RESERVED_BYTES, type Kernel, reserveMemory } from './kernel.ts';

export interface ThreadKernel {
  readonly kernel: Kernel;
  readonly memory: WebAssembly.Memory;
  /** The memory's buffer, always the same; asking the memory for it costs as much as a small kernel call. */
  readonly buffer: ArrayBufferLike;
  /**
   * Takes `bytes` for good, at a multiple of 64; untouched pages cost nothing. For fixed scratch of a
   * module, asked for once per thread, not per query.
   */
  take(bytes: number): number;
}

/** Address space of the memory: fixed scratch of all modules together stays far below. */
const MAX_BYTES = 2 ** 30;
const ALIGN = 64;

let instance: ThreadKernel | undefined;

/** This thread's instance, made at first use. */
export function threadKernel(): ThreadKernel {
  instance ??= newThreadKernel();
  return instance;
}

function newThreadKernel(): ThreadKernel {
  const memory = reserveMemory(MAX_BYTES);
  const { buffer } = memory;
  const kernel = instantiateKernel(memory);
  let next = KERNEL_RESERVED_BYTES;
  return {
    kernel,
    memory,
    buffer,
    take(bytes) {
      const address = next;
      const end = Math.ceil((address + bytes) / ALIGN) * ALIGN;
      if (end > buffer.byteLength) throw new RangeError(`no room for ${bytes} bytes of scratch`);
      next = end;
      return address;
    },
  };
}

/** Address in this thread's kernel memory of a column that lies there, else -1. */
export function kernelAddress(column: Float64Array | Uint8Array | Uint32Array): number {
  return column.buffer === instance?.buffer ? column.byteOffset : -1;
}
