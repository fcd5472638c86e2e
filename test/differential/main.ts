// `npm run test:differential -- --queries N --seed S`: random queries to Prometheus and to Tidemark.

import { parseArgs } from 'node:util';
import { createProgress } from '../../src/runtime/progress.ts';
import { currentPrometheus } from '../support/prometheus.ts';
import { printReport, runDifferential } from './run.ts';

const { values } = parseArgs({
  options: {
    queries: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
  },
});
const peer = currentPrometheus();
if (peer === undefined) {
  process.stderr.write('no Prometheus 3 on PATH, in $TIDEMARK_PEERS or in the cache of peers\n');
  process.exit(2);
}
const progress = createProgress((line) => process.stderr.write(line));
const queries = Number(values.queries);
const report = await runDifferential({
  peer,
  queries,
  seed: Number(values.seed),
  onDifference: ({ query, times, delayedNameRemoval, what }) =>
    process.stdout.write(
      `${query}\n  ${new URLSearchParams(times)}${delayedNameRemoval ? ' delayed name removal' : ''}\n  ${what}\n`,
    ),
  onProgress: (done) => progress.report(`${done} of ${queries} queries`),
});
progress.finish();
process.stdout.write(`seed ${values.seed}, Prometheus ${peer.version}: ${printReport(report)}\n`);
process.exitCode = report.different === 0 ? 0 : 1;
