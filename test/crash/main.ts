// `npm run test:crash -- --cycles N`: kills the server N times at random moments and audits after each.

import { parseArgs } from 'node:util';
import { ACTIVITIES } from './activity.ts';
import { killGround } from './ground.ts';
import { BUSY_FLAGS, runCrashCycles } from './run.ts';

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    flags: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
process.stdout.write(`${values.cycles} cycles, seed ${seed}\n`);
const report = await runCrashCycles({
  cycles: Number(values.cycles),
  seed,
  newGround: killGround,
  activities: ACTIVITIES,
  flags: [...BUSY_FLAGS, ...values.flags.split(' ').filter((flag) => flag !== '')],
  cyclesPerGround: 25,
  stopsAtFinding: true,
  log: values.verbose ? (line) => process.stdout.write(`${line}\n`) : () => {},
});
process.stdout.write(`${report.print()}\n`);
process.exitCode = report.isClean ? 0 : 1;
