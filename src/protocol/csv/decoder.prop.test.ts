import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ, hostileBytes } from '../../../test/support/arbitraries.ts';
import { type Collected, takeCollected } from '../../../test/support/collected.ts';
import type { RowSeries } from '../../storage/rows.ts';
import { RowCollector } from '../row-collector.ts';
import { SeriesTable } from '../series-table.ts';
import { CsvDecoder } from './decoder.ts';
import { type CsvColumns, parseCsvColumns } from './import-columns.ts';

const FORMATS = ['unix_s', 'unix_ns', 'rfc3339', 'custom:Mon Jan _2 15:04:05.000 2006'].map(
  (time) =>
    parseCsvColumns(`1:time:${time},2:label:x,3:metric:a,5:metric:b,4:label:y`) as CsvColumns,
);

/** Of all runs: some meet series that are known, some do not. */
const known = FORMATS.map(
  () => new SeriesTable<readonly RowSeries[]>({ maxSeries: 4, maxKeyBytes: 100 }),
);

function decode(bytes: Uint8Array, format: number, pieceBytes: number, isFresh = false): Collected {
  const collector = new RowCollector();
  const decoder = new CsvDecoder(collector, 100, {
    columns: FORMATS[format]!,
    now: 1_700_000_000_000,
    seriesTable: isFresh ? new SeriesTable({ maxSeries: 4, maxKeyBytes: 100 }) : known[format]!,
  });
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    decoder.push(bytes.subarray(at, at + pieceBytes));
  }
  decoder.end();
  return takeCollected(collector);
}

const SEEDS = [
  '1700000000,a,1.5,b,2\n1700000001,"a,""b""",1e3,\'c\',\n,,,,\n',
  '2023-11-14T22:13:20.25Z,a,1,b,2\r\n"2023-11-14T22:13:20+01:30",a,1,b,2\n',
  'Fri Nov  6 03:04:05.067 2026,a,1,b,2\ntime,x,a,y,b\n',
  '1700000000123456789,a,9007199254740993,b,NaN\n',
].map((seed) => Buffer.from(seed));

it('reads any bytes the same, in pieces of any size and whatever it has seen before', () => {
  fc.assert(
    fc.property(
      hostileBytes(SEEDS),
      fc.nat(FORMATS.length - 1),
      fc.integer({ min: 1, max: 40 }),
      (bytes, format, pieceBytes) => {
        const whole = decode(bytes, format, Math.max(bytes.length, 1), true);
        expect(decode(bytes, format, pieceBytes)).toEqual(whole);
      },
    ),
    FUZZ,
  );
});
