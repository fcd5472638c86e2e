// `npm run bench`: Tidemark beside VictoriaMetrics and Prometheus on every axis, and one table at the end.

import { type Bench, runBench } from './bench-run.ts';
import type { AxisCellResult } from './suite/axis.ts';
import { parseSuiteOptions, type SuiteOptions, USAGE } from './suite/options.ts';
import { renderSuiteSection } from './suite/page-section.ts';
import { runAxes } from './suite/run-axes.ts';
import { renderSuite } from './suite/table.ts';

const BENCH: Bench<SuiteOptions, AxisCellResult> = {
  name: 'all',
  usage: USAGE,
  parse: parseSuiteOptions,
  isIncluded: () => true,
  measure: ({ axes, quick, rounds }, kinds, folder, keep) => {
    const scale = quick ? 'quick' : 'whole';
    return runAxes({ axes, scale, rounds, kinds, folder, target: process.stderr }, keep);
  },
  isFaulty: ({ problems }) => problems.length > 0,
  render: renderSuite,
  renderSection: renderSuiteSection,
};

await runBench(BENCH, process.argv.slice(2));
