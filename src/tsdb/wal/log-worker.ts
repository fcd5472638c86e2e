// The log's thread: sleeps until there is something in the ring, writes and syncs it, and sends one
// message per batch.

import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../runtime/clock.ts';
import { nodeFileSystem } from '../../runtime/file-system.ts';
import { LOG_WRITER_READY, LogWriter, type LogWriterOptions } from './log-writer.ts';
import { RingConsumer, type RingMemory } from './ring.ts';

export interface LogWorkerData {
  readonly options: LogWriterOptions;
  readonly memory: RingMemory;
}

function run(): void {
  const port = parentPort!;
  const { options, memory } = workerData as LogWorkerData;
  const ring = new RingConsumer(memory);
  const writer = new LogWriter(options, ring, nodeFileSystem, systemClock);
  port.postMessage(LOG_WRITER_READY);
  // Never returns to this thread's event loop until closed: messages go out nevertheless.
  for (;;) {
    const completion = writer.step();
    if (completion === undefined) {
      ring.wait(writer.msUntilSync());
      continue;
    }
    port.postMessage(completion);
    if (completion.closed) return;
  }
}

if (parentPort !== null) run();
