// What the readers of attributes in both encodings share.

import { MAX_ATTRIBUTES, MAX_VALUE_DEPTH } from './limits.ts';
import type { Attribute } from './model.ts';

export const NOT_UTF8 = 'it is not valid UTF-8';

/** A value that cannot be stored; those that can are texts. */
export interface InvalidValue {
  readonly problem: string;
}

export type ReadValue = string | InvalidValue;

export const NOT_UTF8_VALUE: InvalidValue = { problem: NOT_UTF8 };

export const VALUE_TOO_DEEP: InvalidValue = {
  problem: `it is nested deeper than ${MAX_VALUE_DEPTH} levels`,
};

/** Appends what was read, as long as there is room. A key that is not valid UTF-8 is undefined. */
export function addAttribute(to: Attribute[], key: string | undefined, value: ReadValue): void {
  if (to.length > MAX_ATTRIBUTES) return;
  if (to.length === MAX_ATTRIBUTES) {
    const tooMany = `there are more than ${MAX_ATTRIBUTES} attributes`;
    to.push({ key: '', value: '', problem: tooMany });
  } else if (key === undefined) to.push({ key: '\ufffd', value: '', problem: NOT_UTF8 });
  else if (typeof value === 'string') to.push({ key, value, problem: undefined });
  else to.push({ key, value: '', problem: value.problem });
}
