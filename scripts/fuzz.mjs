// `npm run test:fuzz [-- --runs N --seed S NAME…]`: the suites that feed hostile bytes to decoders, one
// after another with N mutated inputs each (a million, where `npm test` has 1 % of it).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { root, setUp } from './setup.mjs';

const USAGE = `usage: npm run test:fuzz -- [--runs N] [--seed S] [NAME…]

  --runs N   mutated inputs of each fuzz test (1000000)
  --seed S   another seed, another million (1)
  NAME       only suites whose path contains one of these
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const seed = Number(values.seed);
if (values.help || !(Number.isSafeInteger(runs) && runs > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write(USAGE);
  process.exit(values.help ? 0 : 2);
}

setUp();
const suites = ['src', 'test']
  .flatMap((folder) => testFiles(join(root, folder)))
  .filter(isFuzzSuite)
  .map((file) => relative(root, file))
  .filter((name) => positionals.length === 0 || positionals.some((part) => name.includes(part)));
if (suites.length === 0) {
  process.stderr.write(`no fuzz suite is called ${positionals.join(' or ')}\n`);
  process.exit(2);
}

const started = performance.now();
const failed = [];
let passedTests = 0;
for (const [i, suite] of suites.entries()) {
  process.stdout.write(`${i + 1}/${suites.length} ${suite} `);
  const { passed, problems, seconds } = run(suite);
  passedTests += passed;
  if (problems.length > 0) failed.push(suite);
  const verdict = problems.length === 0 ? 'passed' : 'FAILED';
  process.stdout.write(`${verdict}, ${passed} tests, ${seconds.toFixed(0)} s\n`);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
}
const seconds = ((performance.now() - started) / 1000).toFixed(0);
const tail = failed.length === 0 ? '' : ` (${failed.join(', ')})`;
process.stdout.write(
  `${suites.length - failed.length} suites passed, ${failed.length} failed${tail}: ` +
    `${passedTests} tests, ${runs} inputs each, seed ${seed}, ${seconds} s\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

/** A suite of which the number of runs grows with FUZZ_RUNS, by itself or by the shared settings. */
function isFuzzSuite(file) {
  return /\bFUZZ(_RUNS)?\b/.test(readFileSync(file, 'utf8'));
}

function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

/** Runs one suite. A crash of its process counts as a problem, as does a hang past its time limit. */
function run(suite) {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-fuzz-'));
  const report = join(folder, 'report.json');
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, 'run', suite, '--testTimeout=0', '--reporter=json', `--outputFile=${report}`],
    {
      cwd: root,
      env: { ...process.env, FUZZ_RUNS: String(runs), FUZZ_SEED: String(seed) },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      // Some 100 times what it should take: only a hang gets there.
      timeout: 600_000 + runs * 50,
      killSignal: 'SIGKILL',
    },
  );
  const seconds = (performance.now() - begun) / 1000;
  try {
    const { testResults, numPassedTests } = JSON.parse(readFileSync(report, 'utf8'));
    const problems = testResults.flatMap(({ assertionResults, message }) => [
      ...(message ? [message] : []),
      ...assertionResults.flatMap(({ fullName, failureMessages }) =>
        failureMessages.map((failure) => `${fullName}: ${failure}`),
      ),
    ]);
    if (status !== 0 && problems.length === 0) problems.push(`ended with status ${status}`);
    return { passed: numPassedTests, problems, seconds };
  } catch {
    return { passed: 0, problems: [`${stdout}${stderr}`], seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
