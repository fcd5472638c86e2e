import { expect, test } from 'vitest';
import { MAX_TIME_NS, MIN_TIME_NS } from '../../protocol/influxql/index.ts';
import { nsOf } from './time.ts';
import { Windows } from './windows.ts';

const S = 1_000_000_000n;
const H = 3600n * S;

function windows(intervalNs: bigint, offsetNs = 0n, timeZone?: string): Windows {
  return new Windows({ intervalNs, offsetNs, timeZone, startNs: MIN_TIME_NS, endNs: MAX_TIME_NS });
}

test('whole milliseconds: the exact way and the fast one agree', () => {
  for (const [interval, offset] of [
    [10n * S, 0n],
    [25n * S, 5n * S],
    [25n * S, -5n * S],
    [7n * S, 3n * S],
  ] as const) {
    const fast = windows(interval, offset);
    // A zone without offset takes the exact way.
    const exact = windows(interval, offset, 'UTC');
    for (const t of [0, 1, -1, 9_999, 10_000, -10_000, 1_700_000_003_210]) {
      expect(fast.of(t)).toEqual(exact.of(t));
      const { start, end } = fast.of(t);
      expect(nsOf(end) - nsOf(start)).toBe(interval);
      expect(Number(start) <= t && t < Number(end)).toBe(true);
    }
  }
});

test('intervals below a millisecond', () => {
  expect(windows(400_000n).of(1)).toEqual({ start: 800_000n, end: 1_200_000n });
  expect(windows(500_000n).of(1)).toEqual({ start: 1, end: 1_500_000n });
});

test('without an interval there is one window, as long as the range', () => {
  const one = new Windows({
    intervalNs: 0n,
    offsetNs: 0n,
    timeZone: undefined,
    startNs: 5n,
    endNs: 2_000_000n,
  });
  expect(one.of(1)).toEqual({ start: 5n, end: 2_000_001n });
});

test('days of a zone begin at its midnight and are as long as they are', () => {
  const berlin = windows(24n * H, 0n, 'Europe/Berlin');
  const hours = (text: string): number => {
    const { start, end } = berlin.of(Date.parse(text));
    return Number(nsOf(end) - nsOf(start)) / 3.6e12;
  };
  expect(berlin.of(Date.parse('2023-07-01T12:00:00Z')).start).toBe(
    Date.parse('2023-06-30T22:00:00Z'),
  );
  expect(hours('2023-07-01T12:00:00Z')).toBe(24);
  expect(hours('2023-03-26T12:00:00Z')).toBe(23);
  expect(hours('2023-10-29T12:00:00Z')).toBe(25);
});
