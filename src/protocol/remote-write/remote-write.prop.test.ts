import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, FUZZ, hostileBytes, series } from '../../../test/support/arbitraries.ts';
import { METRIC_TYPES, type MetricMetadata } from '../../model/metadata.ts';
import type { AppError } from '../../runtime/error.ts';
import type { BatchSeries, WriteBatch } from '../../storage/interface.ts';
import { decodeTimeSeriesV1, decodeWriteRequestV1, encodeWriteRequestV1 } from './v1.ts';
import { decodeWriteRequestV2, encodeWriteRequestV2 } from './v2.ts';

const batch = fc.array(series, { maxLength: 4 });

const metadata: fc.Arbitrary<MetricMetadata[]> = fc.array(
  fc.record({
    metric: fc.string({ minLength: 1, maxLength: 4 }),
    type: fc.constantFrom(...METRIC_TYPES),
    help: fc.string({ maxLength: 200 }),
    unit: fc.string({ maxLength: 4 }),
  }),
  { maxLength: 3 },
);

function view(of: readonly BatchSeries[]): unknown[] {
  return of.map(({ labels, samples, exemplars }) => ({ labels, exemplars, rows: bitsOf(samples) }));
}

function withoutStarts(of: readonly BatchSeries[]): BatchSeries[] {
  return of.map((one) => ({ ...one, samples: { ...one.samples, startT: undefined } }));
}

describe('remote write', () => {
  it('1.0 brings back everything but start timestamps', () => {
    fc.assert(
      fc.property(batch, metadata, (all, described) => {
        const decoded = decodeWriteRequestV1(
          encodeWriteRequestV1({ series: all, metadata: described }),
        );
        expect(decoded.rejections).toEqual([]);
        expect(decoded.metadata).toEqual(described);
        expect(view(decoded.series)).toEqual(view(withoutStarts(all)));
      }),
      { numRuns: 300, seed: FUZZ.seed },
    );
  });

  it('2.0 brings back everything', () => {
    fc.assert(
      fc.property(batch, (all) => {
        const decoded = decodeWriteRequestV2(encodeWriteRequestV2({ series: all }));
        expect(decoded.rejections).toEqual([]);
        expect(view(decoded.series)).toEqual(view(all));
      }),
      { numRuns: 300, seed: FUZZ.seed },
    );
  });

  it('takes a series of many samples', () => {
    const length = 5000;
    const t = Float64Array.from({ length }, (_, i) => i * 1000);
    const v = Float64Array.from({ length }, (_, i) => i / 3);
    const samples = { length, t, v, startT: undefined, histograms: undefined };
    const all = [{ labels: [{ name: 'a', value: 'b' }], samples, exemplars: [] }];
    expect(view(decodeWriteRequestV1(encodeWriteRequestV1({ series: all })).series)).toEqual(
      view(all),
    );
  });
});

describe('hostile remote write', () => {
  const samples: readonly BatchSeries[][] = fc.sample(
    fc.array(series, { minLength: 1, maxLength: 3 }),
    { numRuns: 50, seed: FUZZ.seed },
  );

  it.each<[string, (bytes: Uint8Array) => unknown, Uint8Array[]]>([
    ['1.0', decodeWriteRequestV1, samples.map((all) => encodeWriteRequestV1({ series: all }))],
    ['2.0', decodeWriteRequestV2, samples.map((all) => encodeWriteRequestV2({ series: all }))],
    [
      'one series of 1.0',
      (bytes) => ({ one: decodeTimeSeriesV1(bytes) }),
      samples.map((all) => encodeWriteRequestV1({ series: all.slice(0, 1) }).slice(2)),
    ],
  ])('%s is decoded or refused as malformed', (_name, decode, seeds) => {
    let refused = 0;
    fc.assert(
      fc.property(hostileBytes(seeds), (bytes) => {
        try {
          const result = decode(bytes) as Partial<WriteBatch>;
          for (const one of result.series ?? []) {
            expect(one.samples.t.length).toBeGreaterThanOrEqual(one.samples.length);
          }
        } catch (error) {
          expect((error as AppError).code).toBe('PROTOBUF_MALFORMED');
          refused++;
        }
      }),
      FUZZ,
    );
    expect(refused).toBeGreaterThan(0);
  });
});
