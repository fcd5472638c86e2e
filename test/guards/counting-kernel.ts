// The kernel module with a counter in every loop and function, and calls of its exports counted: how much work
// it does, in numbers that neither the machine nor its load can move.

import { readFileSync } from 'node:fs';
import binaryen from 'binaryen';
import { kernelPath } from '../../src/codec/kernel.ts';

const COUNTER = 'work';
/** Binaryen's text has each of these on a line of its own. */
const LOOP = /^ *\(?loop\b.*$/;

/** What has happened in all instances since the start. */
export interface KernelCounts {
  /** Passes through loops, and calls of functions. */
  readonly work: number;
  /** Calls of exports by name. */
  readonly calls: ReadonlyMap<string, number>;
}

type Exports = Record<string, unknown>;
type Instantiate = new (module: WebAssembly.Module, imports: object) => { exports: Exports };

const counters: { readonly value: bigint }[] = [];
const calls = new Map<string, number>();

/** From now on kernels are instances of the counting module. Call before any is made. */
export function countKernelWork(): void {
  const counting = new WebAssembly.Module(withCounter(readFileSync(kernelPath())));
  const Instance = WebAssembly.Instance as unknown as Instantiate;
  class CountingInstance {
    readonly exports: Exports;

    constructor(_module: WebAssembly.Module, imports: object) {
      const { exports } = new Instance(counting, imports);
      counters.push(exports[COUNTER] as { readonly value: bigint });
      this.exports = countingCalls(exports);
    }
  }
  WebAssembly.Instance = CountingInstance as unknown as typeof WebAssembly.Instance;
}

export function kernelCounts(): KernelCounts {
  const work = counters.reduce((total, { value }) => total + Number(value), 0);
  return { work, calls: new Map(calls) };
}

function countingCalls(exports: Exports): Exports {
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => {
      if (typeof value !== 'function') return [name, value];
      const counted = (...args: readonly unknown[]): unknown => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return value(...args);
      };
      return [name, counted];
    }),
  );
}

/** The same module with an exported global that counts. */
function withCounter(bytes: Uint8Array): Uint8Array {
  const plain = binaryen.readBinary(bytes);
  plain.setFeatures(binaryen.Features.All);
  const lines = plain.emitText().split('\n');
  plain.dispose();
  const counted: string[] = [];
  let loops = 0;
  for (const line of lines) {
    counted.push(line);
    if (!LOOP.test(line)) continue;
    counted.push(`(global.set $${COUNTER} (i64.add (global.get $${COUNTER}) (i64.const 1)))`);
    loops++;
  }
  if (loops === 0) throw new Error('no loop was found in the text of the kernel');
  const end = counted.lastIndexOf(')');
  counted.splice(
    end,
    0,
    `(global $${COUNTER} (mut i64) (i64.const 0))`,
    `(export "${COUNTER}" (global $${COUNTER}))`,
  );
  const module = binaryen.parseText(counted.join('\n'));
  module.setFeatures(binaryen.Features.All);
  if (module.validate() === 0) throw new Error('the counting kernel is not valid');
  const binary = module.emitBinary();
  module.dispose();
  return binary;
}
