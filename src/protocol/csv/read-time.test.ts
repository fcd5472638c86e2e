import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ } from '../../../test/support/arbitraries.ts';
import { readTime } from './read-time.ts';
import { parseLayout, printTime } from './time-layout.ts';

const T = Date.UTC(2026, 10, 6, 3, 4, 5);

// As Go's time.Parse has them.
it.each<[layout: string, text: string, t: number]>([
  ['2006-01-02T15:04:05Z07:00', '2026-11-06T03:04:05Z', T],
  ['2006-01-02T15:04:05Z07:00', '2026-11-06T03:04:05.067Z', T + 67],
  ['2006-01-02T15:04:05Z07:00', '2026-11-06T03:04:05,5Z', T + 500],
  ['2006-01-02T15:04:05Z07:00', '2026-11-06T05:34:05+02:30', T],
  ['2006-01-02T15:04:05Z07:00', '2026-11-05T23:04:05-04:00', T],
  ['2006-01-02 15:04:05', '2026-11-06 03:04:05', T],
  ['2006-01-02 15:04:05', '2026-11-06 3:04:05', T],
  ['2006-01-02 15:04:05', '2026-11-06    03:04:05', T],
  ['2006-01-02 15:04:05.000', '2026-11-06 03:04:05.067', T + 67],
  ['2006-01-02 15:04:05.999', '2026-11-06 03:04:05', T],
  ['2006-01-02 15:04:05.999', '2026-11-06 03:04:05.1', T + 100],
  ['Mon Jan _2 15:04:05 2006', 'Fri Nov  6 03:04:05 2026', T],
  ['Monday, 02-Jan-06 15:04:05 MST', 'friday, 06-nov-26 03:04:05 UTC', T],
  ['Mon, 02 Jan 2006 15:04:05 -0700', 'Fri, 06 Nov 2026 04:04:05 +0100', T],
  ['1/2/2006 3:04:05 PM', '11/6/2026 3:04:05 PM', T + 12 * 3_600_000],
  ['1/2/2006 3:04:05 PM', '11/6/2026 12:04:05 AM', T - 3 * 3_600_000],
  ['1/2/2006 3:04pm', '11/6/2026 12:04pm', T + 9 * 3_600_000 - 5000],
  ['2006-002', '2026-310', Date.UTC(2026, 10, 6)],
  ['2006 __2', '2024  60', Date.UTC(2024, 1, 29)],
  ['2006', '2026', Date.UTC(2026, 0, 1)],
  ['02.01.06', '06.11.68', Date.UTC(2068, 10, 6)],
  ['02.01.06', '06.11.69', Date.UTC(1969, 10, 6)],
  ['2006-01-02 MST', '2026-11-06 GMT+2', Date.UTC(2026, 10, 5, 22)],
  ['2006-01-02 MST', '2026-11-06 CEST', Date.UTC(2026, 10, 6)],
  ['2006-01-02 Z070000', '2026-11-06 +010001', Date.UTC(2026, 10, 5, 22, 59, 59)],
  ['2006-01-02', '0001-01-01', -62_135_596_800_000],
])('%j reads %j', (layout, text, t) => {
  expect(readTime(parseLayout(layout), text)).toEqual({ t, isCut: false });
});

it('cuts what is below a millisecond, and says so', () => {
  const layout = parseLayout('2006-01-02T15:04:05Z07:00');
  expect(readTime(layout, '2026-11-06T03:04:05.0671Z')).toEqual({ t: T + 67, isCut: true });
  expect(readTime(layout, '2026-11-06T03:04:05.067000Z')).toEqual({ t: T + 67, isCut: false });
});

it.each([
  ['2006-01-02', '2026-13-01'],
  ['2006-01-02', '2026-00-01'],
  ['2006-01-02', '2026-02-30'],
  ['2006-01-02', '2025-02-29'],
  ['2006-01-02', '2026-1-02'],
  ['2006-01-02', '2026-01-02x'],
  ['2006-01-02', '2026-01-'],
  ['2006-01-02', ''],
  ['2006-01-02 15:04', '2026-01-0203:04'],
  ['15:04', '24:00'],
  ['15:04', '12:60'],
  ['15:04:05', '12:00:60'],
  ['3:04', '13:00'],
  ['3:04 PM', '3:04 pm'],
  ['.000', '.12'],
  ['Jan', 'Xyz'],
  ['Mon', ''],
  ['2006-002', '2026-366'],
  ['2006-002', '2026-000'],
  ['2006-002 01', '2026-310 12'],
  ['Z07:00', '+25:00'],
  ['Z07:00', '+0100'],
  ['-0700', 'Z'],
  ['MST', 'x'],
  ['MST', 'GMT+99'],
])('%j does not read %j', (layout, text) => {
  expect(readTime(parseLayout(layout), text)).toBeUndefined();
});

const LAYOUTS = [
  '2006-01-02T15:04:05.000Z07:00',
  'Mon Jan _2 15:04:05.000 2006',
  '1/2/2006 3:4:5.999 pm -07:00',
  'Monday 02 January 2006 03:04:05.000PM MST',
  '2006 002 15 4 05,000',
].map(parseLayout);

it('reads what is printed', () => {
  const year = (n: number): number => Date.UTC(n, 0, 1);
  const t = fc.integer({ min: year(1000), max: year(9999) });
  fc.assert(
    fc.property(fc.constantFrom(...LAYOUTS), t, (layout, time) => {
      expect(readTime(layout, printTime(layout, time))).toEqual({ t: time, isCut: false });
    }),
    { numRuns: 2000, seed: FUZZ.seed },
  );
});
