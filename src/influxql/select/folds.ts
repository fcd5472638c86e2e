// Functions that can be computed of parts: of each series by itself, then of the results.

import { NO_AUX, type Scalar } from './point.ts';
import { compareTimes, type Time } from './time.ts';

export type FoldName = 'count' | 'sum' | 'mean' | 'min' | 'max' | 'first' | 'last';

const FOLD_NAMES: ReadonlySet<string> = new Set<FoldName>([
  'count',
  'sum',
  'mean',
  'min',
  'max',
  'first',
  'last',
]);

export function isFold(name: string): name is FoldName {
  return FOLD_NAMES.has(name);
}

export type Aux = readonly (Scalar | undefined)[];

export interface Folded {
  /** Undefined: that of the interval. */
  readonly time: Time | undefined;
  readonly value: Scalar;
  readonly aux: Aux;
  /** How many points it stands for, where that matters to who goes on. */
  readonly weight: number;
}

export interface Fold {
  add(time: Time, value: Scalar, aux: Aux): void;
  /** Takes the result of another part. */
  merge(part: Folded): void;
  /** After at least one point. */
  result(): Folded;
}

export function newFold(name: FoldName): Fold {
  switch (name) {
    case 'count':
      return new CountFold();
    case 'sum':
      return new SumFold();
    case 'mean':
      return new MeanFold();
    default:
      return new ChoiceFold(BETTER[name]);
  }
}

class CountFold implements Fold {
  #count = 0;

  add(): void {
    this.#count++;
  }

  merge({ value }: Folded): void {
    this.#count += value as number;
  }

  result(): Folded {
    return { time: undefined, value: this.#count, aux: NO_AUX, weight: 1 };
  }
}

class SumFold implements Fold {
  #sum = 0;

  add(_time: Time, value: Scalar): void {
    this.#sum += value as number;
  }

  merge({ value }: Folded): void {
    this.#sum += value as number;
  }

  result(): Folded {
    return { time: undefined, value: this.#sum, aux: NO_AUX, weight: 1 };
  }
}

class MeanFold implements Fold {
  #sum = 0;
  #count = 0;

  add(_time: Time, value: Scalar): void {
    this.#sum += value as number;
    this.#count++;
  }

  /** Weighted again, as InfluxDB does: its figures are reproduced to the last bit. */
  merge({ value, weight }: Folded): void {
    this.#sum += weight >= 2 ? (value as number) * weight : (value as number);
    this.#count += weight;
  }

  result(): Folded {
    const value = this.#sum / this.#count;
    return { time: undefined, value, aux: NO_AUX, weight: this.#count };
  }
}

type Better = (time: Time, value: Scalar, oldTime: Time, oldValue: Scalar) => boolean;

const BETTER: Readonly<Record<'min' | 'max' | 'first' | 'last', Better>> = {
  min: (time, value, oldTime, oldValue) =>
    value < oldValue || (value === oldValue && compareTimes(time, oldTime) < 0),
  max: (time, value, oldTime, oldValue) =>
    value > oldValue || (value === oldValue && compareTimes(time, oldTime) < 0),
  first: (time, value, oldTime, oldValue) => {
    const order = compareTimes(time, oldTime);
    if (order !== 0) return order < 0;
    return typeof value === 'boolean' ? value < oldValue : value > oldValue;
  },
  last: (time, value, oldTime, oldValue) => {
    const order = compareTimes(time, oldTime);
    return order > 0 || (order === 0 && value > oldValue);
  },
};

/** One of the points. */
class ChoiceFold implements Fold {
  readonly #isBetter: Better;
  #time: Time | undefined;
  #value: Scalar = 0;
  #aux: Aux = NO_AUX;

  constructor(isBetter: Better) {
    this.#isBetter = isBetter;
  }

  add(time: Time, value: Scalar, aux: Aux): void {
    if (this.#time !== undefined && !this.#isBetter(time, value, this.#time, this.#value)) return;
    this.#time = time;
    this.#value = value;
    this.#aux = aux;
  }

  merge({ time, value, aux }: Folded): void {
    this.add(time!, value, aux);
  }

  result(): Folded {
    return { time: this.#time, value: this.#value, aux: this.#aux, weight: 1 };
  }
}
