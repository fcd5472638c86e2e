// Which rows an aggregation puts together, and under which labels.

import type { Labels } from '../../model/labels.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import type { AggregateExpr } from '../language/ast.ts';
import { deleteLabels, keepLabels, partKey } from './label-sets.ts';

/** Numbers groups as they are met. */
export class Grouping<T> {
  /** What was made for each group, in the order met. */
  readonly groups: T[] = [];
  readonly #byKey = new Map<string, T>();
  readonly #keyOf: (labels: Labels) => string;
  readonly #labelsOf: (labels: Labels) => Labels;
  readonly #make: (labels: Labels) => T;

  /** `make` is given the labels of a new group. */
  constructor(aggregate: AggregateExpr, make: (labels: Labels) => T) {
    const { without, grouping } = aggregate;
    const names = without ? [...grouping, METRIC_NAME] : grouping;
    this.#keyOf = partKey(names, !without);
    this.#labelsOf = without
      ? (labels) => deleteLabels(labels, names)
      : (labels) => keepLabels(labels, names);
    this.#make = make;
  }

  /** The group of a row. */
  of(labels: Labels): T {
    const key = this.#keyOf(labels);
    let group = this.#byKey.get(key);
    if (group === undefined) {
      group = this.#make(this.#labelsOf(labels));
      this.#byKey.set(key, group);
      this.groups.push(group);
    }
    return group;
  }
}
