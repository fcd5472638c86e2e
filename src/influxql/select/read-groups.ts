// Points of groups of series, in order, never more than a piece of time in memory.

import type { Control } from './control.ts';
import { mergeLists } from './merge.ts';
import type { LevelOptions } from './options.ts';
import { PAUSE, type Point, type Points } from './point.ts';
import { type SeriesGroup, type SeriesPlan, sampleRange } from './series-plan.ts';
import { readPoints } from './series-rows.ts';
import { TimeWalk } from './time-walk.ts';

/**
 * Points of a group that are in memory at the same time, unless one millisecond has more: some 20 MB. Smaller
 * pieces would decode the same chunk of a series again and again.
 */
const PIECE_POINTS = 200_000;
/** … where no more than a few are wanted. */
const LIMITED_PIECE_POINTS = 20_000;
/** A few thousand points of a usual series: most queries for few points read no more. */
const FIRST_SPAN_MS = 6 * 3_600_000;

/** All points of all groups. `limit` (0: none) points at most of each group. */
export function* readGroups(
  groups: readonly SeriesGroup[],
  options: LevelOptions,
  control: Control,
  limit: number,
): Points {
  const { isAscending } = options;
  const ordered = isAscending ? groups : groups.toReversed();
  for (const { series } of ordered) {
    yield* readGroup(isAscending ? series : series.toReversed(), options, control, limit);
  }
}

function* readGroup(
  series: readonly SeriesPlan[],
  options: LevelOptions,
  control: Control,
  limit: number,
): Points {
  const { isAscending } = options;
  const capacity = limit > 0 ? Math.max(limit, LIMITED_PIECE_POINTS) : PIECE_POINTS;
  const walk = new TimeWalk(sampleRange(options), isAscending, FIRST_SPAN_MS, capacity);
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  for (let piece = walk.piece(); piece !== undefined; piece = walk.piece()) {
    const lists: Point[][] = [];
    let count = 0;
    let isOver = false;
    for (const one of series) {
      control.checkpoint();
      const canShrink = piece.minT < piece.maxT;
      const room = canShrink ? capacity - count : Number.POSITIVE_INFINITY;
      const points = readPoints(one, piece, isAscending, room);
      yield PAUSE;
      if (points === undefined) {
        isOver = true;
        break;
      }
      count += points.length;
      lists.push(points);
    }
    if (isOver) {
      walk.shrink();
      continue;
    }
    control.hold(count);
    for (const point of mergeLists(lists, isAscending)) {
      yield point;
      if (--left === 0) break;
    }
    control.hold(-count);
    if (left === 0) return;
    walk.accept(count);
  }
}
