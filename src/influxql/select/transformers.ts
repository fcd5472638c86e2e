// Functions of successive points: each point in may give one out.

import type { Scalar } from './point.ts';
import { compareTimes, elapsedNs, type Time } from './time.ts';
import type { Windows } from './windows.ts';

export interface Transformed {
  readonly time: Time;
  readonly value: Scalar;
}

export interface Transformer {
  add(time: Time, value: number): Transformed | undefined;
  /** After the last point. */
  end?(): Transformed | undefined;
}

export type NewTransformer = () => Transformer;

interface Sample {
  readonly time: Time;
  readonly value: number;
}

/** Pairs of successive points; of several at one time only the first counts. */
function ofPairs(
  combine: (current: Sample, previous: Sample) => Scalar | undefined,
): NewTransformer {
  return () => {
    let previous: Sample | undefined;
    return {
      add: (time, value) => {
        const before = previous;
        if (before !== undefined && before.time === time) return undefined;
        previous = { time, value };
        const result = before === undefined ? undefined : combine(previous, before);
        return result === undefined ? undefined : { time, value: result };
      },
    };
  };
}

export function derivative(
  unitNs: bigint,
  isNonNegative: boolean,
  isAscending: boolean,
): NewTransformer {
  const unit = Number(unitNs);
  return ofPairs((current, previous) => {
    const difference = current.value - previous.value;
    if (isNonNegative && difference < 0) return undefined;
    const elapsed = elapsedNs(current.time, previous.time) * (isAscending ? 1 : -1);
    return difference / (elapsed / unit);
  });
}

export function difference(isNonNegative: boolean): NewTransformer {
  return ofPairs((current, previous) => {
    const value = current.value - previous.value;
    return isNonNegative && value < 0 ? undefined : value;
  });
}

export function elapsed(unitNs: bigint): NewTransformer {
  const unit = Number(unitNs);
  return () => {
    let previous: Time | undefined;
    return {
      add: (time) => {
        const before = previous;
        previous = time;
        if (before === undefined) return undefined;
        return { time, value: Math.trunc(elapsedNs(time, before) / unit) + 0 };
      },
    };
  };
}

export function movingAverage(size: number): NewTransformer {
  return () => {
    const ring: number[] = [];
    let at = 0;
    let sum = 0;
    return {
      add: (time, value) => {
        if (ring.length === size) sum -= ring[at]!;
        ring[at] = value;
        sum += value;
        at = (at + 1) % size;
        return ring.length < size ? undefined : { time, value: sum / size };
      },
    };
  };
}

export const cumulativeSum: NewTransformer = () => {
  let sum = 0;
  return {
    add: (time, value) => {
      sum += value;
      return { time, value: sum };
    },
  };
};

/** The area below the points, in units of time; with an interval one for each. */
export function integral(unitNs: bigint, windows: Windows, isAscending: boolean): NewTransformer {
  const unit = Number(unitNs);
  return () => {
    let sum = 0;
    let previous: Sample | undefined;
    let begin: Time = 0;
    let end: Time = 0;
    const enter = (time: Time): void => {
      const window = windows.of(time);
      begin = isAscending ? window.start : window.end;
      end = isAscending ? window.end : window.start;
    };
    const hasLeft = (time: Time): boolean => {
      const order = compareTimes(time, end);
      return isAscending ? order >= 0 : order <= 0;
    };
    const addArea = (from: Sample, time: Time, value: number): void => {
      sum += 0.5 * (value + from.value) * (elapsedNs(time, from.time) / unit);
    };
    return {
      add: (time, value) => {
        if (previous === undefined) {
          previous = { time, value };
          if (windows.hasInterval) enter(time);
          return undefined;
        }
        if (previous.time === time) {
          previous = { time, value };
          return undefined;
        }
        let result: Transformed | undefined;
        if (windows.hasInterval && hasLeft(time)) {
          if (previous.time !== end) {
            const edge = interpolate(end, previous, { time, value });
            addArea(previous, end, edge);
            previous = { time: end, value: edge };
          }
          result = { time: begin, value: sum };
          enter(time);
          sum = 0;
        }
        addArea(previous, time, value);
        previous = { time, value };
        return result;
      },
      end: () =>
        previous === undefined || previous.time === begin ? undefined : { time: begin, value: sum },
    };
  };
}

function interpolate(time: Time, a: Sample, b: Sample): number {
  const slope = (b.value - a.value) / elapsedNs(b.time, a.time);
  return slope * elapsedNs(time, a.time) + a.value;
}
