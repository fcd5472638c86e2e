// A fortieth of `npm run test:differential`.

import { expect, test } from 'vitest';
import { currentPrometheus } from '../support/prometheus.ts';
import { type Difference, printReport, runDifferential } from './run.ts';

const QUERIES = 500;

const peer = currentPrometheus();

test.skipIf(peer === undefined)(
  `${QUERIES} random queries get the same answers as from Prometheus (15 s or so)`,
  async () => {
    const differences: Difference[] = [];
    const report = await runDifferential({
      peer: peer!,
      queries: QUERIES,
      seed: 1,
      onDifference: (difference) => differences.push(difference),
    });
    process.stdout.write(`Prometheus ${peer!.version}: ${printReport(report)}\n`);
    expect(differences).toEqual([]);
    // A generator that asks for nothing proves nothing.
    expect(report.nonEmpty).toBeGreaterThan(QUERIES / 2);
  },
  120_000,
);

if (peer === undefined) {
  process.stdout.write(
    'differential test skipped: there is no Prometheus 3 (see CONTRIBUTING.md)\n',
  );
}
