import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, histogram, rawBits } from '../../../test/support/arbitraries.ts';
import { JsonLinesEncoder } from '../../protocol/json-lines/encode.ts';
import { sampleCounter } from './export-answer.ts';

const labels = fc.constantFrom(
  [{ name: 'a', value: 'b' }],
  [{ name: 'a', value: '},"values":[1,"timestamps":[1,2,3]' }],
  [{ name: 'time', value: 'stamps":[1,2' }],
  [],
);
const rows = fc.array(
  fc.record({
    t: fc.nat(),
    raw: rawBits,
    startT: fc.nat(2),
    histogram: fc.option(histogram, { nil: undefined }),
  }),
  { maxLength: 6 },
);

test('samples and series of JSON lines, in pieces of any size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(labels, rows), { maxLength: 6 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 3 }),
      (all, size, maxRowsPerLine) => {
        const encoder = new JsonLinesEncoder({ maxRowsPerLine });
        const lines = [...encoder.start([{ metric: 'm', type: 'gauge', help: '', unit: '' }])];
        let series = 0;
        let last: unknown;
        for (const [of, some] of all) {
          if (some.length === 0) continue;
          if (of !== last) series++;
          last = of;
          encoder.begin(of);
          lines.push(...encoder.add(columnsOf(some)), ...encoder.end([]));
        }
        const bytes = Buffer.from(lines.join(''));
        const counter = sampleCounter('json-lines')!;
        for (let at = 0; at < bytes.length; at += size) counter.push(bytes.subarray(at, at + size));
        const { floats, histograms } = encoder.written;
        expect(counter.samples).toBe(floats + histograms);
        expect(counter.series).toBe(Math.max(0, series - 1));
      },
    ),
    { numRuns: 500 },
  );
});

test('samples of CSV are its lines but the first', () => {
  const counter = sampleCounter('csv')!;
  for (const piece of ['a,', 'b\n', '1,2\n3,4\n', '5,6\n']) counter.push(Buffer.from(piece));
  expect([counter.samples, counter.series]).toEqual([3, undefined]);
});
