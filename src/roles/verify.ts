// `tidemark verify`: checks every checksum in a data folder and says what is whole.

import { join } from 'node:path';
import { AccessStore } from '../access/index.ts';
import { systemClock } from '../runtime/clock.ts';
import { errorMessage } from '../runtime/error.ts';
import { nodeFileSystem } from '../runtime/file-system.ts';
import { createProgress } from '../runtime/progress.ts';
import { verifyData } from '../tsdb/verify.ts';
import { ACCESS_FILE } from './open-access.ts';

/** True if everything is whole. Damage is listed on standard output, progress on standard error. */
export async function verify(dataDir: string): Promise<boolean> {
  const progress = createProgress((line) => process.stderr.write(line));
  let files = 0;
  let damaged = 0;
  const check = (path: string, problem: string | undefined): void => {
    files++;
    if (problem !== undefined) {
      damaged++;
      process.stdout.write(`damaged ${path}: ${problem}\n`);
    }
    progress.report(`${files} files checked, ${damaged} damaged`);
  };
  for await (const { path, ok, message } of verifyData(dataDir)) {
    check(path, ok ? undefined : message);
  }
  const path = join(dataDir, ACCESS_FILE);
  if (nodeFileSystem.exists(path)) check(path, accessProblem(path));
  progress.finish();
  process.stdout.write(`${files} files checked, ${files - damaged} whole, ${damaged} damaged\n`);
  return damaged === 0;
}

/** What is wrong with the file of users and keys, if something is. */
function accessProblem(path: string): string | undefined {
  try {
    const file = { fileSystem: nodeFileSystem, path };
    new AccessStore({ file, clock: systemClock, isRequired: true });
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}
