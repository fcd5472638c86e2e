// topk, bottomk, limitk and limit_ratio: aggregations that keep some of their inputs as they are.

import type { Labels } from '../../model/labels.ts';
import { histogramIgnoredInAggregation } from '../annotation-texts.ts';
import type { AggregateExpr } from '../language/ast.ts';
import { Grouping } from './grouping.ts';
import type { Evaluator, Scope } from './interface.ts';
import { ratioOffset } from './ratio-offset.ts';
import { hasValue, rowBytes } from './rows.ts';
import { newStepSeries, Presence, type StepSeries, setFloat } from './step-series.ts';

/**
 * topk and bottomk, `k` by step. In an instant query the order is that of the values, group by group;
 * otherwise it means nothing.
 */
export function extremes(
  ev: Evaluator,
  aggregate: AggregateExpr,
  k: Float64Array,
  rows: Iterable<StepSeries>,
  { steps }: Scope,
): StepSeries[] {
  const precedes = aggregate.op === 'topk' ? isLess : isGreater;
  const grouping = new Grouping<ExtremeHeap[]>(aggregate, () => []);
  const met: { readonly labels: Labels; readonly dropName: boolean }[] = [];
  for (const { labels, dropName, present, values } of rows) {
    const heaps = grouping.of(labels);
    const id = met.length;
    let isKept = false;
    let grown = 0;
    for (let i = 0; i < present.length; i++) {
      if (present[i] === Presence.none || k[i]! < 1) continue;
      if (present[i] === Presence.histogram) {
        const text = histogramIgnoredInAggregation(aggregate.op);
        ev.annotations.info(text, aggregate.span.start);
        continue;
      }
      heaps[i] ??= new ExtremeHeap(precedes);
      const size = heaps[i]!.size;
      if (heaps[i]!.offer(id, values[i]!, k[i]!)) isKept = true;
      grown += heaps[i]!.size - size;
    }
    if (!isKept) continue;
    ev.control.reserve(grown * CANDIDATE_BYTES);
    met.push({ labels, dropName });
  }
  const results = new Map<number, StepSeries>();
  for (const heaps of grouping.groups) {
    for (let i = 0; i < steps.count; i++) {
      for (const { id, value } of heaps[i]?.bestFirst() ?? []) {
        let series = results.get(id);
        if (series === undefined) {
          ev.control.reserve(rowBytes(steps.count));
          series = { ...newStepSeries(met[id]!.labels, steps.count), dropName: met[id]!.dropName };
          results.set(id, series);
        }
        setFloat(series, i, value);
      }
    }
  }
  return [...results.values()];
}

/** What one candidate takes: two numbers, their object and its place in a list. */
const CANDIDATE_BYTES = 48;

interface Candidate {
  readonly id: number;
  readonly value: number;
}

/** A NaN loses against everything. */
function isLess(a: number, b: number): boolean {
  return Number.isNaN(a) || a < b;
}

function isGreater(a: number, b: number): boolean {
  return Number.isNaN(a) || a > b;
}

/** The k best values of one group at one step; the worst of them is on top. */
class ExtremeHeap {
  readonly #precedes: (a: number, b: number) => boolean;
  readonly #candidates: Candidate[] = [];

  /** `precedes(a, b)`: a is worse than b. */
  constructor(precedes: (a: number, b: number) => boolean) {
    this.#precedes = precedes;
  }

  get size(): number {
    return this.#candidates.length;
  }

  /** True if the value is now among the best `k`. */
  offer(id: number, value: number, k: number): boolean {
    const heap = this.#candidates;
    if (heap.length < Math.trunc(k)) {
      heap.push({ id, value });
      this.#up(heap.length - 1);
      return true;
    }
    const worst = heap[0]!.value;
    const isBetter = Number.isNaN(worst) ? !Number.isNaN(value) : this.#precedes(worst, value);
    if (Number.isNaN(value) || !isBetter) return false;
    heap[0] = { id, value };
    this.#down();
    return true;
  }

  bestFirst(): Candidate[] {
    const worse = this.#precedes;
    return this.#candidates.toSorted((a, b) => {
      if (Number.isNaN(a.value) || Number.isNaN(b.value)) {
        return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
      }
      if (a.value === b.value) return 0;
      return worse(b.value, a.value) ? -1 : 1;
    });
  }

  #up(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isWorse(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(): void {
    const { length } = this.#candidates;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) return;
      if (child + 1 < length && this.#isWorse(child + 1, child)) child++;
      if (!this.#isWorse(child, at)) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #isWorse(i: number, j: number): boolean {
    return this.#precedes(this.#candidates[i]!.value, this.#candidates[j]!.value);
  }

  #swap(i: number, j: number): void {
    const heap = this.#candidates;
    [heap[i], heap[j]] = [heap[j]!, heap[i]!];
  }
}

/** limitk, `k` by step: the first k values of each group at each step, in the order of the input. */
export function* firstOfGroups(
  aggregate: AggregateExpr,
  k: Float64Array,
  rows: Iterable<StepSeries>,
): Iterable<StepSeries> {
  const grouping = new Grouping<Float64Array>(aggregate, () => new Float64Array(k.length));
  for (const row of rows) {
    const taken = grouping.of(row.labels);
    const { present } = row;
    for (let i = 0; i < present.length; i++) {
      if (present[i] === Presence.none) continue;
      if (taken[i]! + 1 <= k[i]!) taken[i]!++;
      else present[i] = Presence.none;
    }
    if (hasValue(row)) yield row;
  }
}

/** limit_ratio, the ratio by step in [-1, 1]: those series that a hash of their labels chooses. */
export function* ratioOfSeries(
  ratios: Float64Array,
  rows: Iterable<StepSeries>,
): Iterable<StepSeries> {
  for (const row of rows) {
    const offset = ratioOffset(row.labels);
    const { present } = row;
    for (let i = 0; i < present.length; i++) {
      const ratio = ratios[i]!;
      const isChosen = ratio >= 0 ? offset < ratio : offset >= 1 + ratio;
      if (!isChosen) present[i] = Presence.none;
    }
    if (hasValue(row)) yield row;
  }
}
