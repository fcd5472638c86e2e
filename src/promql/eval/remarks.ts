// Remarks of binary operations: Prometheus keeps the last of each step.

import type { Annotations } from '../annotations.ts';
import type { Remark } from './binary-elements.ts';

/** Collects remarks element by element; of those of one step only the last remains. */
export class StepRemarks {
  readonly #steps: number;
  #last: (Remark | undefined)[] | undefined;

  constructor(steps: number) {
    this.#steps = steps;
  }

  set(step: number, remark: Remark): void {
    this.#last ??= new Array<Remark | undefined>(this.#steps).fill(undefined);
    this.#last[step] = remark;
  }

  /** Call once, when all elements are done. */
  report(annotations: Annotations, position: number): void {
    for (const remark of this.#last ?? []) {
      if (remark?.kind === 'warning') annotations.warn(remark.text, position);
      else if (remark !== undefined) annotations.info(remark.text, position);
    }
  }
}
