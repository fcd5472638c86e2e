// What a result was measured on.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The repository's folder, from bench/ and from dist/bench/ alike. */
export function repositoryFolder(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? '..' : '../..', here));
}

/** Facts about the machine, one a line; `folder` is where the servers keep their data. */
export function describeMachine(folder: string): string[] {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown CPU'}, ${memory} GiB of memory`,
    `Linux ${release()}, data on ${fileSystemOf(folder)}`,
    `Node ${process.version}`,
  ];
}

/** Type of the file system that holds a folder, as /proc/mounts names it. */
export function fileSystemOf(folder: string): string {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, at]) => at !== undefined && isInside(folder, at))
    .sort(([, a], [, b]) => b!.length - a!.length);
  return mounts[0]?.[2] ?? 'unknown';
}

function isInside(folder: string, mount: string): boolean {
  return folder === mount || folder.startsWith(mount.endsWith('/') ? mount : `${mount}/`);
}

/** The commit, with a plus if files differ from it. */
export function describeCommit(): string {
  const git = (...args: string[]): string =>
    spawnSync('git', args, { cwd: repositoryFolder(), encoding: 'utf8' }).stdout?.trim() ?? '';
  const commit = git('rev-parse', '--short=12', 'HEAD');
  if (commit === '') return 'unknown';
  return git('status', '--porcelain', '--', 'src', 'kernel') === '' ? commit : `${commit}+`;
}
