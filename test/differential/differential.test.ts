// One per cent and more of `npm run test:differential`.

import { expect, test } from 'vitest';
import { currentPrometheus } from '../support/prometheus.ts';
import { type Difference, printReport, runDifferential } from './run.ts';

const peer = currentPrometheus();

test.skipIf(peer === undefined)(
  '500 random queries get the same answers as from Prometheus (10 s or so)',
  async () => {
    const differences: Difference[] = [];
    const report = await runDifferential({
      peer: peer!,
      queries: 500,
      seed: 1,
      onDifference: (difference) => differences.push(difference),
    });
    process.stdout.write(`${printReport(report)}\n`);
    expect(differences).toEqual([]);
    // A generator that asks for nothing proves nothing.
    expect(report.nonEmpty).toBeGreaterThan(200);
  },
  120_000,
);

if (peer === undefined) {
  process.stdout.write(
    'differential test skipped: there is no Prometheus 3 (see CONTRIBUTING.md)\n',
  );
}
