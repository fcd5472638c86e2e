// A short run of `npm run test:crash`, and proof that its oracle does find what it looks for.

import { expect, test } from 'vitest';
import { ACTIVITIES } from './activity.ts';
import { killGround } from './ground.ts';
import { BUSY_FLAGS, runCrashCycles } from './run.ts';

const CYCLES = Number(process.env.CRASH_CYCLES ?? 20);
const SEED = Number(process.env.FUZZ_SEED ?? 1);

test(`${CYCLES} kills at random moments lose, double and invent nothing (about 40 s)`, async () => {
  const report = await runCrashCycles({
    cycles: CYCLES,
    seed: SEED,
    newGround: killGround,
    activities: ACTIVITIES,
    flags: BUSY_FLAGS,
    cyclesPerGround: 10,
    stopsAtFinding: true,
    log: () => {},
  });
  expect(report.isClean, report.print()).toBe(true);
  expect(report.total.cycles).toBe(CYCLES);
  expect(report.total.rows).toBeGreaterThan(CYCLES * 100);
}, 600_000);
