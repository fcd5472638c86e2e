// What JavaScript allocates while it is counted, garbage included.

import { Session } from 'node:inspector/promises';

interface ProfileNode {
  readonly selfSize: number;
  readonly children: readonly ProfileNode[];
}

export class AllocationCount {
  readonly #session = new Session();

  private constructor() {
    this.#session.connect();
  }

  static async start(): Promise<AllocationCount> {
    const count = new AllocationCount();
    await count.#session.post('HeapProfiler.startSampling', {
      // Every object.
      samplingInterval: 1,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    return count;
  }

  /** Ends the count. */
  async bytes(): Promise<number> {
    const { profile } = await this.#session.post('HeapProfiler.stopSampling');
    this.#session.disconnect();
    return bytesOf(profile.head);
  }
}

function bytesOf({ selfSize, children }: ProfileNode): number {
  return children.reduce((total, child) => total + bytesOf(child), selfSize);
}
