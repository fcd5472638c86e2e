// How the series of two vectors find each other: those with equal matching labels form a match group.

import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { VectorMatching } from '../language/ast.ts';
import { deleteLabels, keepLabels, partKey } from './label-sets.ts';
import { Presence, type StepSeries } from './step-series.ts';

/** Match groups of two vectors, numbered. */
export interface MatchGroups {
  /** By index of the row: its group. */
  readonly ofLeft: Int32Array;
  readonly ofRight: Int32Array;
  readonly count: number;
}

export function matchGroups(
  matching: VectorMatching,
  left: readonly StepSeries[],
  right: readonly StepSeries[],
): MatchGroups {
  const { on, labels } = matching;
  const keyOf = partKey(on ? labels : [...labels, METRIC_NAME], on);
  const numbers = new Map<string, number>();
  const numberAll = (rows: readonly StepSeries[]) => {
    const groups = new Int32Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const key = keyOf(rows[i]!.labels);
      let number = numbers.get(key);
      if (number === undefined) {
        number = numbers.size;
        numbers.set(key, number);
      }
      groups[i] = number;
    }
    return groups;
  };
  const ofLeft = numberAll(left);
  const ofRight = numberAll(right);
  return { ofLeft, ofRight, count: numbers.size };
}

/** The labels by which a series is matched. */
export function matchLabels({ on, labels }: VectorMatching, of: Labels): Labels {
  return on ? keepLabels(of, labels) : deleteLabels(of, [...labels, METRIC_NAME]);
}

/** By step: whether any of the rows has something. */
export function anyPresent(rows: readonly StepSeries[], steps: number): Uint8Array {
  const any = new Uint8Array(steps);
  for (const { present } of rows) {
    for (let i = 0; i < steps; i++) if (present[i] !== Presence.none) any[i] = 1;
  }
  return any;
}
