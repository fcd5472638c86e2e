import { expect, test } from 'vitest';
import { labelsFromObject } from '../../model/labels.ts';
import { ratioOffset, xxh64 } from './ratio-offset.ts';

test.each([
  ['', 0xef46db3751d8e999n],
  ['a', 0xd24ec4f1a98c6e5bn],
  ['as', 0x1c330fb2d66be179n],
  ['asd', 0x631c37ce72a97393n],
  ['asdf', 0x415872f599cea71en],
  ['Call me Ishmael. Some years ago--never mind how long precisely-', 0x02a2e85470d6fd96n],
])('xxh64 of %j', (text, hash) => {
  expect(xxh64(Buffer.from(text))).toBe(hash);
});

test('offsets are in [0, 1], spread out, and depend on labels only', () => {
  const offsets = Array.from({ length: 1000 }, (_, i) =>
    ratioOffset(labelsFromObject({ __name__: 'up', instance: `host-${i}` })),
  );
  expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...offsets)).toBeLessThanOrEqual(1);
  expect(offsets.filter((offset) => offset < 0.5).length).toBeGreaterThan(430);
  expect(offsets.filter((offset) => offset < 0.5).length).toBeLessThan(570);
  const long = labelsFromObject({ a: 'x'.repeat(300) });
  expect(ratioOffset(long)).toBe(ratioOffset([...long]));
});
