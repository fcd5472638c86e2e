// What a thread keeps from query to query about heads and registries of the main thread.

import { HeadReader } from '../head/head-reader.ts';
import type { HeadBuffer } from '../head/slots.ts';
import { LabelCache } from '../index/label-cache.ts';

/** Databases whose labels are kept decoded and sorted. */
const MAX_CACHES = 8;

const readers = new Map<number, HeadReader>();
const caches = new Map<string, LabelCache>();

/** This thread's reader of a head, whose number must not stand for another memory. */
export function threadHeadReader(id: number, memory: HeadBuffer): HeadReader {
  const reader = readers.get(id) ?? new HeadReader(memory);
  readers.set(id, reader);
  return reader;
}

/** Lets go of the memories of other heads, once no query reads them. */
export function keepHeads(live: readonly number[]): void {
  for (const id of readers.keys()) if (!live.includes(id)) readers.delete(id);
}

/** This thread's cache for one database of a registry. */
export function threadLabelCache(registryId: number, dbId: number): LabelCache {
  const key = `${registryId}:${dbId}`;
  const cache = caches.get(key) ?? new LabelCache();
  // A map keeps the order of insertion: the first was used least recently.
  caches.delete(key);
  caches.set(key, cache);
  if (caches.size > MAX_CACHES) caches.delete(caches.keys().next().value!);
  return cache;
}

/** Lets go of everything, for a thread that has nothing to do. */
export function forgetHeads(): void {
  readers.clear();
  caches.clear();
}
