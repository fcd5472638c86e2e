// Prometheus' own acceptance tests of PromQL. Their files are not part of the repository: where they
// are absent this says so and skips; `cases.test.ts` always runs.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { parseFile } from './parse-file.ts';
import { runFile } from './run-file.ts';

const FOLDER = new URL('../../../shared/conformance/promqltest/', import.meta.url);
const TOTAL = 2214;

if (existsSync(FOLDER)) {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.test'));
  let passed = 0;

  test.each(files)('%s', async (name) => {
    const commands = parseFile(readFileSync(new URL(name, FOLDER), 'utf8'));
    const outcomes = await runFile(commands);
    const failed = outcomes.filter(({ problem }) => problem !== undefined);
    passed += outcomes.length - failed.length;
    const report = failed.map(
      ({ line, query, problem }) => `${name}:${line} ${query}\n  ${problem}`,
    );
    expect(report.join('\n'), `${failed.length} of ${outcomes.length} fail`).toBe('');
  });

  afterAll(() => {
    console.log(`PromQL conformance: ${passed} of ${TOTAL} evaluations pass`);
  });

  test('every evaluation is there', () => {
    const evaluations = files.flatMap((name) =>
      parseFile(readFileSync(new URL(name, FOLDER), 'utf8')).filter(({ kind }) => kind === 'eval'),
    );
    expect(evaluations).toHaveLength(TOTAL);
  });
} else {
  console.log(`PromQL conformance: skipped, there is no ${FOLDER.pathname}`);
  test.skip('Prometheus’ acceptance tests (not on this machine)');
}
