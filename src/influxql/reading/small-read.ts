// SELECTs so small that the way to a thread and back would take as long as they do: few series of measurements that
// are named, over a short time.

import type { CheckedSelect } from '../../protocol/influxql/index.ts';
import { isQuickMatcher } from '../../storage/label-matcher.ts';
import type { Scope } from '../catalog/catalog.ts';
import { fieldSources } from '../view/fields.ts';
import { matchersOf } from '../view/push-down.ts';

/** Some milliseconds of work at most. */
const MAX_SAMPLES = 1000;
const MAX_WINDOWS = 1000n;
const MAX_FIELDS = 16;
const SAMPLE_INTERVAL_MS = 15_000;

/** `scopes` are those of the measurements in its FROM, in their order. */
export function isSmallSelect(
  select: CheckedSelect,
  scopes: readonly Scope[],
  nowNs: bigint,
): boolean {
  const { sources, minNs, maxNs, groupByTime, condition } = select;
  // Without GROUP BY time it is open to the future, of which there is little.
  const spanNs = (maxNs < nowNs ? maxNs : nowNs) - minNs;
  const windowNs = groupByTime?.intervalNs ?? 0n;
  if (windowNs > 0n && spanNs / windowNs > MAX_WINDOWS) return false;
  const samplesEach = Math.ceil(Number(spanNs) / 1e6 / SAMPLE_INTERVAL_MS);
  const range = { minT: Number(minNs / 1_000_000n), maxT: Number(maxNs / 1_000_000n) };
  let series = 0;
  let fields = 0;
  for (const [i, source] of sources.entries()) {
    if (source.kind === 'subquery' || source.regexp !== undefined) return false;
    const { database, fields: registry } = scopes[i]!;
    if (database.mostSeries === undefined) return false;
    const found = fieldSources(registry.table, source.name);
    fields += found.length;
    if (fields > MAX_FIELDS) return false;
    const context = {
      measurement: source.name,
      isField: (name: string) => found.some(({ field }) => field === name),
    };
    for (const field of found) {
      const matchers = matchersOf(condition, field, context);
      if (!matchers.every(isQuickMatcher)) return false;
      series += database.mostSeries(matchers, range);
      if (series * samplesEach > MAX_SAMPLES) return false;
    }
  }
  return true;
}
