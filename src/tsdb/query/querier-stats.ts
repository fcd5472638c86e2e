// What one querier has read, taken from the counts of its thread.

import type { SelectionStats } from '../../storage/interface.ts';
import { readCounts } from '../read-counts.ts';

export class QuerierStats implements SelectionStats {
  series = 0;
  samples = 0;
  chunks = 0;
  pages = 0;
  bytes = 0;
  #chunksBefore = 0;
  #pagesBefore = 0;
  #bytesBefore = 0;

  /** Begins a step that reads without yielding. */
  begin(): void {
    this.#chunksBefore = readCounts.chunks;
    this.#pagesBefore = readCounts.pages;
    this.#bytesBefore = readCounts.bytes;
  }

  end(): void {
    this.chunks += readCounts.chunks - this.#chunksBefore;
    this.pages += readCounts.pages - this.#pagesBefore;
    this.bytes += readCounts.bytes - this.#bytesBefore;
  }
}
