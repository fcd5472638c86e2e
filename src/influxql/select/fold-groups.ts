// Folds over series: samples go from the store's columns straight into sums and counts, without becoming
// points, unless values beside them or conditions on them are asked for.

import { compareStrings } from '../../model/labels.ts';
import type { Control } from './control.ts';
import { type Fold, type FoldName, newFold } from './folds.ts';
import type { LevelOptions } from './options.ts';
import { type GroupTags, NO_AUX, PAUSE, type Points } from './point.ts';
import { type SeriesGroup, type SeriesPlan, sampleRange } from './series-plan.ts';
import { readColumn, readPoints, scalarOf } from './series-rows.ts';
import { compareTimes, type Time } from './time.ts';
import { TimeWalk } from './time-walk.ts';

const COLUMN_SPAN_MS = 30 * 86_400_000;
const COLUMN_SAMPLES = 1_000_000;
const ROW_SPAN_MS = 6 * 3_600_000;
const ROW_POINTS = 50_000;

/** What a window of one group takes the memory of: its maps and sums are some 325 bytes. */
const POINTS_PER_WINDOW = 3;

/** Results of one window by the tags that points keep. */
type ByTags = Map<string, { readonly tags: GroupTags; readonly fold: Fold }>;

/** One point per window and tags, in order. */
export function* foldGroups(
  groups: readonly SeriesGroup[],
  name: FoldName,
  options: LevelOptions,
  control: Control,
): Points {
  const ordered = options.isAscending ? groups : groups.toReversed();
  for (const group of ordered) yield* foldGroup(group, name, options, control);
}

function* foldGroup(
  { series }: SeriesGroup,
  name: FoldName,
  options: LevelOptions,
  control: Control,
): Points {
  const { isAscending } = options;
  const windows = new Map<Time, ByTags>();
  let held = 0;
  for (const one of isAscending ? series : series.toReversed()) {
    for (const [start, part] of yield* foldSeries(one, name, options, control)) {
      const byTags = windows.get(start) ?? new Map();
      windows.set(start, byTags);
      let entry = byTags.get(one.tags.id);
      if (entry === undefined) {
        entry = { tags: one.tags, fold: newFold(name) };
        byTags.set(one.tags.id, entry);
        control.hold(POINTS_PER_WINDOW);
        held += POINTS_PER_WINDOW;
      }
      entry.fold.merge(part.result());
    }
  }
  const starts = [...windows.keys()].sort(compareTimes);
  if (!isAscending) starts.reverse();
  const point = series[0];
  for (const start of starts) {
    const entries = [...windows.get(start)!.values()];
    if (entries.length > 1) entries.sort((a, b) => compareStrings(a.tags.id, b.tags.id));
    for (const { tags, fold } of entries) {
      const { time, value, aux, weight } = remerged(name, fold).result();
      yield { name: point!.name, tags, time: time ?? start, value, aux, weight };
    }
  }
  control.hold(-held);
}

/** InfluxDB folds results twice more on their way out, which a mean shows in its last bit. */
function remerged(name: FoldName, fold: Fold): Fold {
  if (name !== 'mean') return fold;
  let current = fold;
  for (let i = 0; i < 2; i++) {
    const next = newFold(name);
    next.merge(current.result());
    current = next;
  }
  return current;
}

/** By the start of the window. */
function foldSeries(
  series: SeriesPlan,
  name: FoldName,
  options: LevelOptions,
  control: Control,
): Generator<undefined, Map<Time, Fold>> {
  const isEndOnly = !options.windows.hasInterval && (name === 'first' || name === 'last');
  if (isEndOnly) return foldEnd(series, name, options, control);
  const isPlain = series.condition === undefined && series.aux.length === 0;
  return isPlain
    ? foldColumn(series, name, options, control)
    : foldRows(series, name, options, control);
}

function* foldColumn(
  series: SeriesPlan,
  name: FoldName,
  options: LevelOptions,
  control: Control,
): Generator<undefined, Map<Time, Fold>> {
  const { windows } = options;
  const folds = new Map<Time, Fold>();
  const column = series.columns[series.driver!]!;
  const walk = new TimeWalk(sampleRange(options), true, COLUMN_SPAN_MS, COLUMN_SAMPLES);
  for (let piece = walk.piece(); piece !== undefined; piece = walk.piece()) {
    control.checkpoint();
    const { length, t, v } = readColumn(column, piece);
    for (let i = 0; i < length; ) {
      const { start, end } = windows.of(t[i]!);
      const fold = foldAt(folds, start, name);
      const limit = typeof end === 'number' ? end : Number(end / 1_000_000n) + 1;
      for (; i < length && t[i]! < limit; i++) fold.add(t[i]!, scalarOf(v[i]!, column), NO_AUX);
    }
    walk.accept(length);
    yield PAUSE;
  }
  return folds;
}

function* foldRows(
  series: SeriesPlan,
  name: FoldName,
  options: LevelOptions,
  control: Control,
): Generator<undefined, Map<Time, Fold>> {
  const folds = new Map<Time, Fold>();
  const walk = new TimeWalk(sampleRange(options), true, ROW_SPAN_MS, ROW_POINTS);
  for (let piece = walk.piece(); piece !== undefined; piece = walk.piece()) {
    control.checkpoint();
    const capacity = piece.minT < piece.maxT ? ROW_POINTS : Number.POSITIVE_INFINITY;
    const points = readPoints(series, piece, true, capacity);
    yield PAUSE;
    if (points === undefined) {
      walk.shrink();
      continue;
    }
    for (const { time, value, aux } of points) {
      if (value === undefined) continue;
      foldAt(folds, options.windows.startOf(time), name).add(time, value, aux);
    }
    walk.accept(points.length);
  }
  return folds;
}

/** The first or last point of all: found from its end, so that the rest need not be read. */
function* foldEnd(
  series: SeriesPlan,
  name: FoldName,
  options: LevelOptions,
  control: Control,
): Generator<undefined, Map<Time, Fold>> {
  const folds = new Map<Time, Fold>();
  const isFirst = name === 'first';
  const walk = new TimeWalk(sampleRange(options), isFirst, ROW_SPAN_MS, ROW_POINTS);
  for (let piece = walk.piece(); piece !== undefined; piece = walk.piece()) {
    control.checkpoint();
    const capacity = piece.minT < piece.maxT ? ROW_POINTS : Number.POSITIVE_INFINITY;
    const points = readPoints(series, piece, isFirst, capacity);
    yield PAUSE;
    if (points === undefined) {
      walk.shrink();
      continue;
    }
    const [point] = points;
    if (point?.value !== undefined) {
      const { time, value, aux } = point;
      foldAt(folds, options.windows.startOf(time), name).add(time, value, aux);
      return folds;
    }
    walk.accept(points.length);
  }
  return folds;
}

function foldAt(folds: Map<Time, Fold>, start: Time, name: FoldName): Fold {
  let fold = folds.get(start);
  if (fold === undefined) {
    fold = newFold(name);
    folds.set(start, fold);
  }
  return fold;
}
