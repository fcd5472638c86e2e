// Streams and series of points put into one order: by measurement, group and time; at equal times by texts
// beside the value.

import { compareStrings } from '../../model/labels.ts';
import { Heap } from './heap.ts';
import type { LevelOptions } from './options.ts';
import { compareIds, type Point, type Points, subsetOf } from './point.ts';
import { compareTimes } from './time.ts';

/** The order of points at this level. */
export function pointOrder({
  dimensions,
  isAscending,
}: Pick<LevelOptions, 'dimensions' | 'isAscending'>): (a: Point, b: Point) => boolean {
  const sign = isAscending ? 1 : -1;
  return (a, b) => {
    const byName = a.name === b.name ? 0 : compareStrings(a.name, b.name);
    if (byName !== 0) return sign * byName < 0;
    const byGroup = compareIds(subsetOf(a.tags, dimensions), subsetOf(b.tags, dimensions));
    if (byGroup !== 0) return sign * byGroup < 0;
    return isEarlier(a, b, sign);
  };
}

function isEarlier(a: Point, b: Point, sign: number): boolean {
  const byTime = compareTimes(a.time, b.time);
  if (byTime !== 0) return sign * byTime < 0;
  for (let i = 0; i < a.aux.length; i++) {
    const x = a.aux[i];
    const y = b.aux[i];
    // Only texts have an order here.
    if (typeof x !== 'string' || typeof y !== 'string') return false;
    if (x !== y) return sign * compareStrings(x, y) < 0;
  }
  return false;
}

interface Cursor {
  readonly points: readonly Point[];
  at: number;
}

/** Lists of one group, each in order, as one. */
export function* mergeLists(
  lists: readonly (readonly Point[])[],
  isAscending: boolean,
): Generator<Point, void> {
  const sign = isAscending ? 1 : -1;
  const cursors: Cursor[] = lists
    .filter(({ length }) => length > 0)
    .map((points) => ({ points, at: 0 }));
  const heap = new Heap(cursors, (a, b) => isEarlier(a.points[a.at]!, b.points[b.at]!, sign));
  for (let cursor = heap.pop(); cursor !== undefined; cursor = heap.pop()) {
    yield cursor.points[cursor.at]!;
    cursor.at++;
    if (cursor.at < cursor.points.length) heap.push(cursor);
  }
}

interface Stream {
  readonly points: Points;
  head: Point;
}

/** Streams in order as one. */
export function* mergeStreams(streams: readonly Points[], options: LevelOptions): Points {
  const isBefore = pointOrder(options);
  const open: Stream[] = [];
  for (const points of streams) {
    const head = yield* firstOf(points);
    if (head !== undefined) open.push({ points, head });
  }
  const heap = new Heap(open, (a, b) => isBefore(a.head, b.head));
  for (let stream = heap.pop(); stream !== undefined; stream = heap.pop()) {
    yield stream.head;
    const next = yield* firstOf(stream.points);
    if (next === undefined) continue;
    stream.head = next;
    heap.push(stream);
  }
}

/** The next point of a stream, passing its pauses on. */
export function* firstOf(points: Points): Generator<undefined, Point | undefined> {
  for (;;) {
    const { value, done } = points.next();
    if (done === true) return undefined;
    if (value !== undefined) return value;
    yield undefined;
  }
}
