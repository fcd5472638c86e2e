// Natural order of strings: runs of digits count as numbers, so that "a2" comes before "a10".

import { compareStrings } from '../../model/labels.ts';

/** Negative, zero or positive. Strings that differ only in leading zeros are equal in this order. */
export function compareNatural(a: string, b: string): number {
  const left = splitRuns(a);
  const right = splitRuns(b);
  const n = Math.min(left.length, right.length);
  for (let i = 0; i < n; i++) {
    const order = compareRuns(left[i]!, right[i]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Alternating runs of digits and of other characters. */
function splitRuns(text: string): string[] {
  return text.match(/[0-9]+|[^0-9]+/g) ?? [];
}

function compareRuns(a: string, b: string): number {
  if (!isDigit(a) || !isDigit(b)) return compareStrings(a, b);
  const [x, y] = [withoutLeadingZeros(a), withoutLeadingZeros(b)];
  return x.length - y.length || compareStrings(x, y);
}

function isDigit(run: string): boolean {
  const first = run.charCodeAt(0);
  return first >= 0x30 && first <= 0x39;
}

function withoutLeadingZeros(digits: string): string {
  let start = 0;
  while (start < digits.length - 1 && digits.charCodeAt(start) === 0x30) start++;
  return digits.slice(start);
}
