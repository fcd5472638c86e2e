import { expect, test } from 'vitest';
import { judgePace, type PacedWrite, paceOf } from './pace.ts';

/** One write a tenth of a second. */
function writes(count: number, of: (i: number) => Partial<PacedWrite> = () => ({})): PacedWrite[] {
  return Array.from({ length: count }, (_, i) => ({
    startedAt: i * 100,
    ms: 5,
    cpuMs: 1,
    waitMs: 0,
    problem: undefined,
    ...of(i),
  }));
}

const second = [[0, 1000]] as const;
const QUIET = paceOf(writes(10), second);

test('the pace is of the stretches asked for', () => {
  const stretches = [
    [0, 1000],
    [5000, 6000],
  ] as const;
  const pace = paceOf(
    writes(100, (i) => ({ ms: i })),
    stretches,
  );
  expect(pace).toMatchObject({ writes: 20, perSecond: 10, ms: { median: 9, p99: 58, max: 59 } });
});

test.each<[name: string, beside: PacedWrite[], findings: number]>([
  ['the same pace', writes(10), 0],
  ['a slower pace', writes(4), 0],
  ['hardly any', writes(2), 1],
  ['none', [], 1],
  ['long waits for a processor', writes(10, () => ({ ms: 5000, waitMs: 4990 })), 0],
  [
    'one that waits while the main thread works',
    writes(10, (i) => ({ cpuMs: i === 3 ? 200 : 1 })),
    0,
  ],
  ['one that waits too long', writes(10, (i) => ({ cpuMs: i === 3 ? 300 : 1 })), 1],
  ['all wait too long', writes(10, () => ({ cpuMs: 300 })), 2],
  ['a system that does not tell', writes(10, () => ({ cpuMs: Number.NaN })), 0],
])('beside queries: %s', (_, beside, findings) => {
  expect(judgePace(QUIET, paceOf(beside, second))).toHaveLength(findings);
});
