// A selection together with what is known of its series besides samples.

import type { Exemplar } from '../../model/exemplar.ts';
import type { Labels } from '../../model/labels.ts';
import type { SampleColumns } from '../../model/sample.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { WholeSelection } from '../../storage/interface.ts';
import { mergeExemplars } from './merge-exemplars.ts';
import type { TsdbSelection } from './series-selection.ts';

export class TsdbWholeSelection implements WholeSelection {
  readonly length: number;
  readonly #selection: TsdbSelection;
  readonly #range: TimeRange;

  constructor(selection: TsdbSelection, range: TimeRange) {
    this.length = selection.length;
    this.#selection = selection;
    this.#range = range;
  }

  labels(i: number): Labels {
    return this.#selection.labels(i);
  }

  read(i: number, minT: number, maxT: number): SampleColumns {
    return this.#selection.read(i, minT, maxT);
  }

  bounds(i: number): TimeRange {
    let minT = Number.POSITIVE_INFINITY;
    let maxT = Number.NEGATIVE_INFINITY;
    for (const { source, id } of this.#selection.members(i)) {
      const bounds = source.bounds(id);
      minT = Math.min(minT, bounds.minT);
      maxT = Math.max(maxT, bounds.maxT);
    }
    return { minT: Math.max(minT, this.#range.minT), maxT: Math.min(maxT, this.#range.maxT) };
  }

  exemplars(i: number): Exemplar[] {
    const lists = this.#selection
      .members(i)
      .map(({ source, id }) => source.exemplars(id, this.#range));
    return mergeExemplars(lists);
  }
}
