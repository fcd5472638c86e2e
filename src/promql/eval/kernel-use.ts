// When the kernel is worth calling.

import type { EngineOptions } from './interface.ts';

/** With fewer steps, and fewer samples to go through, a call costs more than it saves. */
const LEAST_STEPS = 8;
const LEAST_SAMPLES = 256;

/** May rows of so many steps lie in kernel memory? Those of fewer never do. */
export function mayBeInKernel(steps: number): boolean {
  return steps >= LEAST_STEPS;
}

/** True if kernels are to work on a series of `samples` samples that gets values at `steps` steps. */
export function usesKernel({ useKernel }: EngineOptions, steps: number, samples = 0): boolean {
  return useKernel && (mayBeInKernel(steps) || samples >= LEAST_SAMPLES);
}
