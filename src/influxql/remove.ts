// DELETE, DROP SERIES, DROP MEASUREMENT: from all retention policies of the database.

import { type Labels, METRIC_NAME } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import { ALL_TIME, MAX_TIME, MIN_TIME, type TimeRange } from '../model/time-range.ts';
import { type StatementOf, splitCondition } from '../protocol/influxql/index.ts';
import type { Scope } from './catalog/catalog.ts';
import type { ExecutionContext } from './context.ts';
import { unknownDatabase } from './errors.ts';
import { ceilMs, floorMs } from './select/time.ts';
import { refuseTime, sourceFilter } from './show/condition.ts';
import { existingFields, type FieldSource, tagsOf } from './view/fields.ts';
import { exactMatchersOf, matchersOf } from './view/push-down.ts';
import { compileSeriesFilter, type FilterContext } from './view/series-filter.ts';

/** Series named one by one in one call of the store. */
const SERIES_PER_DELETE = 1000;

export async function removeSeries(
  statement: StatementOf<'delete' | 'drop series'>,
  context: ExecutionContext,
): Promise<void> {
  if (statement.kind === 'drop series') refuseTime(statement.condition, 'DROP SERIES');
  const { condition, timeRange } = splitCondition(statement.condition, context.nowNs, undefined);
  const { minNs, maxNs } = timeRange;
  const range: TimeRange = {
    minT: minNs === undefined ? MIN_TIME : ceilMs(minNs),
    maxT: maxNs === undefined ? MAX_TIME : floorMs(maxNs),
  };
  if (range.minT > range.maxT) return;
  const isMeant = sourceFilter(statement.sources);
  for (const scope of scopesOf(context)) {
    const measurements = await readFields(scope, context.breathe);
    for (const [measurement, sources] of measurements) {
      if (!isMeant(measurement)) continue;
      const fieldNames = new Set(sources.map(({ field }) => field));
      const filterContext = { measurement, isField: (name: string) => fieldNames.has(name) };
      for (const source of sources) {
        const exact = exactMatchersOf(condition, source, filterContext);
        const selectors =
          exact === undefined
            ? await matchingSeries(scope, source, condition, filterContext, range)
            : [exact];
        for (let i = 0; i < selectors.length; i += SERIES_PER_DELETE) {
          const some = selectors.slice(i, i + SERIES_PER_DELETE);
          await scope.database.deleteSamples(some, range);
          await context.breathe();
        }
      }
    }
  }
}

export async function removeMeasurement(
  { name }: StatementOf<'drop measurement'>,
  context: ExecutionContext,
): Promise<void> {
  for (const scope of scopesOf(context)) {
    const sources = (await readFields(scope, context.breathe, name)).get(name) ?? [];
    const selectors = sources.map(({ matchers }) => matchers);
    if (selectors.length > 0) await scope.database.deleteSamples(selectors, ALL_TIME);
    await scope.fields.forget(name);
  }
}

function scopesOf({ catalog, database }: ExecutionContext): Scope[] {
  if (!catalog.has(database)) throw unknownDatabase(database);
  return catalog.scopes(database);
}

async function readFields(
  { database, fields }: Scope,
  breathe: () => Promise<void>,
  measurement?: string,
): Promise<Map<string, FieldSource[]>> {
  const querier = database.querier(ALL_TIME);
  try {
    return await existingFields(querier, fields.table, breathe, measurement);
  } finally {
    querier.close();
  }
}

/** Selectors of exactly the series that a condition names. What it says of fields does not count. */
async function matchingSeries(
  { database }: Scope,
  source: FieldSource,
  condition: Parameters<typeof compileSeriesFilter>[0],
  context: FilterContext,
  range: TimeRange,
): Promise<Matcher[][]> {
  const filter = compileSeriesFilter(condition, context);
  const querier = database.querier(range);
  try {
    const names = await querier.labelNames([source.matchers]);
    const found = await querier.series([matchersOf(condition, source, context)]);
    return found
      .filter((labels) => filter(tagsOf(labels, source)) !== false)
      .map((labels) => exactly(labels, names, source));
  } finally {
    querier.close();
  }
}

/** Of all labels that any of the series has, this one has just these. */
function exactly(labels: Labels, names: readonly string[], source: FieldSource): Matcher[] {
  const values = new Map(labels.map(({ name, value }) => [name, value]));
  const others = names.filter((name) => name !== METRIC_NAME);
  return [
    ...source.matchers,
    ...others.map((name): Matcher => ({ type: '=', name, value: values.get(name) ?? '' })),
  ];
}
