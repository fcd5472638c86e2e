// What every bench does around its measuring: a folder of its own, bodies with a progress line, and
// programs that go when it goes.

import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createProgress } from '../src/runtime/progress.ts';
import { type Corpus, type CorpusSpec, writeCorpus } from './corpus.ts';

/** A temporary folder that is gone afterwards, however the bench ends. */
export async function withWorkFolder<T>(
  parent: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(resolve(parent), 'tidemark-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  process.once('exit', remove);
  try {
    return await work(folder);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** The bodies of a cell, ending now, in an existing empty folder. */
export function makeCorpus(
  { name, ...spec }: Omit<CorpusSpec, 'endT'> & { readonly name: string },
  folder: string,
): Corpus {
  const progress = createProgress((line) => process.stderr.write(line));
  const total = spec.series * spec.ticks;
  const corpus = writeCorpus({ ...spec, endT: Date.now() }, folder, (samples) =>
    progress.report(`${name}: making bodies, ${Math.floor((100 * samples) / total)} %`),
  );
  progress.finish();
  return corpus;
}

/** A line for the person who waits; results go to standard output. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Ends the process on a signal, so that the 'exit' handlers end servers and loaders. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
}
