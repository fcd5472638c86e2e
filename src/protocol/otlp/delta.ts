// Deltas added up to the totals that Prometheus works with. What is remembered has a bound; a point that is sent
// again, because its answer was lost or the store could not take it, gets the same total again.

import { floatOfRaw, type RawFloat64, rawFloat64 } from '../../model/native-histogram.ts';
import { addCounts } from './counts.ts';
import { addExponentialBuckets, type ExponentialState } from './delta-buckets.ts';
import type { Refusal } from './labels.ts';
import type { Count, ExponentialPoint, HistogramPoint, NumberPoint, Point } from './model.ts';

export interface DeltaLimits {
  /**
   * Series past which new ones are refused until others have been silent for long enough. Histograms and long
   * labels count for more.
   */
  readonly maxSeries: number;
  /** ms; a series of which nothing came for so long is forgotten, and would start at zero again. */
  readonly maxIdle: number;
}

/** The sum of what came of one series. */
interface Stream {
  /** When it was last added to, ms of our own clock. */
  usedAt: number;
  readonly startT: number;
  lastT: number;
  /** Text of the last delta, to know it again. */
  last: string;
  total: Total;
}

type Total =
  | { readonly kind: 'number'; readonly value: number }
  | {
      readonly kind: 'histogram';
      readonly count: Count;
      readonly sum: number | undefined;
      readonly bounds: readonly number[];
      readonly bucketCounts: readonly Count[];
    }
  | ExponentialState;

/** All series of one database whose senders tell deltas. */
export class DeltaStreams {
  readonly #limits: DeltaLimits;
  /** The one that was used longest ago first. */
  readonly #streams = new Map<string, Stream>();
  #now = 0;
  #cost = 0;

  constructor(limits: DeltaLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Says what time it is (ms), and forgets what has been silent for too long. Call before each request. */
  begin(now: number): void {
    this.#now = now;
    for (const [key, { usedAt, total }] of this.#streams) {
      if (now - usedAt < this.#limits.maxIdle) return;
      this.#cost -= costOf(key, total);
      this.#streams.delete(key);
    }
  }

  /** The point with the total instead of the change. */
  addNumber(key: string, point: NumberPoint): NumberPoint | Refusal {
    const delta = floatOfRaw(point.value);
    if (!Number.isFinite(delta)) return refuse(`a delta of ${delta} cannot be added up`);
    const stream = this.#advance(key, point, String(delta), (total): Total => {
      const before = total?.kind === 'number' ? total.value : 0;
      return { kind: 'number', value: before + delta };
    });
    if ('reason' in stream) return stream;
    const value = rawFloat64(stream.total.kind === 'number' ? stream.total.value : 0);
    return { ...point, startT: stream.startT, value };
  }

  /** Buckets with other bounds than before start anew. */
  addHistogram(key: string, point: HistogramPoint): HistogramPoint | Refusal {
    const { count, bounds, bucketCounts } = point;
    const text = `${count} ${sumText(point.sum)}`;
    const stream = this.#advance(key, point, text, (total): Total => {
      const sum = point.sum === undefined ? undefined : floatOfRaw(point.sum);
      const delta = { kind: 'histogram', count, sum, bounds: [...bounds] } as const;
      if (total?.kind !== 'histogram' || !isSame(total.bounds, bounds)) {
        return { ...delta, bucketCounts: [...bucketCounts] };
      }
      return {
        ...delta,
        bounds: total.bounds,
        count: addCounts(total.count, count),
        sum: addSums(total.sum, sum),
        bucketCounts: bucketCounts.map((one, i) => addCounts(total.bucketCounts[i] ?? 0, one)),
      };
    });
    if ('reason' in stream || stream.total.kind !== 'histogram') return stream as Refusal;
    return { ...point, ...stream.total, sum: rawSum(stream.total.sum), startT: stream.startT };
  }

  /** Of two scales the coarser is kept. */
  addExponential(key: string, point: ExponentialPoint): ExponentialPoint | Refusal {
    const text = `${point.count} ${sumText(point.sum)} ${point.zeroCount}`;
    const stream = this.#advance(key, point, text, (total): Total => {
      const sum = point.sum === undefined ? undefined : floatOfRaw(point.sum);
      const before = total?.kind === 'exponential' ? total : undefined;
      return addExponentialBuckets(before, point, before ? addSums(before.sum, sum) : sum);
    });
    if ('reason' in stream || stream.total.kind !== 'exponential') return stream as Refusal;
    return { ...point, ...stream.total, sum: rawSum(stream.total.sum), startT: stream.startT };
  }

  /** Adds a delta to its stream, unless it has been added before. `text` tells deltas apart. */
  #advance(
    key: string,
    { t, startT }: Point,
    text: string,
    add: (total: Total | undefined) => Total,
  ): Stream | Refusal {
    const known = this.#streams.get(key);
    if (known === undefined) return this.#open(key, t, startT === 0 ? t : startT, text, add);
    if (t < known.lastT) {
      return refuse(`a delta until ${date(t)} came after one until ${date(known.lastT)}`);
    }
    if (t === known.lastT) {
      if (text === known.last) return known;
      return refuse(`two different deltas until ${date(t)}: do two senders share a series?`);
    }
    this.#cost -= costOf(key, known.total);
    known.total = add(known.total);
    this.#cost += costOf(key, known.total);
    known.lastT = t;
    known.last = text;
    known.usedAt = this.#now;
    this.#streams.delete(key);
    this.#streams.set(key, known);
    return known;
  }

  #open(
    key: string,
    lastT: number,
    startT: number,
    last: string,
    add: (total: undefined) => Total,
  ): Stream | Refusal {
    const total = add(undefined);
    const cost = costOf(key, total);
    if (this.#cost + cost > this.#limits.maxSeries) {
      return {
        reason: 'too_many_delta_series',
        message: `more than ${this.#limits.maxSeries} series whose deltas are added up (--otlp.delta-max-series)`,
      };
    }
    this.#cost += cost;
    const stream: Stream = { usedAt: this.#now, startT, lastT, last, total };
    this.#streams.set(key, stream);
    return stream;
  }
}

/** A plain series is 1; so are a few hundred bytes more. */
function costOf(key: string, total: Total): number {
  return 1 + Math.floor(key.length / 512) + Math.floor(bucketsOf(total) / 32);
}

function bucketsOf(total: Total): number {
  switch (total.kind) {
    case 'number':
      return 0;
    case 'histogram':
      return total.bucketCounts.length;
    case 'exponential':
      return total.positive.counts.length + total.negative.counts.length;
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((bound, i) => bound === b[i]);
}

function addSums(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function rawSum(sum: number | undefined): RawFloat64 | undefined {
  return sum === undefined ? undefined : rawFloat64(sum);
}

function sumText(sum: RawFloat64 | undefined): string {
  return sum === undefined ? '' : String(floatOfRaw(sum));
}

function date(t: number): string {
  return Number.isFinite(new Date(t).getTime()) ? new Date(t).toISOString() : `${t} ms`;
}

function refuse(message: string): Refusal {
  return { reason: 'invalid_delta', message };
}
