// `tidemark verify`: checks every checksum in a data folder and says what is whole.

import { createProgress } from '../runtime/progress.ts';

/** What the engine finds in a data folder, file by file. */
type DataVerifier = (
  dataDir: string,
) => AsyncIterable<{ readonly path: string; readonly ok: boolean; readonly message: string }>;

/** Loaded when it is needed, as it brings the whole engine with it. */
const VERIFIER_MODULE: string = '../tsdb/verify.js';

/** True if everything is whole. Damage is listed on standard output, progress on standard error. */
export async function verify(dataDir: string): Promise<boolean> {
  const { verifyData } = (await import(VERIFIER_MODULE)) as { verifyData: DataVerifier };
  const progress = createProgress((line) => process.stderr.write(line));
  let files = 0;
  let damaged = 0;
  for await (const { path, ok, message } of verifyData(dataDir)) {
    files++;
    if (!ok) {
      damaged++;
      process.stdout.write(`damaged ${path}: ${message}\n`);
    }
    progress.report(`${files} files checked, ${damaged} damaged`);
  }
  progress.finish();
  process.stdout.write(`${files} files checked, ${files - damaged} whole, ${damaged} damaged\n`);
  return damaged === 0;
}
