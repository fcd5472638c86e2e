// For fuzz tests of the scanner: bodies with a few bytes changed, and a memory that tells whether a region was left.

import fc from 'fast-check';
import { expect } from 'vitest';
import { reserveMemory } from '../../codec/kernel.ts';
import type { ScanLimits } from './scanner.ts';
import type { AliasLimits } from './scanner-layout.ts';
import { GAP_BYTES, placeRegions, scannerMemoryBytes } from './scanner-layout.ts';
import { bytesOf } from './scanner-testing.ts';

export interface Mutation {
  readonly kind: 'set' | 'flip' | 'cut' | 'insert' | 'remove' | 'repeat';
  /** Fraction of the body. */
  readonly at: number;
  readonly byte: number;
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('set', 'flip', 'cut', 'insert', 'remove', 'repeat'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  byte: fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x0a, 0x12, 0x80, 0xff, 0)),
});

export function mutate(body: Uint8Array, { kind, at, byte }: Mutation): Uint8Array {
  const p = Math.floor(at * body.length);
  const head = body.subarray(0, p);
  const tail = body.subarray(p);
  if (kind === 'cut' || body.length === 0) return head;
  if (kind === 'insert') return bytesOf(head, [byte], tail);
  if (kind === 'remove') return bytesOf(head, tail.subarray(1));
  if (kind === 'repeat') return bytesOf(head, tail.subarray(0, byte), tail);
  const flipped = tail[0]! ^ (1 << (byte & 7));
  return bytesOf(head, [kind === 'set' ? byte : flipped], tail.subarray(1));
}

/** A memory whose regions are no larger than they must be, with canaries in all gaps. */
export function guardedMemory(
  limits: ScanLimits,
  alias: AliasLimits,
): { memory: WebAssembly.Memory; checkCanaries: () => void } {
  const memory = reserveMemory(scannerMemoryBytes(limits, alias));
  const { gaps } = placeRegions(memory.buffer.byteLength, limits, alias);
  const canary = Buffer.alloc(GAP_BYTES, 'canary');
  const guards = gaps.map((gap) => Buffer.from(memory.buffer, gap, GAP_BYTES));
  for (const guard of guards) guard.set(canary);
  const checkCanaries = (): void => {
    const touched = guards.findIndex((guard) => !guard.equals(canary));
    expect(touched, 'index of the region that was left').toBe(-1);
  };
  return { memory, checkCanaries };
}
