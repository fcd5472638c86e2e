// Functions of all points of a window and group at once.

import { type FoldName, newFold } from './folds.ts';
import { NO_AUX, type Point, type Scalar } from './point.ts';
import { compareTimes, type Time } from './time.ts';

/** What a function makes of points; no time: that of the window. */
export interface Reduced {
  readonly time: Time | undefined;
  readonly value: Scalar | undefined;
  readonly aux: Point['aux'];
  readonly weight?: number;
}

export interface Reducer {
  /** `point.value` is defined. */
  add(point: Point): void;
  /** After at least one point. */
  results(): Reduced[];
  /** How many points it keeps. */
  readonly kept: number;
}

/** `checkpoint` is called now and then in long work; it may throw. */
export type NewReducer = (checkpoint: () => void) => Reducer;

/** A fold over points; of results of the same fold if `ofParts`. */
export function foldReducer(name: FoldName, ofParts: boolean): NewReducer {
  return () => {
    const fold = newFold(name);
    return {
      kept: 0,
      add: ({ time, value, aux, weight = 1 }) => {
        if (ofParts) fold.merge({ time, value: value!, aux, weight });
        else fold.add(time, value!, aux);
      },
      results: () => [fold.result()],
    };
  };
}

/** Keeps all points until the end. */
function ofAll(reduce: (points: Point[], checkpoint: () => void) => Reduced[]): NewReducer {
  return (checkpoint) => {
    const points: Point[] = [];
    return {
      get kept() {
        return points.length;
      },
      add: (point) => points.push(point),
      results: () => reduce(points, checkpoint),
    };
  };
}

function single(value: Scalar | undefined): Reduced[] {
  return [{ time: undefined, value, aux: NO_AUX }];
}

function numbers(points: readonly Point[]): Float64Array {
  return Float64Array.from(points, ({ value }) => value as number);
}

export const median: NewReducer = ofAll((points) => {
  const values = numbers(points).sort();
  const middle = values.length >> 1;
  if (values.length % 2 === 1) return single(values[middle]);
  const low = values[middle - 1]!;
  return single(low + (values[middle]! - low) / 2);
});

/** The value that is there most often; among equals the one that was there first. */
export const mode: NewReducer = ofAll((points, checkpoint) => {
  if (typeof points[0]!.value === 'boolean') {
    const trues = points.filter(({ value }) => value === true).length;
    return single(trues >= points.length - trues);
  }
  const sorted = points.toSorted(stoppable(byValue, checkpoint));
  let best = { value: sorted[0]!.value, time: sorted[0]!.time, count: 0 };
  let current = { ...best };
  for (const { value, time } of sorted) {
    if (value !== current.value) {
      current = { value, time, count: 1 };
      continue;
    }
    current.count++;
    if (best.count > current.count) continue;
    if (best.count === current.count && compareTimes(current.time, best.time) > 0) continue;
    best = { value, time, count: current.count };
  }
  return single(best.value);
});

export const stddev: NewReducer = ofAll((points) => {
  const values = numbers(points);
  if (values.length < 2) return single(Number.NaN);
  let mean = 0;
  let count = 0;
  for (const value of values) {
    count++;
    mean += (value - mean) / count;
  }
  let variance = 0;
  for (const value of values) variance += (value - mean) ** 2;
  return single(Math.sqrt(variance / (count - 1)));
});

export const spread: NewReducer = () => {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  return {
    kept: 0,
    add: ({ value }) => {
      min = Math.min(min, value as number);
      max = Math.max(max, value as number);
    },
    results: () => single(max - min),
  };
};

/** One of the points: nearest rank. */
export function percentile(percent: number): NewReducer {
  return ofAll((points) => {
    const rank = Math.floor((points.length * percent) / 100 + 0.5) - 1;
    const found = numbers(points).sort()[rank];
    if (found === undefined) return [];
    // Of equal values, that of the point whose turn it is.
    let place = rank;
    for (const { value } of points) if ((value as number) < found) place--;
    const point = points.find(({ value }) => value === found && place-- === 0)!;
    return [{ time: point.time, value: point.value, aux: point.aux }];
  });
}

/** The values without repetitions, each with the time it came first. */
export const distinct: NewReducer = (checkpoint) => {
  const firsts = new Map<Scalar, Point>();
  return {
    get kept() {
      return firsts.size;
    },
    add: (point) => {
      if (!firsts.has(point.value!)) firsts.set(point.value!, point);
    },
    results: () =>
      [...firsts.values()]
        .sort(stoppable(byTime, checkpoint))
        .map(({ time, value }) => ({ time, value, aux: NO_AUX })),
  };
};

/** The greatest, or with `isBottom` the least, `count` points; among equal values the earlier ones. */
export function top(count: number, isBottom: boolean): NewReducer {
  const sign = isBottom ? 1 : -1;
  const order = (a: Point, b: Point): number =>
    sign * byValue(a, b) || compareTimes(a.time, b.time);
  return (checkpoint) => {
    let points: Point[] = [];
    const trim = (): void => {
      points = points.sort(stoppable(order, checkpoint)).slice(0, count);
    };
    return {
      get kept() {
        return points.length;
      },
      add: (point) => {
        points.push(point);
        // Sorted now and then: a heap would do no less.
        if (points.length >= 4 * count + 64) trim();
      },
      results: () => {
        trim();
        return points.map(({ time, value, aux }) => ({ time, value, aux }));
      },
    };
  };
}

/** `count` points by chance, each as likely as any other. */
export function sample(count: number, random: () => number): NewReducer {
  return (checkpoint) => {
    const kept: Point[] = [];
    let seen = 0;
    return {
      get kept() {
        return kept.length;
      },
      add: (point) => {
        seen++;
        if (kept.length < count) {
          kept.push(point);
          return;
        }
        const place = Math.floor(random() * seen);
        if (place < count) kept[place] = point;
      },
      results: () =>
        kept
          .sort(stoppable(byTime, checkpoint))
          .map(({ time, value, aux }) => ({ time, value, aux })),
    };
  };
}

function byValue(a: Point, b: Point): number {
  if (a.value === b.value) return 0;
  return a.value! < b.value! ? -1 : 1;
}

function byTime(a: Point, b: Point): number {
  return compareTimes(a.time, b.time) || byValue(a, b);
}

/** Less than a millisecond of sorting. */
const COMPARISONS_PER_CHECK = 4096;

/** The same order; sorting with it ends where `checkpoint` throws. */
function stoppable(
  order: (a: Point, b: Point) => number,
  checkpoint: () => void,
): (a: Point, b: Point) => number {
  let count = 0;
  return (a, b) => {
    if (++count % COMPARISONS_PER_CHECK === 0) checkpoint();
    return order(a, b);
  };
}
