// How one level of a SELECT is to be evaluated: the query itself, or a subquery with what the queries around
// it hand down.

import type { CheckedSelect, Expression, Fill } from '../../protocol/influxql/index.ts';
import type { Scalar } from './point.ts';
import { sortedKeys } from './point.ts';
import type { DataType } from './types.ts';
import { Windows } from './windows.ts';

/** A field or a tag by name, with what it is known or asked to be. */
export interface Ref {
  readonly name: string;
  readonly type: DataType;
}

export interface LevelOptions {
  /** Columns beside the value. */
  readonly aux: readonly Ref[];
  /** Tags that the outermost query groups by, sorted: they decide the order of points. */
  readonly dimensions: readonly string[];
  /** Tags that points of this level keep, sorted. */
  readonly groupBy: readonly string[];
  readonly windows: Windows;
  readonly timeZone: string | undefined;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly condition: Expression | undefined;
  readonly fill: Fill;
  readonly isAscending: boolean;
  /** 0: none. */
  readonly limit: number;
  readonly offset: number;
  readonly seriesLimit: number;
  readonly seriesOffset: number;
}

/** What a select without anything around it asks for. `tags` is GROUP BY after wildcards were spread out. */
export function topOptions(
  select: CheckedSelect,
  condition: Expression | undefined,
  tags: readonly string[],
): LevelOptions {
  const dimensions = sortedKeys(tags);
  const { statement, minNs, maxNs, isAscending, fill } = select;
  return withWindows(select, {
    aux: [],
    dimensions,
    groupBy: dimensions,
    timeZone: statement.timeZone,
    startNs: minNs,
    endNs: maxNs,
    condition,
    fill,
    isAscending,
    limit: statement.limit,
    offset: statement.offset,
    seriesLimit: statement.seriesLimit,
    seriesOffset: statement.seriesOffset,
  });
}

/** The same within `around`. */
export function nestedOptions(
  select: CheckedSelect,
  condition: Expression | undefined,
  tags: readonly string[],
  around: LevelOptions,
): LevelOptions {
  const own = topOptions(select, condition, tags);
  const startNs = own.startNs > around.startNs ? own.startNs : around.startNs;
  const endNs = own.endNs < around.endNs ? own.endNs : around.endNs;
  const isRaw = select.calls.length === 0;
  return withWindows(select, {
    ...own,
    dimensions: around.dimensions,
    groupBy: sortedKeys([...tags, ...around.groupBy]),
    startNs,
    endNs,
    // Empty intervals would only be made to be left out again.
    fill: !isRaw && own.fill.kind === 'null' ? { kind: 'none' } : own.fill,
    isAscending: around.isAscending,
    seriesLimit: own.seriesLimit + around.seriesLimit,
    seriesOffset: own.seriesOffset + around.seriesOffset,
  });
}

function withWindows(select: CheckedSelect, options: Omit<LevelOptions, 'windows'>): LevelOptions {
  const { intervalNs = 0n, offsetNs = 0n } = select.groupByTime ?? {};
  const { timeZone, startNs, endNs } = options;
  return {
    ...options,
    windows: new Windows({ intervalNs, offsetNs, timeZone, startNs, endNs }),
  };
}

/** Some of the options changed, time bounds perhaps, which windows depend on. */
export function changed(options: LevelOptions, change: Partial<LevelOptions>): LevelOptions {
  const next = { ...options, ...change };
  if (change.startNs === undefined && change.endNs === undefined) return next;
  return { ...next, windows: next.windows.within(next.startNs, next.endNs) };
}

/** What stands in for a missing value: a value, nothing, or whatever was there before. */
export type Default =
  | { readonly kind: 'value'; readonly value: Scalar | undefined }
  | { readonly kind: 'keep' };

export function defaultOf(fill: Fill): Default {
  if (fill.kind === 'previous') return { kind: 'keep' };
  return { kind: 'value', value: fill.kind === 'number' ? Number(fill.value) : undefined };
}
