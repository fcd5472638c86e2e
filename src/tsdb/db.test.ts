import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storageConformance } from '../storage/conformance.ts';
import { openTsdb } from './db.ts';
import type { TsdbOptions } from './options.ts';

// The engine passes the suite that every backend passes, with its threads as in production and inline.

for (const threads of ['worker', 'inline'] as const) {
  const open = async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'tidemark-db-'));
    const options: Partial<TsdbOptions> & { dataDir: string } = {
      dataDir,
      threads,
      minFreeBytes: 0,
    };
    let storage = await openTsdb(options);
    return {
      storage,
      reopen: async () => {
        await storage.close();
        storage = await openTsdb(options);
        return storage;
      },
      cleanup: async () => {
        await storage.close();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  };
  storageConformance(`tsdb (${threads})`, open);
}
