// A generation: everything applied to memory between two flushes, for all databases, one contiguous
// range of commitSeq. It is written by the main thread, frozen, flushed whole and then forgotten.

import { HeadMemory } from './head/head-memory.ts';
import type { SeriesRegistry } from './index/series-registry.ts';

export class Generation {
  readonly head: HeadMemory;
  /** Names the refs in `head`. Shared with neighbouring generations unless it had grown stale. */
  readonly registry: SeriesRegistry;
  /** Databases (by dbId) that have records in this generation. */
  readonly touched: Set<number> = new Set();
  /** First and last applied commitSeq; both 0 while nothing has been applied. */
  minSeq = 0;
  maxSeq = 0;
  /** When the first record was applied (ms), for the age that triggers a flush. */
  firstAppliedAt = 0;
  /** The latest receive time of its records, in ms. */
  receivedUntil = 0;
  /** Queriers that read this generation; its memory is recycled only at 0. */
  pins = 0;

  constructor(registry: SeriesRegistry, head: HeadMemory = new HeadMemory()) {
    this.registry = registry;
    this.head = head;
  }

  isEmpty(): boolean {
    return this.maxSeq === 0;
  }

  /** Notes that a record of a database has been applied. Called in commitSeq order. */
  applied(dbId: number, commitSeq: number, receiveTime: number, now: number): void {
    if (this.maxSeq === 0) {
      this.minSeq = commitSeq;
      this.firstAppliedAt = now;
    }
    this.maxSeq = commitSeq;
    this.receivedUntil = Math.max(this.receivedUntil, receiveTime);
    this.touched.add(dbId);
  }
}
