// The compiled module, because a worker cannot run TypeScript.

import { once } from 'node:events';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

const MODULE = join(import.meta.dirname, '../../dist/src/runtime/thread-priority.js');

test.runIf(process.platform === 'linux')(
  'only the thread that asks for it steps back',
  async () => {
    const before = getPriority();
    const worker = new Worker(
      `const { getPriority } = require('node:os');
     const { parentPort, workerData } = require('node:worker_threads');
     import(workerData).then(({ stepBack }) => {
       stepBack();
       parentPort.postMessage(getPriority());
     });`,
      { eval: true, workerData: MODULE },
    );
    const [priority] = await once(worker, 'message');
    await worker.terminate();
    expect(priority).toBe(Math.min(before + 5, 19));
    expect(getPriority()).toBe(before);
  },
);
