// Memory of large buffers given back when they are done with. The collector counts what they take: each few megabytes
// received would make it go through all of the heap, only to find that bodies are garbage.

import { MessageChannel } from 'node:worker_threads';

/** Smaller buffers cost more to give back than to leave to the collector. */
const MIN_BYTES = 8192;

/** Closed at once: what is sent by it goes nowhere, and what is transferred with that is freed. */
const nowhere = (() => {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  port1.close();
  return port1;
})();

/**
 * Frees the memory of bytes or numbers that nobody will look at again; they are empty from then on, whoever has them. Bytes that are
 * few, or only a part of their buffer, or shared, are left to the collector.
 */
export function releaseBytes({ buffer, byteLength }: ArrayBufferView): void {
  if (byteLength < MIN_BYTES || byteLength !== buffer.byteLength) return;
  if (buffer instanceof ArrayBuffer) nowhere.postMessage(undefined, [buffer]);
}
