// Which series of a measurement a SELECT reads, in which groups, and where each of their values comes from.

import { compareStrings } from '../../model/labels.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { printSeriesKey } from '../../protocol/influx-line/index.ts';
import type { Expression } from '../../protocol/influxql/index.ts';
import type { SeriesSelection } from '../../storage/interface.ts';
import { type FieldSource, type StoredType, type Tag, tagsOf, tagValue } from '../view/fields.ts';
import { matchersOf } from '../view/push-down.ts';
import { compileSeriesFilter, type FilterContext } from '../view/series-filter.ts';
import { compileExpression, type Evaluator } from './evaluate.ts';
import type { Level } from './level.ts';
import type { LevelOptions, Ref } from './options.ts';
import { type GroupTags, type Scalar, toGroup } from './point.ts';
import type { MeasurementSource } from './prepare.ts';
import { references } from './references.ts';
import type { DataType } from './types.ts';

/** Samples of one field of one series. */
export interface Column {
  readonly selection: SeriesSelection;
  readonly index: number;
  readonly type: StoredType;
  /** What its values are to become: another type of number, or the same. */
  readonly wanted: DataType;
}

/** Where a value beside the main one comes from: a column by number, or the same for all points. */
export type AuxPlan = { readonly column: number } | { readonly constant: Scalar | undefined };

export interface SeriesPlan {
  readonly name: string;
  readonly tags: GroupTags;
  /** Sorts series as their keys do. */
  readonly key: string;
  readonly columns: readonly Column[];
  /** Number of the column that decides which points there are; undefined: any of those in `aux`. */
  readonly driver: number | undefined;
  readonly aux: readonly AuxPlan[];
  /** What is left of WHERE, over `conditionSlots`. */
  readonly condition: Evaluator | undefined;
  readonly conditionSlots: readonly AuxPlan[];
}

/** Series that become one series of the answer, unless a subquery keeps them apart. */
export interface SeriesGroup {
  readonly dimensions: GroupTags;
  readonly series: readonly SeriesPlan[];
}

/** Series that are planned between two pauses, and how many points one of them takes the memory of. */
const SERIES_PER_PAUSE = 500;
const POINTS_PER_SERIES = 8;

/** Samples that can matter. */
export function sampleRange({ startNs, endNs }: LevelOptions): TimeRange {
  const minT = Number(startNs / 1_000_000n) + (startNs % 1_000_000n > 0n ? 1 : 0);
  const maxT = Number(endNs / 1_000_000n) - (endNs % 1_000_000n < 0n ? 1 : 0);
  return { minT, maxT };
}

/** Groups in the order of the answer, ascending, with SLIMIT and SOFFSET applied. */
export async function planSeries(
  source: MeasurementSource,
  driver: Ref | undefined,
  { options, control, breathe }: Pick<Level, 'options' | 'control' | 'breathe'>,
): Promise<SeriesGroup[]> {
  const context: FilterContext = {
    measurement: source.name,
    isField: (name) => source.fields.some(({ field }) => field === name),
  };
  const pause = async (): Promise<void> => {
    control.hold(SERIES_PER_PAUSE * POINTS_PER_SERIES);
    await breathe();
  };
  const found = await findSeries(source, driver, options, context, pause);
  const filter = compileSeriesFilter(options.condition, context);
  const conditions = new Map<Expression, Evaluator>();
  const groups = new Map<string, { dimensions: GroupTags; series: SeriesPlan[] }>();
  let done = 0;
  for (const { tags, columns } of found.values()) {
    done++;
    if (done % SERIES_PER_PAUSE === 0) await pause();
    const verdict = filter(tags);
    if (verdict === false) continue;
    const plan = planOne(source, driver, options, tags, columns, verdict, context, conditions);
    if (plan === undefined) continue;
    const dimensions = toGroup(options.dimensions, tags);
    const group = groups.get(dimensions.id) ?? { dimensions, series: [] };
    groups.set(dimensions.id, group);
    group.series.push(plan);
  }
  const sorted = [...groups.values()].sort((a, b) =>
    compareStrings(a.dimensions.id, b.dimensions.id),
  );
  for (const { series } of sorted) series.sort((a, b) => compareStrings(a.key, b.key));
  const { seriesLimit, seriesOffset } = options;
  return sorted.slice(seriesOffset, seriesLimit > 0 ? seriesOffset + seriesLimit : undefined);
}

interface FoundSeries {
  readonly tags: readonly Tag[];
  readonly columns: Map<FieldSource, { selection: SeriesSelection; index: number }>;
}

/** Tag sets with samples of any field that is needed. */
async function findSeries(
  source: MeasurementSource,
  driver: Ref | undefined,
  options: LevelOptions,
  context: FilterContext,
  pause: () => Promise<void>,
): Promise<Map<string, FoundSeries>> {
  const { condition } = options;
  const names = new Set(options.aux.filter(({ type }) => type !== 'tag').map(({ name }) => name));
  if (driver !== undefined) names.add(driver.name);
  if (condition !== undefined) for (const { name } of references(condition).names) names.add(name);
  const range = sampleRange(options);
  const found = new Map<string, FoundSeries>();
  if (range.minT > range.maxT) return found;
  for (const field of source.fields) {
    if (!names.has(field.field)) continue;
    const matchers = matchersOf(condition, field, context);
    const selection = await source.querier.selection(matchers, range);
    for (let index = 0; index < selection.length; index++) {
      if ((index + 1) % SERIES_PER_PAUSE === 0) await pause();
      const tags = tagsOf(selection.labels(index), field);
      const key = JSON.stringify(tags.map(({ key: name, value }) => [name, value]));
      let series = found.get(key);
      if (series === undefined) {
        series = { tags, columns: new Map() };
        found.set(key, series);
      }
      series.columns.set(field, { selection, index });
    }
  }
  return found;
}

function planOne(
  source: MeasurementSource,
  driver: Ref | undefined,
  options: LevelOptions,
  tags: readonly Tag[],
  found: FoundSeries['columns'],
  verdict: true | Expression,
  context: FilterContext,
  conditions: Map<Expression, Evaluator>,
): SeriesPlan | undefined {
  const columns: Column[] = [];
  const columnOf = (ref: Ref): number | undefined => {
    for (const [field, { selection, index }] of found) {
      if (field.field !== ref.name || !canBe(field.type, ref.type)) continue;
      columns.push({ selection, index, type: field.type, wanted: ref.type });
      return columns.length - 1;
    }
    return undefined;
  };
  const auxOf = (ref: Ref): AuxPlan => {
    if (ref.type !== 'tag') {
      const column = columnOf(ref);
      if (column !== undefined) return { column };
      const isField = context.isField(ref.name) || ref.type !== 'unknown';
      if (isField) return { constant: undefined };
    }
    const value = tagValue(tags, ref.name);
    return { constant: value === '' ? undefined : value };
  };
  const driverColumn = driver === undefined ? undefined : columnOf(driver);
  if (driver !== undefined && driverColumn === undefined) return undefined;
  const aux = options.aux.map(auxOf);
  const isEmpty = driver === undefined && aux.every((plan) => !('column' in plan));
  if (isEmpty) return undefined;
  let condition: Evaluator | undefined;
  let conditionSlots: AuxPlan[] = [];
  if (verdict !== true) {
    const names = [...new Set(references(verdict).names.map(({ name }) => name))];
    const typeOfField = (name: string): DataType =>
      source.fields.find(({ field }) => field === name)?.type ?? 'string';
    conditionSlots = names.map((name) => {
      const typed = references(verdict).names.find((one) => one.name === name)?.type;
      return auxOf({
        name,
        type: typed ?? (context.isField(name) ? typeOfField(name) : 'unknown'),
      });
    });
    condition = conditions.get(verdict);
    if (condition === undefined) {
      condition = compileExpression(
        verdict,
        (expression) =>
          expression.kind === 'reference'
            ? {
                slot: names.indexOf(expression.name),
                type: expression.type ?? typeOfField(expression.name),
              }
            : undefined,
        { dividesToFloat: false },
      );
      conditions.set(verdict, condition);
    }
  }
  return {
    name: source.name,
    tags: toGroup(options.groupBy, tags),
    key: printSeriesKey({ measurement: source.name, tags }),
    columns,
    driver: driverColumn,
    aux,
    condition,
    conditionSlots,
  };
}

/** Numbers can be other numbers; nothing else changes. */
function canBe(stored: StoredType, wanted: DataType): boolean {
  if (wanted === 'unknown' || wanted === 'field' || wanted === stored) return true;
  const isNumber = wanted === 'float' || wanted === 'integer' || wanted === 'unsigned';
  return isNumber && stored !== 'boolean';
}
