// Warnings and infos that a query collects on its way: what the API shows beside the result.

import { forcedMonotonicity, startTimeOverlap } from './annotation-texts.ts';

/** One remark; equal texts are one remark, shown where the last of them came from. */
export interface Annotation {
  readonly kind: 'warning' | 'info';
  /** Without prefix and position, see `annotation-texts.ts`. */
  readonly text: string;
  /** UTF-16 offset into the query text of the expression responsible. */
  readonly position: number;
  /** Place of the node responsible in Prometheus' order of evaluation. */
  readonly rank: number;
  /** What `text` was written from, if it has figures that add up. */
  readonly tally?: AnnotationTally;
}

/** Figures of remarks that say how often and how much. Those of one kind and metric become one remark. */
export type AnnotationTally = StartTimeOverlap | ForcedMonotonicity;

export interface StartTimeOverlap {
  readonly kind: 'startTimeOverlap';
  readonly metricName: string;
  readonly occurrences: number;
}

export interface ForcedMonotonicity {
  readonly kind: 'forcedMonotonicity';
  /** '' if the series no longer has its name. */
  readonly metricName: string;
  /** Steps at which it happened, first and last, in ms. */
  readonly minT: number;
  readonly maxT: number;
  /** Bounds of the lowest and highest bucket that was raised. */
  readonly minBucket: number;
  readonly maxBucket: number;
  /** Largest difference between a bucket and the one below it. */
  readonly maxDiff: number;
  /** Histograms concerned. */
  readonly samples: number;
}

/** Collects annotations of one evaluation, or of a part of one on another thread. */
export class Annotations {
  readonly #byKey: Map<string, Annotation>;
  readonly #rank: number;

  /** `shared` is the collection to add to. */
  constructor(rank: number = 0, shared: Map<string, Annotation> = new Map()) {
    this.#rank = rank;
    this.#byKey = shared;
  }

  /** Adds to the same collection, for a node of this rank. */
  ranked(rank: number): Annotations {
    return new Annotations(rank, this.#byKey);
  }

  warn(text: string, position: number): void {
    this.#add('warning', text, position, this.#rank);
  }

  info(text: string, position: number): void {
    this.#add('info', text, position, this.#rank);
  }

  /** Notes a remark with figures, or adds the figures to those of the same remark, shown where that was. */
  count(tally: AnnotationTally, position: number): void {
    this.#count(tally, position, this.#rank);
  }

  /** Takes over what another collected. */
  merge(others: Iterable<Annotation>): void {
    for (const { kind, text, position, rank, tally } of others) {
      if (tally !== undefined) this.#count(tally, position, rank);
      else this.#add(kind, text, position, rank);
    }
  }

  /** In the order first met. */
  list(): Annotation[] {
    return [...this.#byKey.values()];
  }

  #add(kind: Annotation['kind'], text: string, position: number, rank: number): void {
    const key = `${kind}:${text}`;
    const known = this.#byKey.get(key);
    if (known !== undefined && (rank < known.rank || position === known.position)) return;
    this.#byKey.set(key, { kind, text, position, rank });
  }

  #count(tally: AnnotationTally, position: number, rank: number): void {
    const key = `${tally.kind}:${tally.metricName}`;
    const known = this.#byKey.get(key);
    if (known?.tally === undefined) {
      this.#byKey.set(key, annotationOf(tally, position, rank));
      return;
    }
    const first = known.rank <= rank ? known : { position, rank };
    const sum = addTallies(known.tally, tally);
    this.#byKey.set(key, annotationOf(sum, first.position, first.rank));
  }
}

function annotationOf(tally: AnnotationTally, position: number, rank: number): Annotation {
  if (tally.kind === 'startTimeOverlap') {
    const text = startTimeOverlap(tally.metricName, tally.occurrences);
    return { kind: 'warning', text, position, rank, tally };
  }
  return { kind: 'info', text: forcedMonotonicity(tally), position, rank, tally };
}

function addTallies(a: AnnotationTally, b: AnnotationTally): AnnotationTally {
  if (a.kind === 'startTimeOverlap' && b.kind === 'startTimeOverlap') {
    return { ...a, occurrences: a.occurrences + b.occurrences };
  }
  if (a.kind === 'forcedMonotonicity' && b.kind === 'forcedMonotonicity') {
    return {
      ...a,
      minT: Math.min(a.minT, b.minT),
      maxT: Math.max(a.maxT, b.maxT),
      minBucket: Math.min(a.minBucket, b.minBucket),
      maxBucket: Math.max(a.maxBucket, b.maxBucket),
      maxDiff: Math.max(a.maxDiff, b.maxDiff),
      samples: a.samples + b.samples,
    };
  }
  return a;
}
