// What the readers of attributes in both encodings share.

import { MAX_ATTRIBUTES, MAX_VALUE_DEPTH } from './limits.ts';
import type { Attribute } from './model.ts';

export const NOT_UTF8 = 'it is not valid UTF-8';

/** The text of a value, or why it cannot be stored. */
export interface ReadValue {
  readonly text: string;
  readonly problem: string | undefined;
}

export function invalidValue(problem: string): ReadValue {
  return { text: '', problem };
}

export const VALUE_TOO_DEEP: ReadValue = invalidValue(
  `it is nested deeper than ${MAX_VALUE_DEPTH} levels`,
);

/** Appends what was read, as long as there is room. A key that is not valid UTF-8 is undefined. */
export function addAttribute(
  to: Attribute[],
  key: string | undefined,
  value: string,
  problem: string | undefined,
): void {
  if (to.length > MAX_ATTRIBUTES) return;
  if (to.length === MAX_ATTRIBUTES) {
    const tooMany = `there are more than ${MAX_ATTRIBUTES} attributes`;
    to.push({ key: '', value: '', problem: tooMany });
  } else if (key === undefined) to.push({ key: '\ufffd', value: '', problem: NOT_UTF8 });
  else to.push({ key, value, problem });
}
