import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UnixTimeReader } from './unix-time.ts';

const MS_FROM = 2 ** 31;

it('reads whole milliseconds as it would judge the same number', () => {
  const [reader, judge] = [new UnixTimeReader(), new UnixTimeReader()];
  const numbers = fc.oneof(
    fc.integer({ min: MS_FROM - 2, max: MS_FROM + 2 }),
    fc.integer({ min: 2 ** 43 - 2, max: 2 ** 43 + 2 }),
    fc.integer({ min: 0, max: 2 ** 46 }),
  );
  fc.assert(
    fc.property(numbers, fc.constantFrom('', '000', '00000000'), (number, zeros) => {
      const bytes = Buffer.from(`${zeros}${number}`);
      expect(reader.read(bytes, 0, bytes.length, MS_FROM)).toBe(bytes.length);
      judge.set(number, MS_FROM);
      expect([reader.t, reader.isCut]).toEqual([judge.t, judge.isCut]);
    }),
  );
});

it('sees what follows whole milliseconds', () => {
  const reader = new UnixTimeReader();
  const read = (text: string): unknown[] => {
    const bytes = Buffer.from(text);
    return [reader.read(bytes, 0, bytes.length, MS_FROM), reader.t, reader.isCut];
  };
  expect(read('1700000000123 x')).toEqual([13, 1_700_000_000_123, false]);
  expect(read('1700000000123.5')).toEqual([15, 1_700_000_000_123, true]);
  expect(read('1700000000123.0')).toEqual([15, 1_700_000_000_123, false]);
  expect(read('17e11')).toEqual([5, 1_700_000_000_000, false]);
  expect(read('1700000000000e')).toEqual([13, 1_700_000_000_000, false]);
});
