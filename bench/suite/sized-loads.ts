// The loads of the synthetic shape by number of series. Ingest, memory, disk and growth look at the same ones.

import { restAndQueries } from './aftermath.ts';
import type { Scale } from './axis.ts';
import type { LoadPlan } from './loads.ts';

export type LoadSize = '10k' | '30k' | '100k' | '300k' | '1m';

/** Series, and ticks of a whole and of a quick run. */
const SIZES: Readonly<Record<LoadSize, readonly [series: number, ticks: number, quick: number]>> = {
  '10k': [10_000, 600, 40],
  '30k': [30_000, 100, 20],
  '100k': [100_000, 100, 6],
  '300k': [300_000, 10, 2],
  // New series dominate here. A quick run has fewer of them.
  '1m': [1_000_000, 20, 2],
};
const QUICK_MOST_SERIES = 150_000;

export function sizedLoad(size: LoadSize, scale: Scale): LoadPlan {
  const [series, ticks, quickTicks] = SIZES[size];
  if (scale === 'whole') return { name: size, series, ticks, aftermath: restAndQueries };
  const fewer = Math.min(series, QUICK_MOST_SERIES);
  const name = fewer === series ? size : `${fewer / 1000}k`;
  return { name, series: fewer, ticks: quickTicks, aftermath: restAndQueries };
}
