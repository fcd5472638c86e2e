// `npm run check`: types, lint and format, layers, lock, all at once.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { install, root } from './setup.mjs';

install();

// What is known of files that have not changed since the last time.
const KNOWN_TYPES = 'node_modules/.cache/tidemark/types.tsbuildinfo';

const checks = [
  [
    'types',
    'node_modules/typescript/bin/tsc',
    ['--noEmit', '-p', '.', '--incremental', '--tsBuildInfoFile', KNOWN_TYPES],
  ],
  ['lint', 'node_modules/@biomejs/biome/bin/biome', ['check', '.']],
  ['layers', 'scripts/check-layers.mjs', []],
  ['lock', 'scripts/check-lock.mjs', []],
];

const results = await Promise.all(checks.map(runCheck));
for (const { name, ok, output } of results) {
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name}\n`);
  if (!ok) process.stdout.write(`${output.trimEnd()}\n`);
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

function runCheck([name, script, args]) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, script), ...args], { cwd: root });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output += data;
      });
    }
    child.on('error', (error) => resolve({ name, ok: false, output: error.message }));
    child.on('close', (code) => resolve({ name, ok: code === 0, output }));
  });
}
