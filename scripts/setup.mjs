// What commands need before they can run: dependencies as the lock has them, and a build that is newer than the
// sources. Does nothing where nothing is needed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Installs and builds what is missing or out of date; ends the process where that fails. */
export function setUp() {
  install();
  const kernelStale = isStale('dist/kernel.wasm', ['kernel']);
  const sources = ['src', 'test', 'bench', 'tsconfig.json', 'scripts/build.mjs'];
  const typesStale = isStale('dist/bundle/server/main.js', sources);
  if (!kernelStale && !typesStale) return;
  const part = kernelStale && typesStale ? [] : [kernelStale ? '--kernel' : '--types'];
  run('building', [process.execPath, join(root, 'scripts/build.mjs'), ...part]);
}

/** The first half of {@link setUp}. */
export function install() {
  if (!isInstalled()) run('installing dependencies', npm(['ci', '--include=dev']));
}

/** npm writes its own copy of the lock when it has installed; git may have changed ours since. */
function isInstalled() {
  const installed = modified('node_modules/.package-lock.json');
  return installed !== undefined && installed >= modified('package-lock.json');
}

/** True if the target is missing or older than the newest of the sources. */
function isStale(target, sources) {
  const built = modified(target);
  return built === undefined || sources.some((source) => newest(join(root, source)) > built);
}

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((time, name) => Math.max(time, newest(join(path, name))), 0);
}

function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs;
}

/** npm's own program when we run under npm, so that it is found on every platform. */
function npm(args) {
  const script = process.env.npm_execpath;
  const isScript = script !== undefined && /\.c?js$/.test(script) && existsSync(script);
  return isScript ? [process.execPath, script, ...args] : ['npm', ...args];
}

function run(what, [command, ...args]) {
  process.stderr.write(`${what} …\n`);
  // The program's own output may be read by others: what set-up says goes to standard error.
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write(`${what} failed${error === undefined ? '' : `: ${error.message}`}\n`);
  process.exit(1);
}
