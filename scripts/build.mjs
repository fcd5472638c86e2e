// Builds everything into dist/: the WASM kernel (kernel/*.ts by AssemblyScript) and the server
// (src/, test/, bench/ by tsc). `--kernel` and `--types` build one of the two.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const only = process.argv[2];

/** @param {string} script @param {string[]} args */
function node(script, args) {
  const run = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (run.status !== 0) process.exit(run.status ?? 1);
}

mkdirSync(join(root, 'dist'), { recursive: true });
if (only !== '--types') {
  node('assemblyscript/bin/asc.js', [
    'kernel/index.ts',
    '-O3',
    '--noAssert',
    '--enable',
    'simd',
    '--enable',
    'threads',
    '--sharedMemory',
    '--importMemory',
    '--initialMemory',
    '2',
    '--maximumMemory',
    '65535',
    '--runtime',
    'stub',
    // Vectors in functions that files of the kernel export to each other: none leaves the module.
    '--disableWarning',
    '112',
    '-o',
    'dist/kernel.wasm',
  ]);
}
if (only !== '--kernel') node('typescript/bin/tsc', ['-p', '.']);
