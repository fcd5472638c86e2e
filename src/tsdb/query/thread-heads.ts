// What a thread keeps from query to query about heads and registries of the main thread.

import { HeadReader } from '../head/head-reader.ts';
import { LabelCache } from '../index/label-cache.ts';

/** Memories whose readers are kept: the active head, frozen ones, and one that awaits its next turn. */
const MAX_HEADS = 4;
/** Databases whose labels are kept decoded and sorted. */
const MAX_CACHES = 8;

const readers = new Map<number, HeadReader>();
const caches = new Map<string, LabelCache>();

/** This thread's reader of a head, whose number must not stand for another memory. */
export function threadHeadReader(id: number, memory: WebAssembly.Memory): HeadReader {
  return recent(readers, id, MAX_HEADS, () => new HeadReader(memory));
}

/** This thread's cache for one database of a registry. */
export function threadLabelCache(registryId: number, dbId: number): LabelCache {
  return recent(caches, `${registryId}:${dbId}`, MAX_CACHES, () => new LabelCache());
}

/** Lets go of everything, for a thread that has nothing to do. */
export function forgetHeads(): void {
  readers.clear();
  caches.clear();
}

/** A map as a cache of bounded size: it keeps the order of insertion, so the first is used least recently. */
function recent<K, V>(map: Map<K, V>, key: K, limit: number, make: () => V): V {
  const value = map.get(key) ?? make();
  map.delete(key);
  map.set(key, value);
  if (map.size > limit) map.delete(map.keys().next().value!);
  return value;
}
