import type { Labels } from './labels.ts';

/** One example observation of a series, usually with a trace id among its own labels. */
export interface Exemplar {
  /** Labels of the exemplar itself; may be empty. */
  readonly labels: Labels;
  readonly value: number;
  /** ms */
  readonly t: number;
}
