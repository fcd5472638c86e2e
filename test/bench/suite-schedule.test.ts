import { expect, test } from 'vitest';
import { ProgressLine, printPosition } from '../../bench/suite/progress-line.ts';
import { Schedule } from '../../bench/suite/schedule.ts';
import { printDuration } from '../../bench/suite/table.ts';

test('before anything is measured the guesses count', () => {
  const schedule = new Schedule([100, 200, 300]);
  expect(schedule.remaining(0, 0, 0)).toBe(600);
  expect(schedule.remaining(0, 30, 0)).toBe(570);
});

test('what cells took corrects the guesses of those to come, large ones more than small ones', () => {
  const large = new Schedule([980, 100]);
  large.finish(0, 1980);
  expect(large.remaining(1, 0, 0)).toBe(200);
  const small = new Schedule([20, 100]);
  small.finish(0, 60);
  expect(small.remaining(1, 0, 0)).toBe(200);
  const unlike = new Schedule([1, 100]);
  unlike.finish(0, 10);
  expect(unlike.remaining(1, 0, 0)).toBeLessThan(150);
});

test('a cell that is well under way is judged by its own pace', () => {
  const schedule = new Schedule([100, 50]);
  expect(schedule.remaining(0, 100, 0.5)).toBe(150);
  expect(schedule.remaining(0, 10, 0.5)).toBe(60);
});

test('a cell that takes longer than guessed leaves what comes after it, never less', () => {
  const schedule = new Schedule([10, 50]);
  expect(schedule.remaining(0, 500, 0)).toBe(50);
  expect(schedule.remaining(1, 500, 0)).toBe(0);
});

test.each([
  [0.4, '0 s'],
  [99, '99 s'],
  [100, '2 min'],
  [3540, '59 min'],
  [5400, '1 h 30 min'],
  [3599, '1 h 0 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(printDuration(seconds)).toBe(text);
});

const POSITION = {
  cell: 3,
  cells: 20,
  name: 'ingest/1m',
  step: 'round 2 of 3, prometheus',
  remainingSeconds: 2460,
};

test('the line says what runs and how long it will still take', () => {
  expect(printPosition(POSITION)).toBe(
    '[3/20] ingest/1m: round 2 of 3, prometheus, about 41 min left',
  );
});

test('a terminal has one line, written over; a file has whole lines, seldom', () => {
  for (const isTTY of [true, false]) {
    let text = '';
    const target = { isTTY, write: (piece: string) => (text += piece) };
    const line = new ProgressLine(target, () => POSITION);
    line.refresh();
    line.refresh();
    line.say('done');
    line.end();
    expect(text.split('41 min left')).toHaveLength(2);
    expect(text).toContain('done\n');
    expect(text.startsWith('\r\x1b[K[3/20]')).toBe(isTTY);
  }
});
