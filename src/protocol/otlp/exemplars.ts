// Exemplars of points as those of series.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Label } from '../../model/labels.ts';
import { MAX_EXEMPLAR_RUNES } from '../../storage/admission.ts';
import type { OtlpExemplar } from './model.ts';

export interface ConvertedExemplars {
  readonly exemplars: readonly Exemplar[];
  /** How many had to be left out, and why the first one. */
  readonly refused: number;
  readonly problem: string | undefined;
}

const NONE: ConvertedExemplars = { exemplars: [], refused: 0, problem: undefined };

/** Those of a point at time `pointT`, which stands for the times that are missing. */
export function convertExemplars(of: readonly OtlpExemplar[], pointT: number): ConvertedExemplars {
  if (of.length === 0) return NONE;
  const exemplars: Exemplar[] = [];
  let refused = 0;
  let problem: string | undefined;
  for (const one of of) {
    const broken = one.problem ?? one.attributes.find((attribute) => attribute.problem)?.problem;
    if (broken !== undefined) {
      refused++;
      problem ??= broken;
      continue;
    }
    exemplars.push({ labels: labelsOf(one), value: one.value, t: one.t === 0 ? pointT : one.t });
  }
  return { exemplars, refused, problem };
}

/** The ids, and the attributes if all of it is short enough. */
function labelsOf({ traceId, spanId, attributes }: OtlpExemplar): Label[] {
  const labels: Label[] = [];
  if (traceId !== '') labels.push({ name: 'trace_id', value: traceId });
  if (spanId !== '') labels.push({ name: 'span_id', value: spanId });
  const others = attributes
    .filter(({ key }) => labels.every(({ name }) => name !== key))
    .map(({ key, value }) => ({ name: key, value }));
  const all = [...labels, ...others];
  const runes = all.reduce((sum, { name, value }) => sum + runesOf(name) + runesOf(value), 0);
  return runes <= MAX_EXEMPLAR_RUNES ? all : labels;
}

function runesOf(text: string): number {
  let runes = 0;
  for (const _ of text) runes++;
  return runes;
}

/** Exemplars for each bucket of a histogram: of bounds that ascend, and one more for all above the last. */
export function exemplarsByBucket(
  exemplars: readonly Exemplar[],
  bounds: readonly number[],
): (readonly Exemplar[])[] | undefined {
  if (exemplars.length === 0) return undefined;
  const buckets: Exemplar[][] = Array.from({ length: bounds.length + 1 }, () => []);
  for (const exemplar of exemplars) buckets[bucketOf(exemplar.value, bounds)]!.push(exemplar);
  return buckets;
}

/** Of the first bound that is not less; NaN is in the last bucket. */
function bucketOf(value: number, bounds: readonly number[]): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= bounds[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}
