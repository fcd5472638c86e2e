// `GROUP BY time(…)` as written.

import type { SelectStatement } from './ast.ts';

/** The interval in nanoseconds, 0 without one, or the message of what is wrong with it. */
export function groupByInterval({ dimensions }: SelectStatement): bigint | string {
  for (const dimension of dimensions) {
    if (dimension.kind !== 'call' || dimension.name !== 'time') continue;
    const { args } = dimension;
    if (args.length < 1 || args.length > 2) return 'time dimension expected 1 or 2 arguments';
    const [interval] = args;
    return interval?.kind === 'duration'
      ? interval.ns
      : 'time dimension must have duration argument';
  }
  return 0n;
}
