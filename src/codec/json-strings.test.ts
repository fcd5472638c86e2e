import { expect, test } from 'vitest';
import { labelJson, textJson } from './json-strings.ts';

// What Prometheus 3.5 answers to label_replace(…) with these values, and as text of a warning.
test.each<[text: string, label: string, other: string]>([
  ['', '""', '""'],
  ['plain', '"plain"', '"plain"'],
  ['a<>&b', '"a<>&b"', '"a\\u003c\\u003e\\u0026b"'],
  ['\u2028\u2029', '"\u2028\u2029"', '"\\u2028\\u2029"'],
  ['\n\r\t', '"\\n\\r\\t"', '"\\n\\r\\t"'],
  ['\b\f\x01\x7f', '"\\u0008\\u000c\\u0001\x7f"', '"\\u0008\\u000c\\u0001\x7f"'],
  [
    '\\b "\\f" \\\\\b',
    '"\\\\b \\"\\\\f\\" \\\\\\\\\\u0008"',
    '"\\\\b \\"\\\\f\\" \\\\\\\\\\u0008"',
  ],
  ['é😀/', '"é😀/"', '"é😀/"'],
])('%j', (text, label, other) => {
  expect(labelJson(text)).toBe(label);
  expect(textJson(text)).toBe(other);
  expect(JSON.parse(label)).toBe(text);
  expect(JSON.parse(other)).toBe(text);
});
