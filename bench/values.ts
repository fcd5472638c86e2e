// How the values of a synthetic target move: uniform noise, which is harsher on compression than what
// real programs expose.

import { Xorshift } from './xorshift.ts';

/** How a series moves from one tick to the next. */
export const Movement = {
  constant: 0,
  /** Grows by a uniform integer below `scale`. */
  counter: 1,
  /** Wanders around `scale` by uniform integer steps. */
  gauge: 2,
  /** A cumulative histogram bucket; `scale` is its position, and its neighbours follow in order. */
  bucket: 3,
  /** The number of observations: as the last bucket before it. */
  observations: 4,
  /** Grows by a uniform fraction of `scale`, with all bits of the mantissa in use. */
  sum: 5,
  /** Uniform in [0, 1), with all bits of the mantissa in use. */
  ratio: 6,
  /** The time of the sample in seconds. */
  clock: 7,
} as const;
export type Movement = (typeof Movement)[keyof typeof Movement];

/** What a series looks like over time. Integers move; the value is `integer * multiplier / divisor`. */
export interface ValueShape {
  readonly movement: Movement;
  readonly scale: number;
  /** 1 where nothing else is said. */
  readonly multiplier: number;
  /** A power of ten, so that the value has that many decimals at most. */
  readonly divisor: number;
}

/** Most observations that one tick adds to one bucket. */
const BUCKET_STEP = 20;
/** Ticks that a counter has grown before the first sample: programs have been running for a while. */
const AGE_TICKS = 5000;
/** A gauge moves by at most this part of its scale in one tick. */
const GAUGE_STEP = 1 / 128;

/** The current values of all series of one target. */
export class TargetValues {
  readonly #shapes: readonly ValueShape[];
  readonly #random: Xorshift;
  readonly #state: Float64Array;
  readonly #values: Float64Array;

  constructor(shapes: readonly ValueShape[], seed: number) {
    this.#shapes = shapes;
    this.#random = new Xorshift(seed);
    this.#state = new Float64Array(shapes.length);
    this.#values = new Float64Array(shapes.length);
    this.#move(AGE_TICKS);
    for (let i = 0; i < shapes.length; i++) {
      const { movement, scale } = shapes[i]!;
      if (movement === Movement.constant || movement === Movement.gauge) this.#state[i] = scale;
    }
  }

  /** Moves on by one tick. The values, in the order of the shapes, are valid until the next call. */
  next(t: number): Float64Array {
    this.#move(1);
    for (let i = 0; i < this.#shapes.length; i++) {
      const { movement, multiplier, divisor } = this.#shapes[i]!;
      this.#values[i] =
        movement === Movement.clock ? t / 1000 : (this.#state[i]! * multiplier) / divisor;
    }
    return this.#values;
  }

  /** Moves every series by one step of `factor` times the usual size. */
  #move(factor: number): void {
    const state = this.#state;
    const random = this.#random;
    let observed = 0;
    for (let i = 0; i < this.#shapes.length; i++) {
      const { movement, scale } = this.#shapes[i]!;
      if (movement === Movement.counter) state[i]! += factor * random.below(scale);
      else if (movement === Movement.gauge) state[i] = this.#wander(state[i]!, scale);
      else if (movement === Movement.bucket) {
        if (scale === 0) observed = 0;
        observed += factor * random.below(BUCKET_STEP);
        state[i]! += observed;
      } else if (movement === Movement.observations) state[i]! += observed;
      else if (movement === Movement.sum) state[i]! += factor * scale * random.fraction();
      else if (movement === Movement.ratio) state[i] = random.fraction();
    }
  }

  /** A step up or down, turned back where it would leave 0…2·scale. */
  #wander(from: number, scale: number): number {
    const reach = Math.max(1, Math.floor(scale * GAUGE_STEP));
    const to = from + this.#random.below(2 * reach + 1) - reach;
    return to < 0 || to > 2 * scale ? from : to;
  }
}
