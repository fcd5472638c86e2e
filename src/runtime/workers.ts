// Starts worker threads. Node 20 cannot run .ts in a worker, so code that itself runs from src/ (as
// under vitest) gets its workers from the built dist/: joined, as the program has them, or as modules.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts the module that `specifier` (`./x.ts`) names as seen from `importer` (its
 * `import.meta.url`). Throws if the project has not been built.
 */
export function startWorker(
  specifier: string,
  importer: string,
  options: WorkerOptions = {},
): Worker {
  const url = workerUrl(specifier, importer);
  if (!existsSync(fileURLToPath(url))) {
    throw new Error(`${fileURLToPath(url)} is missing: run 'npm run build'`);
  }
  return new Worker(url, options);
}

function workerUrl(specifier: string, importer: string): URL {
  const script = specifier.replace(/\.ts$/, '.js');
  if (!importer.endsWith('.ts')) return new URL(script, importer);
  const path = new URL(script, importer).href;
  const source = path.lastIndexOf('/src/');
  const dist = new URL(`${path.slice(0, source)}/dist/`);
  const joined = new URL(`bundle/server/${script}`, dist);
  return existsSync(fileURLToPath(joined)) ? joined : new URL(`.${path.slice(source)}`, dist);
}
