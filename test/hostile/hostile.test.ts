// One per cent of `npm run test:hostile`.

import { expect, test } from 'vitest';
import { Random } from '../support/random.ts';
import { monsters } from './monsters.ts';
import { printHostileReport, runHostile } from './run.ts';

test('100 hostile queries kill nothing and hold up nobody (a minute)', async () => {
  const report = await runHostile({ monsters: 100, seed: 1, memoryBytes: 2 ** 30, quietMs: 3000 });
  process.stdout.write(`${printHostileReport(report)}\n`);
  expect(report.findings).toEqual([]);
  expect(report.monsters).toBe(100);
  expect(report.peakAnonymousBytes).toBeLessThan(2 ** 30);
  expect(report.beside.writes).toBeGreaterThan(10);
}, 180_000);

test('a seed gives the same monsters again', () => {
  const take = (): string[] => {
    const horde = monsters(new Random(7), 1_700_000_000);
    return Array.from({ length: 100 }, () => JSON.stringify(horde.next().value));
  };
  expect(take()).toEqual(take());
});
