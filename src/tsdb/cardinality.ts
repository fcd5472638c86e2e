// Figures of the head for `/api/v1/status/tsdb`: which metrics and labels have the most series.

import { METRIC_NAME } from '../model/labels.ts';
import type { Cardinality, NamedCount } from '../storage/interface.ts';
import type { Generation } from './generation.ts';

/** Counts over the registry of the newest generation: the series that are alive. */
export function headCardinality(
  generations: readonly Generation[],
  dbId: number,
  limit: number,
): Cardinality {
  const index = generations.at(-1)!.registry.index(dbId);
  const metrics: NamedCount[] = [];
  const values: NamedCount[] = [];
  const memory: NamedCount[] = [];
  const pairs: NamedCount[] = [];
  let numLabelPairs = 0;
  for (const name of index.labelNames()) {
    const ofName = index.labelValues(name);
    let bytes = 0;
    for (const value of ofName) {
      const series = index.postings(name, value).length;
      bytes += series * (Buffer.byteLength(name) + Buffer.byteLength(value));
      pairs.push({ name: `${name}=${value}`, value: series });
      if (name === METRIC_NAME) metrics.push({ name: value, value: series });
    }
    numLabelPairs += ofName.length;
    values.push({ name, value: ofName.length });
    memory.push({ name, value: bytes });
  }
  let minT = Number.POSITIVE_INFINITY;
  let maxT = Number.NEGATIVE_INFINITY;
  let chunkCount = 0;
  for (const { head } of generations) {
    for (const ref of index.allIds()) {
      if (!head.has(ref)) continue;
      minT = Math.min(minT, head.seriesMinT(ref));
      maxT = Math.max(maxT, head.seriesMaxT(ref));
      chunkCount++;
    }
  }
  return {
    numSeries: index.seriesCount,
    numLabelPairs,
    chunkCount,
    minT,
    maxT,
    seriesCountByMetricName: largest(metrics, limit),
    labelValueCountByLabelName: largest(values, limit),
    memoryInBytesByLabelName: largest(memory, limit),
    seriesCountByLabelValuePair: largest(pairs, limit),
  };
}

function largest(counts: NamedCount[], limit: number): NamedCount[] {
  return counts.sort((a, b) => b.value - a.value).slice(0, limit);
}
