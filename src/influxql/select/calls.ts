// A function of the fields as a stream of points, whatever it is of: measurements, subqueries, other functions.

import type { Call, Expression } from '../../protocol/influxql/index.ts';
import { printExpression } from '../../protocol/influxql/index.ts';
import { statementFailed, unsupported } from '../errors.ts';
import { foldGroups } from './fold-groups.ts';
import { type FoldName, isFold } from './folds.ts';
import type { Level } from './level.ts';
import { mergeStreams } from './merge.ts';
import { changed, type Ref } from './options.ts';
import type { Points } from './point.ts';
import type { MeasurementSource } from './prepare.ts';
import { readGroups } from './read-groups.ts';
import {
  distinct,
  foldReducer,
  median,
  mode,
  type NewReducer,
  percentile,
  sample,
  spread,
  stddev,
  top,
} from './reducers.ts';
import { planSeries, type SeriesGroup } from './series-plan.ts';
import { fillStage, reduceStage, transformStage, windowStage } from './stages.ts';
import { subqueryPoints } from './subquery.ts';
import {
  cumulativeSum,
  derivative,
  difference,
  elapsed,
  integral,
  movingAverage,
  type NewTransformer,
} from './transformers.ts';
import { typeOf } from './types.ts';

const SECOND_NS = 1_000_000_000n;

/** `isSelector`: it is the statement's only function and picks points. */
export async function callPoints(level: Level, call: Call, isSelector: boolean): Promise<Points> {
  // Limits are the caller's.
  const options = changed(level.options, { limit: 0, offset: 0 });
  const here = { ...level, options };
  const transformed = await transformedPoints(here, call, isSelector);
  if (transformed !== undefined) return transformed;
  const { control } = level;
  if (NUMERIC.has(call.name)) refuseBooleans(here, call);
  const reduce = async (newReducer: NewReducer): Promise<Points> =>
    reduceStage(
      await argumentPoints(here, call.args[0]!, isSelector),
      options,
      newReducer,
      control,
    );
  switch (call.name) {
    case 'distinct':
      return windowStage(await reduce(distinct), options);
    case 'sample':
      return reduce(sample(integerArgument(call, 1), level.random));
    case 'top':
    case 'bottom':
      return topPoints(here, call);
    default:
  }
  const points = await aggregatePoints(here, call, isSelector, reduce);
  if (isSelector && !options.windows.hasInterval) return points;
  const timed = windowStage(points, options);
  const { fill } = options;
  if (!options.windows.hasInterval || fill.kind === 'none') return timed;
  const countsNothing = call.name === 'count' && fill.kind === 'null';
  const effective = countsNothing ? ({ kind: 'number', value: 0n } as const) : fill;
  const type = typeOf(call, level.prepared.lookup);
  return fillStage(timed, options, effective, type, options.aux.length);
}

async function aggregatePoints(
  level: Level,
  call: Call,
  isSelector: boolean,
  reduce: (newReducer: NewReducer) => Promise<Points>,
): Promise<Points> {
  const { name, args } = call;
  const [arg] = args;
  if (name === 'count' && arg?.kind === 'call' && arg.name === 'distinct') {
    const values = await callPoints(level, arg, isSelector);
    return reduceStage(values, level.options, foldReducer('count', false), level.control);
  }
  if (isFold(name)) return foldPoints(level, call, name);
  switch (name) {
    case 'median':
      return reduce(median);
    case 'mode':
      return reduce(mode);
    case 'stddev':
      return reduce(stddev);
    case 'spread':
      return reduce(spread);
    case 'percentile':
      return reduce(percentile(numberArgument(call, 1)));
    default:
      throw unsupported(`${name}()`);
  }
}

/** Functions of successive points; undefined if `call` is none. */
async function transformedPoints(
  level: Level,
  call: Call,
  isSelector: boolean,
): Promise<Points | undefined> {
  const { options } = level;
  const { windows, isAscending } = options;
  const { name, args } = call;
  const unit = durationArgument(call, 1);
  let newTransformer: NewTransformer;
  // The interval before the first one is needed to tell of it.
  let hasOneBefore = true;
  switch (name) {
    case 'derivative':
    case 'non_negative_derivative': {
      const fallback = windows.hasInterval ? windows.intervalNs : SECOND_NS;
      newTransformer = derivative(unit ?? fallback, name !== 'derivative', isAscending);
      break;
    }
    case 'difference':
    case 'non_negative_difference':
      newTransformer = difference(name !== 'difference');
      break;
    case 'elapsed':
      newTransformer = elapsed(unit ?? 1n);
      break;
    case 'moving_average': {
      const size = integerArgument(call, 1);
      newTransformer = movingAverage(size);
      break;
    }
    case 'cumulative_sum':
      hasOneBefore = false;
      newTransformer = cumulativeSum;
      break;
    case 'integral':
      hasOneBefore = false;
      newTransformer = integral(unit ?? SECOND_NS, windows, isAscending);
      break;
    default:
      return undefined;
  }
  refuseBooleans(level, call);
  const extra = hasOneBefore ? windows.intervalNs : 0n;
  const wider = changed(
    options,
    isAscending ? { startNs: options.startNs - extra } : { endNs: options.endNs + extra },
  );
  const inner = extra === 0n ? level : { ...level, options: wider };
  const input = await argumentPoints(inner, args[0]!, isSelector);
  return transformStage(input, options, newTransformer);
}

async function topPoints(level: Level, call: Call): Promise<Points> {
  const { options, control } = level;
  const count = integerArgument(call, call.args.length - 1);
  const isBottom = call.name === 'bottom';
  refuseBooleans(level, call);
  const tags = call.args
    .slice(1, -1)
    .flatMap((arg) => (arg.kind === 'reference' ? [arg.name] : []));
  let input: Points;
  if (tags.length === 0) {
    input = await argumentPoints(level, call.args[0]!, true);
  } else {
    // The best point of each combination of those tags first.
    const groupBy = [...new Set([...tags, ...options.groupBy])].sort();
    const each: Call = { kind: 'call', name: isBottom ? 'min' : 'max', args: [call.args[0]!] };
    const inner = { ...level, options: changed(options, { groupBy, fill: { kind: 'none' } }) };
    input = await foldPoints(inner, each, isBottom ? 'min' : 'max');
  }
  return reduceStage(input, options, top(count, isBottom), control);
}

/** count, sum, mean, min, max, first, last. */
async function foldPoints(level: Level, call: Call, name: FoldName): Promise<Points> {
  const { prepared, options, control } = level;
  const ref = refOf(call.args[0]!);
  if (name === 'sum' || name === 'mean') refuseBooleans(level, call);
  const streams: Points[] = [];
  for (const source of prepared.sources) {
    if (source.kind === 'measurement') {
      const groups = await planSeries(source, ref, level);
      notePlan(level, source, { ...call, args: [typed(ref)] }, groups);
      streams.push(foldGroups(groups, name, options, control));
    } else {
      const points = await subqueryPoints(level, source, ref);
      if (points === undefined) continue;
      streams.push(reduceStage(points, options, foldReducer(name, false), control));
    }
  }
  if (streams.length === 1) return streams[0]!;
  return reduceStage(mergeStreams(streams, options), options, foldReducer(name, true), control);
}

/** What a function is of: a field, or another function. */
async function argumentPoints(
  level: Level,
  argument: Expression,
  isSelector: boolean,
): Promise<Points> {
  if (argument.kind === 'call') return callPoints(level, argument, isSelector);
  return referencePoints(level, refOf(argument));
}

/** Points of a field or tag of all sources; of those in `options.aux` alone if there is no `driver`. */
export async function referencePoints(level: Level, driver: Ref | undefined): Promise<Points> {
  const { prepared, options, control } = level;
  const streams: Points[] = [];
  // With one series for each group, a limit can be applied while reading.
  const isOneEach = options.dimensions.length === options.groupBy.length;
  const limit =
    isOneEach && options.limit > 0 && prepared.sources.length === 1
      ? options.limit + options.offset
      : 0;
  for (const source of prepared.sources) {
    if (source.kind === 'measurement') {
      const groups = await planSeries(source, driver, level);
      notePlan(level, source, driver === undefined ? undefined : typed(driver), groups);
      streams.push(readGroups(groups, options, control, limit));
    } else {
      const points = await subqueryPoints(level, source, driver);
      if (points !== undefined) streams.push(points);
    }
  }
  return streams.length === 1 ? streams[0]! : mergeStreams(streams, options);
}

function notePlan(
  { options, planned }: Level,
  { name }: MeasurementSource,
  expression: Expression | undefined,
  groups: readonly SeriesGroup[],
): void {
  planned?.({
    measurement: name,
    expression,
    aux: options.aux,
    condition: options.condition,
    series: groups.reduce((sum, { series }) => sum + series.length, 0),
  });
}

function typed({ name, type }: Ref): Expression {
  return { kind: 'reference', name, type: type === 'unknown' ? undefined : type };
}

function refOf(expression: Expression): Ref {
  if (expression.kind !== 'reference') {
    throw statementFailed(`invalid expression: ${printExpression(expression)}`);
  }
  return { name: expression.name, type: expression.type ?? 'unknown' };
}

/** Functions that take numbers alone; others say so themselves. */
const NUMERIC: ReadonlySet<string> = new Set(['median', 'stddev', 'spread', 'percentile']);

/** What InfluxDB calls functions when it says that they take no booleans. */
const SPOKEN_NAMES: Readonly<Record<string, string>> = {
  non_negative_derivative: 'derivative',
  non_negative_difference: 'difference',
  moving_average: 'moving average',
  cumulative_sum: 'cumulative sum',
};

function refuseBooleans({ prepared }: Level, { name, args }: Call): void {
  const [arg] = args;
  if (name === 'elapsed' || arg?.kind !== 'reference') return;
  const type = typeOf(arg, prepared.lookup);
  if (type !== 'boolean' && type !== 'string') return;
  const spoken = SPOKEN_NAMES[name] ?? name;
  throw statementFailed(`unsupported ${spoken} iterator type: *query.${type}InterruptIterator`);
}

function integerArgument(call: Call, at: number): number {
  const arg = call.args[at];
  return arg?.kind === 'integer' ? Number(arg.value) : 0;
}

function numberArgument(call: Call, at: number): number {
  const arg = call.args[at];
  return arg?.kind === 'integer' || arg?.kind === 'number' ? Number(arg.value) : 0;
}

function durationArgument(call: Call, at: number): bigint | undefined {
  const arg = call.args[at];
  return arg?.kind === 'duration' ? arg.ns : undefined;
}
