import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AGGREGATORS } from '../protocol/opentsdb/query/query.ts';
import { mergeSeries } from './merge.ts';
import { downsample, downsampledLength, type Points } from './points.ts';
import { interpolationOf, reduce } from './reduce.ts';

const points: fc.Arbitrary<Points> = fc
  .uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 })
  .chain((times) =>
    fc
      .array(fc.integer({ min: -9, max: 9 }), {
        minLength: times.length,
        maxLength: times.length,
      })
      .map((values) => ({
        t: Float64Array.from(times.sort((a, b) => a - b)),
        v: Float64Array.from(values),
      })),
  );

/** The value of one series at a time, by looking at all of its points; undefined where it does not count. */
function valueAt({ t, v }: Points, now: number, how: string): number | undefined {
  const exact = t.indexOf(now);
  if (exact >= 0) return v[exact];
  const after = t.findIndex((time) => time > now);
  if (after <= 0) return undefined;
  const [t0, t1, v0, v1] = [t[after - 1]!, t[after]!, v[after - 1]!, v[after]!];
  switch (how) {
    case 'previous':
      return v0;
    case 'zero':
      return 0;
    case 'largest':
      return Number.MAX_VALUE;
    case 'smallest':
      return -Number.MAX_VALUE;
    default:
      return v0 + (now - t0) * ((v1 - v0) / (t1 - t0));
  }
}

it('gives a point for each time of any series', () => {
  fc.assert(
    fc.property(
      fc.array(points, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(...AGGREGATORS),
      fc.boolean(),
      (series, aggregator, areRates) => {
        const merged = mergeSeries(series, aggregator, areRates, () => {});
        const times = [...new Set(series.flatMap(({ t }) => [...t]))].sort((a, b) => a - b);
        expect([...merged.t]).toEqual(times);
        const how = areRates ? 'previous' : interpolationOf(aggregator);
        const expected = times.map((now) => {
          const values = series.flatMap((one) => valueAt(one, now, how) ?? []);
          return reduce(aggregator, Float64Array.from(values), values.length);
        });
        expect([...merged.v]).toEqual(expected);
      },
    ),
  );
});

it('downsamples every point into its interval, and fills the others', () => {
  fc.assert(
    fc.property(
      points,
      fc.integer({ min: 1, max: 15 }),
      fc.constantFrom('none' as const, 'zero' as const, 'nan' as const),
      (series, intervalMs, fill) => {
        const how = { text: '', intervalMs, aggregator: 'sum' as const, fill };
        const range = { startT: 0, endT: 40 };
        const { t, v } = downsample(series, how, range);
        const starts = new Set([...series.t].map((time) => time - (time % intervalMs)));
        const all = Array.from(
          { length: Math.floor(40 / intervalMs) + 1 },
          (_, i) => i * intervalMs,
        );
        expect([...t]).toEqual(all.filter((start) => fill !== 'none' || starts.has(start)));
        expect(t.length).toBeLessThanOrEqual(downsampledLength(how, range, series.t.length));
        for (const [i, start] of t.entries()) {
          const inside = [...series.v].filter((_, at) => {
            return series.t[at]! >= start && series.t[at]! < start + intervalMs;
          });
          const filler = fill === 'zero' ? 0 : Number.NaN;
          const sum = inside.reduce((total, value) => total + value, 0);
          expect(v[i]).toBe(inside.length === 0 ? filler : sum);
        }
      },
    ),
  );
});
