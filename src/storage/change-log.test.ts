import { expect, test } from 'vitest';
import { ChangeLog, METRIC_CLASSES, metricClass } from './change-log.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 1_700_000_000_000;

function logOf(
  ...marks: readonly (readonly [t: number, metric: number, seq: number])[]
): ChangeLog {
  const log = new ChangeLog();
  for (const [t, metric, seq] of marks) log.markOne(t, metric, seq);
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
  ['the sample itself', 4, NOW, NOW, [7], true],
  ['as of its own seq', 5, NOW, NOW, [7], false],
  ['another metric', 4, NOW, NOW, [8], false],
  ['one of several metrics', 4, NOW, NOW, [8, 7], true],
  ['any metric', 4, NOW, NOW, undefined, true],
  ['hours before', 4, NOW - 5 * HOUR, NOW - HOUR, [7], false],
  ['hours after', 4, NOW + HOUR, NOW + 5 * HOUR, [7], false],
  ['a range around it', 4, NOW - 9 * DAY, NOW + DAY, [7], true],
  ['days before', 4, NOW - 90 * DAY, NOW - 2 * DAY, [7], false],
  ['so long that rows are met twice', 4, NOW - 9000 * DAY, NOW, [7], true],
])('a sample at now with seq 5: %s', (_, since, minT, maxT, classes, changed) => {
  expect(logOf([NOW, 7, 5]).changedSince(since, minT, maxT, classes)).toBe(changed);
});

test('late samples are seen in days long past, and only there', () => {
  const log = logOf([NOW, 1, 1], [NOW - 40 * DAY, 7, 2]);
  expect(log.changedSince(1, NOW - 41 * DAY, NOW - 39 * DAY, [7])).toBe(true);
  expect(log.changedSince(1, NOW - 38 * DAY, NOW, [7])).toBe(false);
});

test('a change of everything is seen everywhere', () => {
  const log = logOf([NOW, 7, 5]);
  log.markAll(6);
  expect(log.changedSince(5, 0, 1, [3])).toBe(true);
  expect(log.changedSince(6, 0, NOW, undefined)).toBe(false);
});

test('columns of a write, seen through the shared buffer', () => {
  const log = new ChangeLog();
  const refs = Uint32Array.of(2, 0, 1, 1);
  const t = Float64Array.of(NOW, NOW, NOW - DAY, NOW - 50 * DAY);
  log.mark(refs, t, 3, Uint8Array.of(10, 11, 12), 9);
  const other = new ChangeLog(log.buffer);
  expect(other.changedSince(8, NOW, NOW, [12])).toBe(true);
  expect(other.changedSince(8, NOW, NOW, [10])).toBe(true);
  expect(other.changedSince(8, NOW, NOW, [11])).toBe(false);
  expect(other.changedSince(8, NOW - DAY, NOW - DAY, [11])).toBe(true);
  // Past the rows of the write.
  expect(other.changedSince(8, NOW - 51 * DAY, NOW - 49 * DAY, undefined)).toBe(false);
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
    log.markOne(t, metric, seq);
    marks.push([t, metric, seq]);
    const minT = Math.floor(NOW - next(seq % 2 === 0 ? 4 * DAY : 4000 * DAY));
    const maxT = minT + Math.floor(next(10 * DAY));
    const since = Math.floor(next(seq));
    const [, wanted] = marks[Math.floor(next(marks.length))]!;
    const touched = marks.some(
      ([at, of, when]) => when > since && at >= minT && at <= maxT && of === wanted,
    );
    if (touched) expect(log.changedSince(since, minT, maxT, [wanted])).toBe(true);
  }
});

test('classes spread metric names', () => {
  const classes = new Set(Array.from({ length: 2000 }, (_, i) => metricClass(`metric_${i}_total`)));
  expect(classes.size).toBe(METRIC_CLASSES);
});
