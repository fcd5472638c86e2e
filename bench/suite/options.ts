// Arguments of the whole bench.

import { AXES } from '../axes/index.ts';
import { type BenchOptions, COMMON_USAGE, listOf, parseBenchOptions } from '../options.ts';
import type { Axis } from './axis.ts';

export interface SuiteOptions extends BenchOptions {
  readonly axes: readonly Axis[];
}

const KNOWN_AXES = AXES.map(({ name }) => name).join(', ');

export const USAGE: string = `npm run bench -- [options]
Measures Tidemark beside VictoriaMetrics and Prometheus on every axis and prints one table; writes docs/benchmarks.md
where neither axes nor servers are chosen by hand. Under 90 minutes.

  --quick              small cells once, under five minutes: to see that it works, not to quote
  --axes LIST          of ${AXES.map(({ name }) => name).join(',')}
  --rounds N           repeats of every cell, interleaved (2; quick 1)
${COMMON_USAGE}`;

/** Throws an Error that says what is wrong. */
export function parseSuiteOptions(args: readonly string[]): SuiteOptions {
  const { common, own } = parseBenchOptions(args, ['axes'], { whole: 2, quick: 1 });
  const axes = own.axes === undefined ? AXES : listOf(own.axes).map(axisNamed);
  if (axes.length === 0) throw new Error(`--axes: want some of ${KNOWN_AXES}`);
  return { ...common, axes };
}

function axisNamed(name: string): Axis {
  const found = AXES.find((axis) => axis.name === name);
  if (found !== undefined) return found;
  throw new Error(`--axes: ${name} is not an axis: want some of ${KNOWN_AXES}`);
}
