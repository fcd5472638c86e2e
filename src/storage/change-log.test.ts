import { expect, test } from 'vitest';
import { ChangeLog, METRIC_CLASSES, metricClass } from './change-log.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 1_700_000_000_000;

/** Changes in order, with seqs from 1. */
function logOf(...marks: readonly (readonly [t: number, metric: number])[]): ChangeLog {
  const log = new ChangeLog();
  for (const [t, metric] of marks) log.markOne(t, metric);
  return log;
}

test.each<
  [
    name: string,
    since: number,
    minT: number,
    maxT: number,
    classes: number[] | undefined,
    changed: boolean,
  ]
>([
  ['the sample itself', 0, NOW, NOW, [7], true],
  ['as of its own seq', 1, NOW, NOW, [7], false],
  ['another metric', 0, NOW, NOW, [8], false],
  ['one of several metrics', 0, NOW, NOW, [8, 7], true],
  ['any metric', 0, NOW, NOW, undefined, true],
  ['hours before', 0, NOW - 5 * HOUR, NOW - HOUR, [7], false],
  ['hours after', 0, NOW + HOUR, NOW + 5 * HOUR, [7], false],
  ['a range around it', 0, NOW - 9 * DAY, NOW + DAY, [7], true],
  ['days before', 0, NOW - 90 * DAY, NOW - 2 * DAY, [7], false],
  ['so long that rows are met twice', 0, NOW - 9000 * DAY, NOW, [7], true],
])('a sample at now: %s', (_, since, minT, maxT, classes, changed) => {
  const first = logOf([NOW, 7]).firstChange(since, minT, maxT, classes);
  expect(first < Number.POSITIVE_INFINITY).toBe(changed);
  expect(first).toSatisfy((t) => !changed || (t as number) <= NOW);
});

test('late samples are seen in days long past, and only there', () => {
  const log = logOf([NOW, 1], [NOW - 40 * DAY, 7]);
  expect(log.firstChange(1, NOW - 41 * DAY, NOW - 39 * DAY, [7])).toBeLessThan(
    Number.POSITIVE_INFINITY,
  );
  expect(log.firstChange(1, NOW - 38 * DAY, NOW, [7])).toBe(Number.POSITIVE_INFINITY);
});

test('the first change tells from when on results may differ', () => {
  const log = logOf([NOW, 7], [NOW - 3 * HOUR, 7], [NOW - HOUR, 7]);
  const bucket = Math.floor((NOW - 3 * HOUR) / 300_000) * 300_000;
  expect(log.firstChange(1, NOW - DAY, NOW, [7])).toBe(bucket);
  expect(log.firstChange(1, NOW - 3 * HOUR, NOW, [7])).toBe(NOW - 3 * HOUR);
});

test('a change of everything is seen everywhere', () => {
  const log = logOf([NOW, 7]);
  log.markAll();
  expect(log.firstChange(1, 0, 1, [3])).toBe(Number.NEGATIVE_INFINITY);
  expect(log.firstChange(2, 0, NOW, undefined)).toBe(Number.POSITIVE_INFINITY);
});

test('columns of a write, seen through the shared buffer', () => {
  const log = new ChangeLog();
  const refs = Uint32Array.of(2, 0, 1, 1);
  const t = Float64Array.of(NOW, NOW, NOW - DAY, NOW - 50 * DAY);
  log.mark(refs, t, 3, Uint8Array.of(10, 11, 12));
  expect(log.seq).toBe(1);
  const other = new ChangeLog(log.buffer, log.id);
  expect(other.firstChange(0, NOW, NOW, [12])).toBeLessThan(Number.POSITIVE_INFINITY);
  expect(other.firstChange(0, NOW, NOW, [10])).toBeLessThan(Number.POSITIVE_INFINITY);
  expect(other.firstChange(0, NOW, NOW, [11])).toBe(Number.POSITIVE_INFINITY);
  expect(other.firstChange(0, NOW - DAY, NOW - DAY, [11])).toBeLessThan(Number.POSITIVE_INFINITY);
  // Past the rows of the write.
  expect(other.firstChange(0, NOW - 51 * DAY, NOW - 49 * DAY, undefined)).toBe(
    Number.POSITIVE_INFINITY,
  );
});

test('random changes: never said to be unchanged', () => {
  const log = new ChangeLog();
  const marks: (readonly [t: number, metric: number, seq: number])[] = [];
  let random = 12_345;
  const next = (below: number): number => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    return (random / 2 ** 32) * below;
  };
  for (let seq = 1; seq <= 300; seq++) {
    const t = Math.floor(NOW - (next(2) < 1 ? next(4 * DAY) : next(3000 * DAY)));
    const metric = Math.floor(next(METRIC_CLASSES));
    log.markOne(t, metric);
    marks.push([t, metric, seq]);
    const minT = Math.floor(NOW - next(seq % 2 === 0 ? 4 * DAY : 4000 * DAY));
    const maxT = minT + Math.floor(next(10 * DAY));
    const since = Math.floor(next(seq));
    const [, wanted] = marks[Math.floor(next(marks.length))]!;
    const touched = marks.filter(
      ([at, of, when]) => when > since && at >= minT && at <= maxT && of === wanted,
    );
    const firstT = Math.min(...touched.map(([at]) => at));
    expect(log.firstChange(since, minT, maxT, [wanted])).toBeLessThanOrEqual(firstT);
  }
});

test('classes spread metric names', () => {
  const classes = new Set(Array.from({ length: 2000 }, (_, i) => metricClass(`metric_${i}_total`)));
  expect(classes.size).toBe(METRIC_CLASSES);
});
