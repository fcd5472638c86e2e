// Holds the rules of dependencies: exact versions, a lock that matches package.json, no install
// scripts, no addresses of registries.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

/** Packages for one platform that ours never installs; their scripts do not run anywhere else. */
const TOLERATED_SCRIPTS = new Set(['node_modules/fsevents']);

const problems = [];
for (const field of ['dependencies', 'devDependencies', 'overrides']) {
  for (const [name, version] of Object.entries(manifest[field] ?? {})) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
      problems.push(`package.json: ${field}.${name} is ${version}, want an exact version`);
    }
    const locked = lock.packages[`node_modules/${name}`]?.version;
    if (locked !== version) {
      problems.push(`package-lock.json: ${name} is ${locked ?? 'missing'}, want ${version}`);
    }
  }
}
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '') continue;
  if (entry.hasInstallScript && !TOLERATED_SCRIPTS.has(path)) {
    problems.push(`package-lock.json: ${path} runs a script when it is installed`);
  }
  if (entry.resolved !== undefined) {
    problems.push(`package-lock.json: ${path} names where it came from (${entry.resolved})`);
  }
  if (entry.integrity === undefined && entry.link !== true) {
    problems.push(`package-lock.json: ${path} has no checksum`);
  }
}
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
