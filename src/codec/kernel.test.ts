// The built module itself: what it imports, and that instances sharing one memory do not meet.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { KernelCode } from './errors.ts';
import { instantiateKernel, KERNEL_RESERVED_BYTES, kernelModule, reserveMemory } from './kernel.ts';
import { encodeScratchBytes, MAX_BLOCK_SAMPLES, maxBlockBytes } from './kernel-scratch.ts';
import { makeValues } from './sample-shapes.ts';
import { encodeValues } from './values.ts';

const MAX_MODULE_BYTES = 65_536;

// Not in our declarations, because only this test needs it.
interface ModuleInspector {
  imports(module: unknown): { module: string; name: string; kind: string }[];
  exports(module: unknown): { name: string; kind: string }[];
}
const inspector = WebAssembly.Module as unknown as ModuleInspector;

test('the module imports its memory and nothing else', () => {
  expect(inspector.imports(kernelModule())).toEqual([
    { module: 'env', name: 'memory', kind: 'memory' },
  ]);
});

test('the module is small and exports no mutable state', () => {
  const built = readFileSync(new URL('../../dist/kernel.wasm', import.meta.url));
  expect(built.length).toBeLessThan(MAX_MODULE_BYTES);
  const kinds = new Set(inspector.exports(kernelModule()).map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(['function', 'memory']);
});

test('the module has no mutable globals', () => {
  const built = readFileSync(new URL('../../dist/kernel.wasm', import.meta.url));
  expect(mutableGlobals(built)).toBe(0);
});

/** Counts mutable entries of the module's global section; all of ours are numbers with constant initialisers. */
function mutableGlobals(module: Uint8Array): number {
  const GLOBAL_SECTION = 6;
  let at = 8;
  const uvarint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < module.length) {
    const id = module[at++];
    const size = uvarint();
    const next = at + size;
    if (id === GLOBAL_SECTION) {
      let mutable = 0;
      for (let left = uvarint(); left > 0; left--) {
        at++; // type
        mutable += module[at++]!;
        const opcode = module[at++];
        if (opcode === 0x44) at += 8;
        else if (opcode === 0x43) at += 4;
        else uvarint();
        at++; // end
      }
      return mutable;
    }
    at = next;
  }
  return 0;
}

test('sizes are the same on both sides', () => {
  const kernel = instantiateKernel(reserveMemory(131_072));
  for (const n of [1, 2, 31, 32, 33, 34, 120, 512, MAX_BLOCK_SAMPLES]) {
    expect(kernel.maxBlockBytes(n)).toBe(maxBlockBytes(n));
    expect(kernel.encodeScratchBytes(n)).toBe(encodeScratchBytes(n));
  }
});

test('codecs refuse what is outside their contract', () => {
  const kernel = instantiateKernel(reserveMemory(1 << 20));
  const at = KERNEL_RESERVED_BYTES;
  const scratch = at + 262_144;
  const { badArgument, noRoom, corrupt } = KernelCode;
  for (const encode of [kernel.encodeValues, kernel.encodeTimes]) {
    expect(encode(at, 0, at + 131_072, 1 << 17, scratch)).toBe(badArgument);
    expect(encode(at, MAX_BLOCK_SAMPLES + 1, at + 131_072, 1 << 17, scratch)).toBe(badArgument);
    expect(encode(at, 16, at + 131_072, maxBlockBytes(16) - 1, scratch)).toBe(noRoom);
    expect(encode(at, 16, at + 131_072, -1, scratch)).toBe(noRoom);
  }
  for (const decode of [kernel.decodeValues, kernel.decodeTimes]) {
    expect(decode(at, 100, 0, scratch)).toBe(badArgument);
    expect(decode(at, 100, MAX_BLOCK_SAMPLES + 1, scratch)).toBe(badArgument);
    expect(decode(at, 0, 1, scratch)).toBe(corrupt);
    expect(decode(at, -1, 1, scratch)).toBe(corrupt);
  }
});

// Runs in a worker: encodes one column over and over and counts results that differ.
const ENCODER_SOURCE = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { module, memory, src, n, capacity, scratch, expected, rounds } = workerData;
  const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const dst = src + 8 * n;
  let wrong = 0;
  for (let round = 0; round < rounds; round++) {
    const bytes = kernel.encodeValues(src, n, dst, capacity, scratch);
    if (!Buffer.from(memory.buffer, dst, Math.max(0, bytes)).equals(expected)) wrong++;
  }
  parentPort.postMessage(wrong);
`;

test('two instances encode on one memory while others start', async () => {
  const memory = reserveMemory(1 << 20);
  const region = 1 << 18;
  const n = 1000;
  const capacity = maxBlockBytes(n);
  const results = ['twoDecimals', 'nineDecimals'].map((shape, k) => {
    const src = KERNEL_RESERVED_BYTES + k * region;
    const column = makeValues(shape, n, 3);
    new Float64Array(memory.buffer, src, n).set(column);
    const workerData = {
      module: kernelModule(),
      memory,
      src,
      n,
      capacity,
      scratch: src + region / 2,
      expected: encodeValues(column),
      rounds: 2000,
    };
    const worker = new Worker(ENCODER_SOURCE, { eval: true, workerData });
    return once(worker, 'message');
  });
  let isDone = false;
  const all = Promise.all(results).finally(() => {
    isDone = true;
  });
  let started = 0;
  while (!isDone) {
    instantiateKernel(memory);
    started++;
    await setImmediate();
  }
  expect(await all).toEqual([[0], [0]]);
  expect(started).toBeGreaterThan(1);
});

test('starting and running an instance leaves the constants as they were', () => {
  const memory = reserveMemory(1 << 20);
  const kernel = instantiateKernel(memory);
  const constants = Buffer.from(memory.buffer.slice(0, KERNEL_RESERVED_BYTES));
  const at = KERNEL_RESERVED_BYTES;
  new Float64Array(memory.buffer, at, 600).set(makeValues('mostlyWhole', 600, 1));
  kernel.encodeValues(at, 600, at + 65_536, 65_536, at + 131_072);
  kernel.decodeValues(at + 65_536, 65_536, 600, at);
  instantiateKernel(memory);
  expect(Buffer.from(memory.buffer.slice(0, KERNEL_RESERVED_BYTES))).toEqual(constants);
});
