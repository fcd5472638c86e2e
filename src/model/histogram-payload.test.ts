import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUZZ, histogram, hostileBytes } from '../../test/support/arbitraries.ts';
import { AppError } from '../runtime/error.ts';
import { decodeHistogramPayload, encodeHistogramPayload } from './histogram-payload.ts';
import { type NativeHistogram, rawFloat64 } from './native-histogram.ts';

const INTEGER: NativeHistogram = {
  kind: 'integer',
  resetHint: 2,
  schema: -1,
  zeroThreshold: 0.5,
  sum: { high: 0x7ff0_0000, low: 2 },
  positiveSpans: [
    { offset: -2, length: 2 },
    { offset: 300, length: 1 },
  ],
  negativeSpans: [],
  customValues: [],
  count: 300n,
  zeroCount: 0n,
  positiveCounts: [1n, 200n, 2n],
  negativeCounts: [],
};

const FLOAT: NativeHistogram = {
  kind: 'float',
  resetHint: 3,
  schema: -53,
  zeroThreshold: 0,
  sum: rawFloat64(1),
  positiveSpans: [{ offset: 0, length: 1 }],
  negativeSpans: [],
  customValues: [2],
  count: 1,
  zeroCount: 0,
  positiveCounts: [1],
  negativeCounts: [],
};

const ONE = '000000000000f03f';

/** Version 1 as documented in docs/formats/histogram-payload.md. These bytes are on disks: they never change. */
const GOLDEN: readonly (readonly [string, NativeHistogram, string])[] = [
  [
    'integer',
    INTEGER,
    ['01', '04', '01', '000000000000e03f', '020000000000f07f', '02', '03', '02', 'd804', '01']
      .concat(['00', '00', 'ac02', '00', '03', '02', '8e03', '8b03', '00'])
      .join(''),
  ],
  [
    'float',
    FLOAT,
    ['01', '07', '69', '0000000000000000', ONE, '01', '00', '01', '00', '01', '0000000000000040']
      .concat([ONE, '0000000000000000', '01', ONE, '00'])
      .join(''),
  ],
];

describe('histogram payload', () => {
  it.each(GOLDEN)('has the documented bytes: %s', (_name, value, hex) => {
    expect(Buffer.from(encodeHistogramPayload(value)).toString('hex')).toBe(hex);
    expect(decodeHistogramPayload(Buffer.from(hex, 'hex'))).toEqual(value);
  });

  it('brings everything back', () => {
    fc.assert(
      fc.property(histogram, (value) => {
        const bytes = encodeHistogramPayload(value);
        expect(decodeHistogramPayload(bytes)).toEqual(value);
        expect(encodeHistogramPayload(structuredClone(value))).toEqual(bytes);
      }),
      { numRuns: 1000, seed: FUZZ.seed },
    );
  });

  it('keeps counts at the edges of exact numbers', () => {
    const edges = [0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 53n - 1n, 2n ** 63n - 1n, 1n];
    const value = { ...INTEGER, positiveCounts: edges, count: 2n ** 64n - 1n };
    expect(decodeHistogramPayload(encodeHistogramPayload(value))).toEqual(value);
  });

  it('writes all NaN counts alike', () => {
    const bits = new DataView(new ArrayBuffer(8));
    bits.setUint32(0, 0x7ff8_1234);
    const [a, b] = [Number.NaN, bits.getFloat64(0)].map((count) =>
      encodeHistogramPayload({ ...FLOAT, count }),
    );
    expect(a).toEqual(b);
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['another version', `02${GOLDEN[0]![2].slice(2)}`],
    ['unknown flags', `0108${GOLDEN[0]![2].slice(4)}`],
    ['a byte too many', `${GOLDEN[0]![2]}00`],
    ['a byte too few', GOLDEN[0]![2].slice(0, -2)],
    ['more spans than bytes', `${GOLDEN[0]![2].slice(0, 38)}ffffffff0f`],
    ['a schema of more than 32 bits', `0104${'ff'.repeat(5)}01`],
  ])('refuses %s', (_name, hex) => {
    expect(() => decodeHistogramPayload(Buffer.from(hex, 'hex'))).toThrow(
      expect.objectContaining({ code: 'HISTOGRAM_PAYLOAD_CORRUPT', kind: 'corrupt' }),
    );
  });

  it('refuses hostile bytes', () => {
    const seeds = fc
      .sample(histogram, { numRuns: 50, seed: FUZZ.seed })
      .map(encodeHistogramPayload);
    let refused = 0;
    fc.assert(
      fc.property(hostileBytes(seeds), (bytes) => {
        try {
          decodeHistogramPayload(bytes);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          expect(error.code).toBe('HISTOGRAM_PAYLOAD_CORRUPT');
          refused++;
        }
      }),
      FUZZ,
    );
    expect(refused).toBeGreaterThan(0);
  });
});
