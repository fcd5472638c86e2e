// Builds everything into dist/: the WASM kernel (kernel/*.ts by AssemblyScript), all modules (src/, test/, bench/ by
// tsc), and of those the program (by rolldown). `--kernel` builds the first alone, `--types` the others.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

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
if (only !== '--kernel') {
  node('typescript/bin/tsc', ['-p', '.']);
  await joinModules();
}

/**
 * Joins the modules of the program and of each of its threads: to find, open and link some 800 files took 1 s of the
 * 2 s of a start, and half a second on each thread. Packages stay where npm has put them.
 */
async function joinModules() {
  const from = join(root, 'dist/src');
  // As deep as dist/src/codec, so that the kernel is found from here as well.
  const dir = join(root, 'dist/bundle/server');
  const entries = [
    'cli/main',
    'roles/query-worker',
    'tsdb/wal/log-worker',
    'tsdb/maintenance/worker',
    'tsdb/replay/scan-worker',
  ];
  const bundle = await rolldown({
    // Named as they are in the sources, and side by side: that is where startWorker looks.
    input: Object.fromEntries(entries.map((entry) => [basename(entry), join(from, `${entry}.js`)])),
    platform: 'node',
    external: /^[^./]/,
  });
  rmSync(dir, { recursive: true, force: true });
  await bundle.write({ dir, format: 'esm', entryFileNames: '[name].js' });
  await bundle.close();
}
