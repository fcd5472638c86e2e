// Points of one series, piece of time by piece of time.

import type { TimeRange } from '../../model/time-range.ts';
import { NO_AUX, type Point, type Scalar } from './point.ts';
import type { AuxPlan, Column, SeriesPlan } from './series-plan.ts';

/** Values of one column in one piece of time: numbers that InfluxQL can see, ascending by time. */
interface Values {
  readonly length: number;
  readonly t: Float64Array;
  readonly v: Float64Array;
}

/** Points of a series in a range, in the order wanted, or undefined if they are more than `capacity`. */
export function readPoints(
  series: SeriesPlan,
  range: TimeRange,
  isAscending: boolean,
  capacity: number,
): Point[] | undefined {
  const columns: Values[] = [];
  for (const column of series.columns) {
    const values = readColumn(column, range);
    if (values.length > capacity) return undefined;
    columns.push(values);
  }
  const rows = new Rows(series, columns);
  const points = series.driver === undefined ? rows.ofAny() : rows.ofDriver(series.driver);
  if (points.length > capacity) return undefined;
  return isAscending ? points : points.reverse();
}

/**
 * Samples that InfluxQL can see: floats that are numbers. Stale markers and histograms are left out. The
 * arrays are the caller's.
 */
export function readColumn({ selection, index }: Column, range: TimeRange): Values {
  const { length, t, v, histograms } = selection.read(index, range.minT, range.maxT);
  const times = new Float64Array(length);
  const values = new Float64Array(length);
  let n = 0;
  for (let i = 0; i < length; i++) {
    const value = v[i]!;
    if (Number.isNaN(value) || histograms?.[i] !== undefined) continue;
    times[n] = t[i]!;
    values[n] = value;
    n++;
  }
  return { length: n, t: times, v: values };
}

/** A stored number as the value that it stands for. */
export function scalarOf(value: number, { type, wanted }: Column): Scalar {
  if (type === 'boolean') return value !== 0;
  const isWhole = wanted === 'integer' || wanted === 'unsigned';
  return isWhole && type === 'float' ? Math.trunc(value) : value;
}

class Rows {
  readonly #series: SeriesPlan;
  readonly #columns: readonly Values[];
  /** Where each column has got to. */
  readonly #at: number[];

  constructor(series: SeriesPlan, columns: readonly Values[]) {
    this.#series = series;
    this.#columns = columns;
    this.#at = columns.map(() => 0);
  }

  /** One point for each sample of the main column. */
  ofDriver(driver: number): Point[] {
    const { length, t, v } = this.#columns[driver]!;
    const column = this.#series.columns[driver]!;
    const points: Point[] = [];
    for (let i = 0; i < length; i++) {
      const point = this.#pointAt(t[i]!, scalarOf(v[i]!, column));
      if (point !== undefined) points.push(point);
    }
    return points;
  }

  /** One point for each time at which any of the columns beside has a sample. */
  ofAny(): Point[] {
    const used = this.#series.aux.flatMap((plan) => ('column' in plan ? [plan.column] : []));
    const places = used.map(() => 0);
    const points: Point[] = [];
    for (;;) {
      let time = Number.POSITIVE_INFINITY;
      used.forEach((number, k) => {
        const { length, t } = this.#columns[number]!;
        if (places[k]! < length) time = Math.min(time, t[places[k]!]!);
      });
      if (time === Number.POSITIVE_INFINITY) return points;
      used.forEach((number, k) => {
        const { length, t } = this.#columns[number]!;
        if (places[k]! < length && t[places[k]!] === time) places[k]!++;
      });
      const point = this.#pointAt(time, undefined);
      if (point !== undefined) points.push(point);
    }
  }

  #pointAt(time: number, value: Scalar | undefined): Point | undefined {
    const { name, tags, aux, condition, conditionSlots } = this.#series;
    if (condition !== undefined) {
      const slots = conditionSlots.map((plan) => this.#valueAt(plan, time));
      if (condition.evaluate(slots) !== true) return undefined;
    }
    const beside = aux.length === 0 ? NO_AUX : aux.map((plan) => this.#valueAt(plan, time));
    return { name, tags, time, value, aux: beside };
  }

  #valueAt(plan: AuxPlan, time: number): Scalar | undefined {
    if (!('column' in plan)) return plan.constant;
    const { length, t, v } = this.#columns[plan.column]!;
    let at = this.#at[plan.column]!;
    while (at < length && t[at]! < time) at++;
    this.#at[plan.column] = at;
    return at < length && t[at] === time
      ? scalarOf(v[at]!, this.#series.columns[plan.column]!)
      : undefined;
  }
}
