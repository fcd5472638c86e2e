// For tests: a segment's worth of bodies in shared memory, and a thread that is none.

import type { ScanLimits } from '../ingest/scanner.ts';
import { BodyScanner } from './body-scanner.ts';
import type { ScanThread } from './scan-ahead.ts';
import { type BodyPlace, newScanSlots } from './scan-job.ts';

export const LIMITS: ScanLimits = { maxCompressedBytes: 1 << 20, maxDecodedBytes: 1 << 20 };

export interface PlacedBody {
  readonly dbId: number;
  readonly body: Uint8Array;
}

/** Bodies one behind the other, eight bytes apart, as views of shared memory, and where they are. */
export function placeBodies(bodies: readonly PlacedBody[]): {
  readonly bytes: Uint8Array;
  readonly places: BodyPlace[];
  readonly views: Uint8Array[];
} {
  const places: BodyPlace[] = [];
  let end = 64;
  for (const { dbId, body } of bodies) {
    places.push({ dbId, offset: end, length: body.length });
    end += body.length + 8;
  }
  const bytes = new Uint8Array(new SharedArrayBuffer(end));
  for (const [i, { offset }] of places.entries()) bytes.set(bodies[i]!.body, offset);
  const views = places.map(({ offset, length }) => bytes.subarray(offset, offset + length));
  return { bytes, places, views };
}

/** Scans as far ahead as there are slots as soon as it is given a job. */
export function inlineScanThread(): ScanThread {
  const slots = newScanSlots();
  const scanner = new BodyScanner(LIMITS, slots, {
    alias: { maxEntries: 1000, maxKeyBytes: 100_000 },
  });
  return {
    slots,
    post: (job) => scanner.run(job, () => false),
    close: async () => {},
  };
}
