// Figures of the head for `/api/v1/status/tsdb`: which metrics and labels have the most series.

import { compareStrings, METRIC_NAME } from '../model/labels.ts';
import { Slices } from '../runtime/slices.ts';
import type { Cardinality, NamedCount } from '../storage/interface.ts';
import type { Generation } from './generation.ts';
import type { MemoryIndex } from './index/memory-index.ts';

/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 256;

/**
 * Counts over an index, the series that are alive, and over the samples of generations, which must stay until
 * it resolves. Works in slices.
 */
export async function headCardinality(
  index: MemoryIndex,
  generations: readonly Generation[],
  limit: number,
): Promise<Cardinality> {
  const slices = new Slices();
  const metrics = new Largest(limit);
  const pairs = new Largest(limit);
  const byName = new Map<string, { values: number; bytes: number }>();
  for (let id = 0; id < index.pairCount; id++) {
    if (id % STEPS_PER_LOOK === 0) await slices.breathe();
    const { name, value } = index.pair(id);
    const series = index.pairSize(id);
    let ofName = byName.get(name);
    if (ofName === undefined) {
      ofName = { values: 0, bytes: 0 };
      byName.set(name, ofName);
    }
    ofName.values++;
    ofName.bytes += series * (Buffer.byteLength(name) + Buffer.byteLength(value));
    pairs.add(series, () => `${name}=${value}`);
    if (name === METRIC_NAME) metrics.add(series, () => value);
  }
  const values = new Largest(limit);
  const memory = new Largest(limit);
  for (const [name, ofName] of byName) {
    values.add(ofName.values, () => name);
    memory.add(ofName.bytes, () => name);
  }
  return {
    numSeries: index.seriesCount,
    numLabelPairs: index.pairCount,
    ...(await samplesIn(generations, index.allIds(), slices)),
    seriesCountByMetricName: metrics.list,
    labelValueCountByLabelName: values.list,
    memoryInBytesByLabelName: memory.list,
    seriesCountByLabelValuePair: pairs.list,
  };
}

async function samplesIn(
  generations: readonly Generation[],
  refs: Uint32Array,
  slices: Slices,
): Promise<Pick<Cardinality, 'chunkCount' | 'minT' | 'maxT'>> {
  let minT = Number.POSITIVE_INFINITY;
  let maxT = Number.NEGATIVE_INFINITY;
  let chunkCount = 0;
  for (const { head } of generations) {
    for (let i = 0; i < refs.length; i++) {
      if (i % STEPS_PER_LOOK === 0) await slices.breathe();
      const ref = refs[i]!;
      if (!head.has(ref)) continue;
      minT = Math.min(minT, head.seriesMinT(ref));
      maxT = Math.max(maxT, head.seriesMaxT(ref));
      chunkCount++;
    }
  }
  return { chunkCount, minT, maxT };
}

/** The largest of many counts; of equal ones those whose names come first. */
class Largest {
  /** Descending. */
  readonly list: NamedCount[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `nameOf` is asked only where the count may be among them. */
  add(value: number, nameOf: () => string): void {
    const { list } = this;
    const isFull = list.length >= this.#limit;
    if (isFull && value < (list.at(-1)?.value ?? Number.POSITIVE_INFINITY)) return;
    const count = { name: nameOf(), value };
    let at = 0;
    for (let end = list.length; at < end; ) {
      const middle = (at + end) >>> 1;
      if (isBefore(count, list[middle]!)) end = middle;
      else at = middle + 1;
    }
    if (at >= this.#limit) return;
    if (isFull) list.pop();
    list.splice(at, 0, count);
  }
}

function isBefore(a: NamedCount, b: NamedCount): boolean {
  return a.value > b.value || (a.value === b.value && compareStrings(a.name, b.name) < 0);
}
