// When what was last changed: a small table in shared memory by which a cache on any thread knows, without
// asking anybody, whether a result it keeps is still what evaluation would give.
//
// Rows are spans of time, columns classes of metric names; a cell holds the seq of the last write that
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
const ALL_SEQ = 0;
const NEWEST_T = 1;
const HEADER = 2;
const DAYS = HEADER + ROWS * COLUMNS;
const NO_ROW = -1;
const CELLS = DAYS + ROWS * COLUMNS;

/** The class of a metric name, the same on every thread; series without a name have one too. */
export function metricClass(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) & (METRIC_CLASSES - 1);
}

/**
 * The changes of one database since the log was made. Written by one thread in the order of seqs, which grow
 * with every change; read by any. Aligned 64-bit words are read and written whole.
 */
export class ChangeLog {
  readonly buffer: SharedArrayBuffer;
  readonly #cells: Float64Array;

  /** A new log, or another thread's by its buffer. Memory that no change touches is never used. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(CELLS * 8)) {
    this.buffer = buffer;
    this.#cells = new Float64Array(buffer);
  }

  /** Anything may have changed, at any time of any metric. */
  markAll(seq: number): void {
    this.#cells[ALL_SEQ] = seq;
  }

  /**
   * Samples of rows [0, rows) changed: at `t[i]`, of the series `refs[i]` whose metric's class is
   * `classes[refs[i]]`.
   */
  mark(refs: Uint32Array, t: Float64Array, rows: number, classes: Uint8Array, seq: number): void {
    const cells = this.#cells;
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
  markOne(t: number, metric: number, seq: number): void {
    const cells = this.#cells;
    const recent = this.#touchRecent(t, seq);
    const day = dayRow(t);
    if (recent !== NO_ROW) cells[recent + metric] = seq;
    cells[day + ANY] = seq;
    cells[day + metric] = seq;
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
   * True if a change after `seq` may have touched [minT, maxT] of a metric of one of the classes;
   * undefined: of any metric.
   */
  changedSince(
    seq: number,
    minT: number,
    maxT: number,
    classes: readonly number[] | undefined,
  ): boolean {
    const cells = this.#cells;
    if (cells[ALL_SEQ]! > seq) return true;
    const recentFromT = Math.max(minT, cells[NEWEST_T]! - RECENT_MS);
    return (
      this.#rowsChanged(seq, minT, Math.min(maxT, recentFromT - 1), DAY_MS, dayRow, classes) ||
      this.#rowsChanged(seq, recentFromT, maxT, FIVE_MINUTES_MS, recentRow, classes)
    );
  }

  #rowsChanged(
    seq: number,
    minT: number,
    maxT: number,
    spanMs: number,
    rowOf: (t: number) => number,
    classes: readonly number[] | undefined,
  ): boolean {
    if (minT > maxT) return false;
    const cells = this.#cells;
    const last = Math.floor(maxT / spanMs);
    // Longer than all rows: each is asked once.
    const first = Math.max(Math.floor(minT / spanMs), last - ROWS + 1);
    for (let span = first; span <= last; span++) {
      const row = rowOf(span * spanMs);
      if (cells[row + ANY]! <= seq) continue;
      if (classes === undefined) return true;
      for (const metric of classes) if (cells[row + metric]! > seq) return true;
    }
    return false;
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
