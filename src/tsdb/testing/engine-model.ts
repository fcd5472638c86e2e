// Shared by the engine's tests: a fake clock, batches, and reading everything back as plain data.

import type { Label } from '../../model/labels.ts';
import { labelsFromObject, printLabels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SampleColumns } from '../../model/sample.ts';
import { floatColumns } from '../../model/sample.ts';
import { ALL_TIME } from '../../model/time-range.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { BatchSeries, Database, WriteBatch } from '../../storage/interface.ts';

/** Noon of a fixed day. */
export const NOW: number = Date.UTC(2026, 4, 17, 12);

export class FakeClock implements Clock {
  wall: number = NOW;
  steady = 0;

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.steady;
  }

  advance(ms: number): void {
    this.wall += ms;
    this.steady += ms;
  }
}

export function labelsOf(series: number): readonly Label[] {
  return labelsFromObject({ __name__: 'test_metric', series: `s${series}`, job: 'test' });
}

export function floatSeries(
  labels: readonly Label[],
  points: readonly (readonly [t: number, v: number])[],
): BatchSeries {
  const samples = floatColumns(
    Float64Array.from(points, ([t]) => t),
    Float64Array.from(points, ([, v]) => v),
  );
  return { labels, samples, exemplars: [] };
}

export function batchOf(...series: BatchSeries[]): WriteBatch {
  return { series, metadata: [], rejections: [] };
}

/** Every sample of a database: printed series → time → 64 value bits in hex (or the histogram's JSON). */
export async function readEverything(
  database: Database,
): Promise<Map<string, Map<number, string>>> {
  const all = new Map<string, Map<number, string>>();
  const querier = database.querier(ALL_TIME);
  try {
    for await (const { labels, samples } of querier.select([])) {
      const points = new Map<number, string>();
      for (let i = 0; i < samples.length; i++) points.set(samples.t[i]!, valueText(samples, i));
      all.set(printLabels(labels), points);
    }
  } finally {
    querier.close();
  }
  return all;
}

/** Row `i` as text that tells all bit patterns apart. */
export function valueText(samples: SampleColumns, i: number): string {
  const startT = samples.startT?.[i] ?? 0;
  const start = startT === 0 ? '' : `@${startT}`;
  const histogram = samples.histograms?.[i];
  if (histogram !== undefined) return histogramText(histogram) + start;
  const bits = new Uint32Array(samples.v.buffer, samples.v.byteOffset + i * 8, 2);
  return `${hex(bits[1]!)}${hex(bits[0]!)}${start}`;
}

/** All parts by name; tells -0 from 0 and one special float from another. */
function histogramText(histogram: NativeHistogram): string {
  return JSON.stringify(histogram, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
