// What the readers of exemplars in both encodings share.

import { MAX_EXEMPLARS } from './limits.ts';
import type { Attribute, OtlpExemplar } from './model.ts';

/** Longer ids are no ids. */
export const MAX_ID_BYTES = 32;

/** An exemplar as read; ids are undefined where they are none. */
export interface ReadExemplar {
  readonly value: number;
  /** ms, 0 = unset */
  readonly t: number;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly attributes: readonly Attribute[];
}

/** Appends what was read, as long as there is room; what does not fit is one broken exemplar. */
export function addExemplar(to: OtlpExemplar[], read: ReadExemplar): void {
  if (to.length > MAX_EXEMPLARS) return;
  const { value, t, traceId, spanId, attributes } = read;
  const problem =
    to.length === MAX_EXEMPLARS
      ? `a point has more than ${MAX_EXEMPLARS} exemplars`
      : traceId === undefined || spanId === undefined
        ? 'a trace or span id is not one'
        : undefined;
  to.push({ value, t, traceId: traceId ?? '', spanId: spanId ?? '', attributes, problem });
}

/** '' for an id of nothing but zeros, which stands for none. */
export function significantId(hex: string): string {
  return /[^0]/.test(hex) ? hex : '';
}
