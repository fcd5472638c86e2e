// Steps that points go through: reduced by window, transformed one after another, gaps filled, limited.

import { compareStrings } from '../../model/labels.ts';
import { type Fill, MIN_TIME_NS } from '../../protocol/influxql/index.ts';
import type { Control } from './control.ts';
import { castTo } from './evaluate.ts';
import { firstOf } from './merge.ts';
import type { LevelOptions } from './options.ts';
import { type GroupTags, NO_AUX, PAUSE, type Point, type Points, subsetOf } from './point.ts';
import type { NewReducer, Reducer } from './reducers.ts';
import { compareTimes, nsOf, type Time, timeOfNs } from './time.ts';
import type { NewTransformer, Transformer } from './transformers.ts';
import type { DataType } from './types.ts';

interface OpenReducer {
  readonly tags: GroupTags;
  readonly reducer: Reducer;
}

/** Points of one window, measurement and group at a time; within it apart by the tags that points keep. */
export function* reduceStage(
  input: Points,
  options: LevelOptions,
  newReducer: NewReducer,
  control: Control,
): Points {
  const { windows, dimensions, groupBy } = options;
  const open = new Map<string, OpenReducer>();
  const checkpoint = (): void => control.checkpoint();
  let name = '';
  let group = '';
  let start: Time = 0;
  let end: Time = 0;
  let held = 0;
  for (const point of input) {
    if (point === undefined) {
      yield PAUSE;
      continue;
    }
    if (point.value === undefined) continue;
    const id = subsetOf(point.tags, dimensions).id;
    const isInside =
      point.name === name &&
      id === group &&
      compareTimes(point.time, start) >= 0 &&
      compareTimes(point.time, end) < 0;
    if (!isInside || open.size === 0) {
      yield* results(open, name, start);
      control.hold(-held);
      held = 0;
      open.clear();
      name = point.name;
      group = id;
      ({ start, end } = windows.of(point.time));
    }
    const tags = subsetOf(point.tags, groupBy);
    let entry = open.get(tags.id);
    if (entry === undefined) {
      entry = { tags, reducer: newReducer(checkpoint) };
      open.set(tags.id, entry);
    }
    const before = entry.reducer.kept;
    entry.reducer.add(point);
    const grown = entry.reducer.kept - before;
    if (grown !== 0) {
      held += grown;
      control.hold(grown);
    }
  }
  yield* results(open, name, start);
  control.hold(-held);
}

function* results(
  open: ReadonlyMap<string, OpenReducer>,
  name: string,
  start: Time,
): Generator<Point, void> {
  const entries = [...open.values()];
  if (entries.length > 1) entries.sort((a, b) => compareStrings(a.tags.id, b.tags.id));
  for (const { tags, reducer } of entries) {
    const found = reducer.results().map((result) => ({ ...result, time: result.time ?? start }));
    if (found.length > 1) found.sort((a, b) => compareTimes(a.time, b.time));
    for (const result of found) yield { name, tags, ...result };
  }
}

/** Each measurement and group by itself. */
export function* transformStage(
  input: Points,
  options: LevelOptions,
  newTransformer: NewTransformer,
): Points {
  const open = new Map<string, OpenTransformer>();
  let name = '';
  let group = '';
  for (const point of input) {
    if (point === undefined) {
      yield PAUSE;
      continue;
    }
    if (point.value === undefined) continue;
    const groupId = subsetOf(point.tags, options.dimensions).id;
    if (point.name !== name || groupId !== group) {
      yield* lastResults(open);
      open.clear();
      name = point.name;
      group = groupId;
    }
    const tags = subsetOf(point.tags, options.groupBy);
    const id = `${point.name}\0${tags.id}`;
    let entry = open.get(id);
    if (entry === undefined) {
      entry = { name: point.name, tags, transformer: newTransformer() };
      open.set(id, entry);
    }
    const result = entry.transformer.add(point.time, Number(point.value));
    if (result !== undefined) yield { name: entry.name, tags, ...result, aux: NO_AUX };
  }
  yield* lastResults(open);
}

interface OpenTransformer {
  readonly name: string;
  readonly tags: GroupTags;
  readonly transformer: Transformer;
}

function* lastResults(open: ReadonlyMap<string, OpenTransformer>): Generator<Point, void> {
  for (const { name, tags, transformer } of open.values()) {
    const result = transformer.end?.();
    if (result !== undefined) yield { name, tags, ...result, aux: NO_AUX };
  }
}

/** Gives points the time of their window. */
export function* windowStage(input: Points, { windows }: LevelOptions): Points {
  for (const point of input) {
    if (point !== undefined) {
      const start = windows.startOf(point.time);
      point.time = start === MIN_TIME_NS ? 0 : start;
    }
    yield point;
  }
}

export function* limitStage(input: Points, { limit, offset, dimensions }: LevelOptions): Points {
  // Points of series that a subquery keeps apart take turns.
  const counts = new Map<string, number>();
  let name = '';
  let group = '';
  for (const point of input) {
    if (point === undefined) {
      yield PAUSE;
      continue;
    }
    const groupId = subsetOf(point.tags, dimensions).id;
    if (point.name !== name || groupId !== group) {
      counts.clear();
      name = point.name;
      group = groupId;
    }
    const count = (counts.get(point.tags.id) ?? 0) + 1;
    counts.set(point.tags.id, count);
    if (count > offset && (limit === 0 || count <= offset + limit)) yield point;
  }
}

/** Adds a point for every window that has none. `type` is that of the values. */
export function* fillStage(
  input: Points,
  options: LevelOptions,
  fill: Fill,
  type: DataType,
  auxCount: number,
): Points {
  const filler = new Filler(options, fill, type, auxCount);
  let next = yield* firstOf(input);
  while (next !== undefined) {
    const group = next;
    filler.begin(group);
    while (next !== undefined && next.name === group.name && next.tags.id === group.tags.id) {
      while (filler.isBefore(next)) {
        if (filler.isPauseDue()) yield PAUSE;
        yield filler.fill(group, next);
      }
      filler.passed(next);
      yield next;
      next = yield* firstOf(input);
    }
    while (!filler.isDone()) {
      if (filler.isPauseDue()) yield PAUSE;
      yield filler.fill(group, undefined);
    }
  }
}

const FILLED_PER_PAUSE = 1000;

class Filler {
  readonly #options: LevelOptions;
  readonly #fill: Fill;
  readonly #type: DataType;
  readonly #aux: readonly undefined[];
  readonly #first: Time;
  readonly #last: Time;
  #time: Time = 0;
  #zone = 0n;
  #previous: Point | undefined;
  #sincePause = 0;

  constructor(options: LevelOptions, fill: Fill, type: DataType, auxCount: number) {
    this.#options = options;
    this.#fill = fill;
    this.#type = type;
    this.#aux = new Array<undefined>(auxCount).fill(undefined);
    const { windows, startNs, endNs, isAscending } = options;
    const [from, to] = isAscending ? [startNs, endNs] : [endNs, startNs];
    this.#first = from === MIN_TIME_NS ? from : windows.startOf(timeOfNs(from));
    this.#last = to === MIN_TIME_NS ? to : windows.startOf(timeOfNs(to));
  }

  begin(point: Point): void {
    const { windows } = this.#options;
    this.#previous = undefined;
    this.#time = this.#first === MIN_TIME_NS ? windows.startOf(point.time) : this.#first;
    this.#zone = windows.zoneOffset(this.#time);
  }

  /** There may be billions to fill. */
  isPauseDue(): boolean {
    this.#sincePause = (this.#sincePause + 1) % FILLED_PER_PAUSE;
    return this.#sincePause === 0;
  }

  isBefore({ time }: Point): boolean {
    const order = compareTimes(this.#time, time);
    return this.#options.isAscending ? order < 0 : order > 0;
  }

  isDone(): boolean {
    if (this.#options.isAscending) return compareTimes(this.#time, this.#last) > 0;
    return this.#last === MIN_TIME_NS || compareTimes(this.#time, this.#last) < 0;
  }

  passed(point: Point): void {
    this.#previous = point;
    this.#advance();
  }

  fill({ name, tags }: Point, next: Point | undefined): Point {
    const point = { name, tags, time: this.#time, value: this.#valueFor(next), aux: this.#aux };
    this.#advance();
    return point;
  }

  #valueFor(next: Point | undefined): Point['value'] {
    const fill = this.#fill;
    switch (fill.kind) {
      case 'number':
        return castTo(Number(fill.value), this.#type);
      case 'previous':
        return this.#previous?.value;
      case 'linear':
        return this.#interpolated(next);
      default:
        return undefined;
    }
  }

  /** Between the points around, counted in intervals. */
  #interpolated(next: Point | undefined): Point['value'] {
    const previous = this.#previous;
    if (previous === undefined || next === undefined) return undefined;
    if (typeof previous.value !== 'number' || typeof next.value !== 'number') return undefined;
    const from = this.#interval(previous.time);
    const slope = (next.value - previous.value) / (this.#interval(next.time) - from);
    const value = slope * (this.#interval(this.#time) - from) + previous.value;
    return this.#type === 'integer' ? Math.trunc(value) : value;
  }

  #interval(time: Time): number {
    return Number(nsOf(time) / this.#options.windows.intervalNs);
  }

  #advance(): void {
    const { windows, isAscending, timeZone } = this.#options;
    const { intervalNs } = windows;
    let ns = nsOf(this.#time) + (isAscending ? intervalNs : -intervalNs);
    if (timeZone !== undefined) {
      const zone = windows.zoneOffset(timeOfNs(ns - 1n));
      if (zone !== this.#zone) {
        const shift = this.#zone - zone;
        if (shift < intervalNs && -shift < intervalNs) ns += shift;
        this.#zone = zone;
      }
    }
    this.#time = timeOfNs(ns);
  }
}
