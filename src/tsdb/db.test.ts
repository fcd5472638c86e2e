import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storageConformance } from '../storage/conformance.ts';
import type { Storage } from '../storage/interface.ts';
import { openTsdb } from './db.ts';
import type { TsdbOptions } from './options.ts';
import { readingSharedViews } from './testing/shared-storage.ts';

// The engine passes the suite that every backend passes: with its threads as in production, inline, and
// read through the views that other threads open.

for (const how of ['worker', 'inline', 'shared views'] as const) {
  const open = async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'tidemark-db-'));
    const options: Partial<TsdbOptions> & { dataDir: string } = {
      dataDir,
      threads: how === 'worker' ? 'worker' : 'inline',
      minFreeBytes: 0,
    };
    const openIt = async (): Promise<Storage> => {
      const opened = await openTsdb(options);
      return how === 'shared views' ? readingSharedViews(opened) : opened;
    };
    let storage = await openIt();
    return {
      storage,
      reopen: async () => {
        await storage.close();
        storage = await openIt();
        return storage;
      },
      cleanup: async () => {
        await storage.close();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  };
  // What is kept does not depend on the threads, and to start them takes most of the time.
  storageConformance(`tsdb (${how})`, open, { restarts: how !== 'worker' });
}
