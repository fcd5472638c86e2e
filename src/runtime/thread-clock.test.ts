import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { threadCpuMs, threadNumber } from './thread-clock.ts';

test.runIf(process.platform === 'linux')(
  'a thread has a number, and work is counted to it',
  async () => {
    const own = threadNumber()!;
    expect(threadCpuMs(own)).toBeGreaterThan(0);
    const worker = new Worker(
      `const { readlinkSync } = require('node:fs');
     const { parentPort } = require('node:worker_threads');
     parentPort.postMessage(Number(readlinkSync('/proc/thread-self').split('/').at(-1)));
     for (;;);`,
      { eval: true },
    );
    const [other] = (await once(worker, 'message')) as [number];
    expect(other).not.toBe(own);
    const before = threadCpuMs(other)!;
    await vi.waitFor(() => expect(threadCpuMs(other)! - before).toBeGreaterThanOrEqual(50), 60_000);
    await worker.terminate();
    expect(threadCpuMs(other)).toBeUndefined();
  },
);
