import { expect, test } from 'vitest';
import { floatColumns } from '../../model/sample.ts';
import { setStaleAt } from '../../model/stale.ts';
import { CsvEncoder } from './encode.ts';
import { parseCsvFields } from './export-fields.ts';
import { parseLayout, printTime } from './time-layout.ts';

/** 2026-11-06 03:04:05.067 UTC, a Friday. */
const T = Date.UTC(2026, 10, 6, 3, 4, 5, 67);

// What Go's time.Format makes of the same layouts.
test.each<[layout: string, text: string]>([
  ['2006-01-02T15:04:05.999Z07:00', '2026-11-06T03:04:05.067Z'],
  ['2006-01-02 15:04:05.000 MST', '2026-11-06 03:04:05.067 UTC'],
  ['Mon Jan _2 15:04:05 2006', 'Fri Nov  6 03:04:05 2026'],
  ['Monday, 02-Jan-06 15:04:05 MST', 'Friday, 06-Nov-26 03:04:05 UTC'],
  ['Mon, 02 Jan 2006 15:04:05 -0700', 'Fri, 06 Nov 2026 03:04:05 +0000'],
  ['3:04PM 3:4:5pm 03', '3:04AM 3:4:5am 03'],
  ['January 2, 1 -07:00 -07 Z0700', 'November 6, 11 +00:00 +00 Z'],
  ['002 __2 06', '310 310 26'],
  ['15:04:05.00 05,0000 05.9 05.99', '03:04:05.06 05,0670 05 05.06'],
  ['_2006 Month Janet .000 .0001', '_2026 Month Janet .067 .0011'],
  ['', ''],
])('layout %j', (layout, text) => {
  expect(printTime(parseLayout(layout), T)).toBe(text);
});

test('times before 1970, at noon and midnight, and in years of one digit', () => {
  const layout = parseLayout('2006-01-02 03 PM 05.999 002');
  expect(printTime(layout, -1)).toBe('1969-12-31 11 PM 59.999 365');
  expect(printTime(layout, Date.UTC(2024, 11, 31, 12))).toBe('2024-12-31 12 PM 00 366');
  expect(printTime(layout, -62_104_060_800_000)).toBe('0002-01-01 12 AM 00 001');
});

function encoded(format: string, labels: Record<string, string>, ...values: number[]): string {
  const fields = parseCsvFields(format);
  if (typeof fields === 'string') throw new Error(fields);
  const encoder = new CsvEncoder(fields);
  const v = Float64Array.from(values);
  for (const [i, value] of values.entries()) if (value === -99) setStaleAt(v, i);
  const t = Float64Array.from(values, (_, i) => T + i);
  const parts = [...encoder.start([])];
  encoder.begin(Object.entries(labels).map(([name, value]) => ({ name, value })));
  parts.push(...encoder.add(floatColumns(t, v)), ...encoder.end([]), ...encoder.finish());
  return parts.join('');
}

test('cells as chosen, quoted where they must be; stale markers are left out', () => {
  const labels = { __name__: 'm', a: 'x,"y"\nz', b: '1' };
  const format =
    '__name__,a,c,b,__value__,__timestamp__,__timestamp__:unix_s,__timestamp__:unix_ns';
  expect(encoded(format, labels, 1.5, -99, Number.NaN, -0)).toBe(
    `${format}\n` +
      [
        [1.5, 0],
        ['NaN', 2],
        ['-0', 3],
      ]
        .map(
          ([v, i]) =>
            `m,"x,""y""\nz",,1,${v},${T + Number(i)},${Math.floor(T / 1000)},${T + Number(i)}000000\n`,
        )
        .join(''),
  );
  expect(encoded('__value__', {}, Infinity, -Infinity, 1e300)).toBe(
    '__value__\n+Inf\n-Inf\n1e+300\n',
  );
});

test('custom times hold their colons, and are quoted like anything else', () => {
  const format = '__timestamp__:custom:15:04:05;"2006",__timestamp__:rfc3339';
  expect(encoded(format, {}, 1)).toBe(
    '"__timestamp__:custom:15:04:05;""2006""",__timestamp__:rfc3339\n' +
      '"03:04:05;""2026""",2026-11-06T03:04:05.067Z\n',
  );
});

test.each(['', 'a,,b', '__timestamp__:unix', '__timestamp__:Custom:2006'])(
  'no fields: %j',
  (format) => {
    expect(typeof parseCsvFields(format)).toBe('string');
  },
);

test('many lines leave in several parts', () => {
  const encoder = new CsvEncoder([{ header: '__value__', kind: 'value' }]);
  encoder.begin([]);
  const length = 100_000;
  const columns = floatColumns(new Float64Array(length), new Float64Array(length).fill(0.125));
  const parts = [...encoder.add(columns)];
  expect(parts.length).toBeGreaterThan(5);
  expect([...parts, ...encoder.finish()].join('')).toBe('0.125\n'.repeat(length));
});
