// `npm run test:hostile -- --monsters N --seed S`: hostile queries against a server held to 1 GiB.

import { parseArgs } from 'node:util';
import { createProgress } from '../../src/runtime/progress.ts';
import { printHostileReport, runHostile } from './run.ts';

const { values } = parseArgs({
  options: {
    monsters: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
});
const progress = createProgress((line) => process.stderr.write(line));
const report = await runHostile({
  monsters: Number(values.monsters),
  seed: Number(values.seed),
  memoryBytes: 2 ** 30,
  quietMs: 30_000,
  onProgress: (done) => progress.report(`${done} of ${values.monsters} monsters`),
});
progress.finish();
process.stdout.write(`seed ${values.seed}: ${printHostileReport(report)}\n`);
process.exitCode = report.findings.length === 0 ? 0 : 1;
