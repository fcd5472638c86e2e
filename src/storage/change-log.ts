// When what was last changed: a small table in shared memory by which a cache on any thread knows, without
// asking anybody, whether a result it keeps is still what evaluation would give.
//
// Rows are spans of time, columns classes of metric names; a cell holds the seq of the last change that
// touched it. Times and names share cells, so "changed" may be said of what is not, never the reverse.

const FIVE_MINUTES_MS = 300_000;
const DAY_MS = 86_400_000;

/** Rows of each kind: three and a half days of five minutes, almost three years of days; then times come round again. */
const ROWS = 1024;
/** Five-minute rows are asked only about times this close to the newest sample. */
const RECENT_MS = 3 * DAY_MS;

/** Classes of metric names. */
export const METRIC_CLASSES = 256;
/** The column that every class writes to as well. */
const ANY = METRIC_CLASSES;
const COLUMNS = METRIC_CLASSES + 1;

// The header, then the recent rows, then the days.
const LAST_SEQ = 0;
const ALL_SEQ = 1;
const NEWEST_T = 2;
const HEADER = 3;
const DAYS = HEADER + ROWS * COLUMNS;
const NO_ROW = -1;
const CELLS = DAYS + ROWS * COLUMNS;

/** The class of a metric name, the same on every thread; series without a name have one too. */
export function metricClass(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) & (METRIC_CLASSES - 1);
}

let lastId = 0;

/**
 * The changes of one database since the log was made. Written by one thread; read by any. Aligned 64-bit words are read and written whole.
 */
export class ChangeLog {
  readonly buffer: SharedArrayBuffer;
  /** Unique in the process: which log a buffer on another thread belongs to. */
  readonly id: number;
  readonly #cells: Float64Array;

  /** A new log, or another thread's by its buffer and id. Memory that no change touches is never used. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(CELLS * 8), id: number = ++lastId) {
    this.buffer = buffer;
    this.id = id;
    this.#cells = new Float64Array(buffer);
  }

  /** Grows with every change. Who reads data after this has all changes up to it. */
  get seq(): number {
    return this.#cells[LAST_SEQ]!;
  }

  /** Anything may have changed, at any time of any metric. */
  markAll(): void {
    this.#cells[ALL_SEQ] = this.#nextSeq();
  }

  /**
   * Samples of rows [0, rows) changed: at `t[i]`, of the series `refs[i]` whose metric's class is
   * `classes[refs[i]]`.
   */
  mark(refs: Uint32Array, t: Float64Array, rows: number, classes: Uint8Array): void {
    const cells = this.#cells;
    const seq = this.#nextSeq();
    let lastT = Number.NaN;
    let recent = NO_ROW;
    let day = 0;
    for (let i = 0; i < rows; i++) {
      const time = t[i]!;
      if (time !== lastT) {
        lastT = time;
        recent = this.#touchRecent(time, seq);
        day = dayRow(time);
        cells[day + ANY] = seq;
      }
      const metric = classes[refs[i]!]!;
      if (recent !== NO_ROW) cells[recent + metric] = seq;
      cells[day + metric] = seq;
    }
  }

  /** One sample of a metric of the class changed. */
  markOne(t: number, metric: number): void {
    const cells = this.#cells;
    const seq = this.#nextSeq();
    const recent = this.#touchRecent(t, seq);
    const day = dayRow(t);
    if (recent !== NO_ROW) cells[recent + metric] = seq;
    cells[day + ANY] = seq;
    cells[day + metric] = seq;
  }

  #nextSeq(): number {
    const seq = this.#cells[LAST_SEQ]! + 1;
    this.#cells[LAST_SEQ] = seq;
    return seq;
  }

  /** The five-minute row of a time; none where only days are asked, now and later. */
  #touchRecent(t: number, seq: number): number {
    const cells = this.#cells;
    if (t > cells[NEWEST_T]!) cells[NEWEST_T] = t;
    else if (t < cells[NEWEST_T]! - RECENT_MS) return NO_ROW;
    const row = recentRow(t);
    cells[row + ANY] = seq;
    return row;
  }

  /**
   * The earliest time in [minT, maxT] that a change after `seq` may have touched, of a metric of one of the
   * classes (undefined: of any); -Infinity if that cannot be told, +Infinity if nothing changed.
   */
  firstChange(
    seq: number,
    minT: number,
    maxT: number,
    classes: readonly number[] | undefined,
  ): number {
    const cells = this.#cells;
    if (cells[ALL_SEQ]! > seq) return Number.NEGATIVE_INFINITY;
    const recentFromT = Math.max(minT, cells[NEWEST_T]! - RECENT_MS);
    const dayToT = Math.min(maxT, recentFromT - 1);
    const inDays = this.#firstChangedRow(seq, minT, dayToT, DAY_MS, dayRow, classes);
    if (inDays !== Number.POSITIVE_INFINITY) return inDays;
    return this.#firstChangedRow(seq, recentFromT, maxT, FIVE_MINUTES_MS, recentRow, classes);
  }

  #firstChangedRow(
    seq: number,
    minT: number,
    maxT: number,
    spanMs: number,
    rowOf: (t: number) => number,
    classes: readonly number[] | undefined,
  ): number {
    if (minT > maxT) return Number.POSITIVE_INFINITY;
    const cells = this.#cells;
    const first = Math.floor(minT / spanMs);
    const count = Math.floor(maxT / spanMs) - first + 1;
    for (let i = 0; i < Math.min(count, ROWS); i++) {
      const t = (first + i) * spanMs;
      const row = rowOf(t);
      if (cells[row + ANY]! <= seq) continue;
      if (classes === undefined || classes.some((metric) => cells[row + metric]! > seq)) {
        // Where rows are met more than once, which time it was is lost.
        return count > ROWS ? Number.NEGATIVE_INFINITY : Math.max(minT, t);
      }
    }
    return Number.POSITIVE_INFINITY;
  }
}

function recentRow(t: number): number {
  return HEADER + modulo(Math.floor(t / FIVE_MINUTES_MS), ROWS) * COLUMNS;
}

function dayRow(t: number): number {
  return DAYS + modulo(Math.floor(t / DAY_MS), ROWS) * COLUMNS;
}

function modulo(value: number, rows: number): number {
  return value - Math.floor(value / rows) * rows;
}
