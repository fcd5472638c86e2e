import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../../../test/support/arbitraries.ts';
import { type Collected, takeCollected } from '../../../../test/support/collected.ts';
import { RowCollector } from '../../row-collector.ts';
import { SeriesTable } from '../../series-table.ts';
import { LineMetricsDecoder } from './decoder.ts';
import type { LineFields } from './line-fields.ts';

const NOW = 1_700_000_000_000;

/** Of all runs: some meet series that are known, some do not. */
const known = [false, true].map(
  () => new SeriesTable<LineFields>({ maxSeries: 8, maxKeyBytes: 500 }),
);

function decode(
  bytes: Uint8Array,
  skipsSingleField: boolean,
  { pieceBytes = bytes.length, isFresh = false } = {},
): Collected {
  const collector = new RowCollector();
  const decoder = new LineMetricsDecoder(collector, 150, {
    naming: { separator: '_', skipsSingleField, skipsMeasurement: false },
    strings: 'zero',
    precision: undefined,
    now: () => NOW,
    seriesTable: isFresh
      ? new SeriesTable<LineFields>({ maxSeries: 8, maxKeyBytes: 500 })
      : known[Number(skipsSingleField)]!,
  });
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    decoder.push(bytes.subarray(at, at + pieceBytes));
  }
  decoder.end();
  return takeCollected(collector);
}

const SEEDS = [
  'cpu,host=a,dc=b user=1.5,system=2i 1700000000000000000\ncpu,host=a,dc=b system=3u,user=4\r\n',
  'm\\ 1,t\\,g=v\\=w f="x, \\"y\\"",g=t,h=-1e3 1700000000\n# c\n\nm f=1\n',
  'm a=1 0\nm a=9007199254740993i 1700000000123\nm a=1,a=2 -5\n',
].map((seed) => Buffer.from(seed));

it('reads any bytes the same, in pieces of any size and whatever it has seen before', () => {
  fc.assert(
    fc.property(
      hostileBytes(SEEDS),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      (bytes, skipsSingleField, pieceBytes) => {
        const whole = decode(bytes, skipsSingleField, { isFresh: true });
        expect(decode(bytes, skipsSingleField, { pieceBytes })).toEqual(whole);
        expect(decode(bytes, skipsSingleField)).toEqual(whole);
      },
    ),
    FUZZ,
  );
});
