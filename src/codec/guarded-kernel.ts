// A kernel in a small memory that notices stray accesses, for fuzz tests: writes by comparing the
// whole memory with a copy, reads past the input because the input lies at the very end.

import { instantiateKernel, KERNEL_RESERVED_BYTES, type Kernel, reserveMemory } from './kernel.ts';

const CANARY = 0xa5;

export class GuardedKernel {
  readonly kernel: Kernel;
  /** All of the memory. */
  readonly memory: Uint8Array;
  /** Where output goes: canaries lie before and after it. */
  readonly output: number;
  readonly #copy: Buffer;

  constructor(memoryBytes: number) {
    const memory = reserveMemory(memoryBytes);
    this.kernel = instantiateKernel(memory);
    this.memory = new Uint8Array(memory.buffer);
    this.memory.fill(CANARY, KERNEL_RESERVED_BYTES);
    this.output = KERNEL_RESERVED_BYTES + 4096;
    this.#copy = Buffer.alloc(this.memory.length);
  }

  /**
   * Puts input where only `slackBytes` remain after it, notes the state of memory, and returns its
   * address. The slack is zero, which passes for data more easily than canaries would.
   */
  place(input: Uint8Array, slackBytes: number): number {
    const address = this.memory.length - slackBytes - input.length;
    this.memory.set(input, address);
    this.memory.fill(0, address + input.length);
    this.#copy.set(this.memory);
    return address;
  }

  /** True if anything but `bytes` bytes from `output` on changed since `place`. Afterwards they count as unchanged. */
  hasStrayWrites(bytes: number): boolean {
    const allowed = this.memory.subarray(this.output, this.output + bytes);
    this.#copy.set(allowed, this.output);
    return !this.#copy.equals(this.memory);
  }
}
