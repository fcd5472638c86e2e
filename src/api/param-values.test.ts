import { expect, test } from 'vitest';
import { MAX_TIME, MIN_TIME } from '../model/time-range.ts';
import { parseBoolean, parseDurationParam, parseInteger, parseTime } from './param-values.ts';

const why = (text: string): unknown => ({ why: expect.stringContaining(text) });

test.each<[text: string, t: unknown]>([
  ['0', 0],
  ['-0', 0],
  ['1435781451.781', 1435781451781],
  ['1435781451.7816', 1435781451782],
  ['1.5e3', 1_500_000],
  ['-1.0005', -1001],
  ['.5', 500],
  // Grafana's milliseconds in the place of seconds are a time in the year 52,674.
  ['1600096945479', 1600096945479000],
  ['1e300', MAX_TIME],
  ['-1e300', MIN_TIME],
  ['2015-06-03T13:21:58.555Z', 1433337718555],
  ['2015-06-03T13:21:58.5559999Z', 1433337718555],
  ['2015-06-03T14:21:58.555+01:00', 1433337718555],
  ['2015-06-03T12:51:58-00:30', 1433337718000],
  ['-292273086-05-16T16:47:06Z', MIN_TIME],
  ['292277025-08-18T07:12:54.999999999Z', MAX_TIME],
  ['', why('cannot parse "" to a valid timestamp')],
  ['yesterday', why('cannot parse "yesterday" to a valid timestamp')],
  ['30s', why('cannot parse "30s" to a valid timestamp')],
  ['2015-02-29T00:00:00Z', why('to a valid timestamp')],
  ['2015-06-03T24:00:00Z', why('to a valid timestamp')],
  ['2015-06-03t13:21:58z', why('to a valid timestamp')],
  ['2015-06-03', why('to a valid timestamp')],
])('time %s', (text, t) => {
  expect(parseTime(text)).toEqual(t);
});

test.each<[text: string, ms: unknown]>([
  ['1', 1000],
  ['0.29', 290],
  ['.333', 333],
  ['1e-9', 1e-6],
  ['1e-10', 0],
  ['-5', -5000],
  ['1h30m', 5_400_000],
  ['5ms', 5],
  ['', why('cannot parse "" to a valid duration')],
  ['5 m', why('cannot parse "5 m" to a valid duration')],
  ['-5m', why('cannot parse "-5m" to a valid duration')],
  ['1e10', why('cannot parse "1e10" to a valid duration. It overflows int64')],
])('duration %s', (text, ms) => {
  expect(parseDurationParam(text)).toEqual(ms);
});

test.each<[text: string, value: unknown]>([
  ['10', 10],
  ['+10', 10],
  ['-1', -1],
  ['007', 7],
  ['9223372036854775807', Number(2n ** 63n - 1n)],
  ['9223372036854775808', why('value out of range')],
  ['1.0', why('strconv.Atoi: parsing "1.0": invalid syntax')],
  ['', why('invalid syntax')],
])('integer %s', (text, value) => {
  expect(parseInteger(text)).toEqual(value);
});

test('truth values', () => {
  expect(['1', 't', 'True', 'TRUE'].map(parseBoolean)).toEqual([true, true, true, true]);
  expect(['0', 'F', 'false'].map(parseBoolean)).toEqual([false, false, false]);
  expect(['', 'yes', 'tRUE'].map(parseBoolean)).toEqual([undefined, undefined, undefined]);
});
