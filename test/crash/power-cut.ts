// `npm run test:powercut -- --cycles N --fs ext4|xfs`: cuts the power of the server's disk N times and
// audits after each; then the same with a server that does not sync, which must lose something.

import { parseArgs } from 'node:util';
import { ACTIVITIES, type Activity } from './activity.ts';
import { type FileSystemKind, powerCutGround, whyNoPowerCuts } from './disk-image.ts';
import type { Report } from './report.ts';
import { BUSY_FLAGS, runCrashCycles } from './run.ts';

/** The log reaches the disk when nobody waits for it any more, and nothing is flushed. */
const NEVER_SYNCS = ['--wal.sync=interval', '--wal.sync-interval=1h', '--wal.max-size=1GiB'];
const CONTROL_CYCLES = 3;

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '50' },
    fs: { type: 'string', default: 'ext4' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    verbose: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.fs !== 'ext4' && values.fs !== 'xfs') {
    process.stderr.write(`--fs is ext4 or xfs, not ${values.fs}\n`);
    return 2;
  }
  const reason = await whyNoPowerCuts(values.fs);
  if (reason !== undefined) {
    process.stdout.write(`skipped: ${reason}\n`);
    return 0;
  }
  process.stdout.write(`${values.cycles} power cuts on ${values.fs}, seed ${values.seed}\n`);
  const report = await cutPower(values.fs, Number(values.cycles), ACTIVITIES, BUSY_FLAGS, true);
  process.stdout.write(`${report.print()}\n`);
  if (!report.isClean) return 1;

  const flags = [...BUSY_FLAGS, ...NEVER_SYNCS];
  const control = await cutPower(values.fs, CONTROL_CYCLES, ['ingest'], flags, false);
  const { lost } = control.total;
  process.stdout.write(`control: a server that does not sync lost ${lost} acknowledged rows\n`);
  return lost > 0 ? 0 : 1;
}

function cutPower(
  fs: FileSystemKind,
  cycles: number,
  activities: readonly Activity[],
  flags: readonly string[],
  stopsAtFinding: boolean,
): Promise<Report> {
  return runCrashCycles({
    cycles,
    seed: Number(values.seed),
    newGround: () => powerCutGround(fs),
    activities,
    flags,
    cyclesPerGround: 25,
    stopsAtFinding,
    log: values.verbose ? (line) => process.stdout.write(`${line}\n`) : () => {},
  });
}
