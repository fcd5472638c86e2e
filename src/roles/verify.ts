// `tidemark verify`: checks every checksum in a data folder and says what is whole.

import { createProgress } from '../runtime/progress.ts';
import { verifyData } from '../tsdb/verify.ts';

/** True if everything is whole. Damage is listed on standard output, progress on standard error. */
export async function verify(dataDir: string): Promise<boolean> {
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
