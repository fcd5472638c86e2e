// Users and keys of a server: settings → an AccessStore.

import { join } from 'node:path';
import { AccessStore } from '../access/index.ts';
import type { Settings } from '../config/settings.ts';
import { systemClock } from '../runtime/clock.ts';
import { nodeFileSystem } from '../runtime/file-system.ts';
import type { Logger } from '../runtime/log.ts';

/** In the data folder. */
export const ACCESS_FILE = 'access.json';

/** Reads the data folder's file. Nothing is written before the folder is ours. Throws ACCESS_FILE. */
export function openAccess(settings: Settings, logger: Logger): AccessStore {
  const access = new AccessStore({
    file: { fileSystem: nodeFileSystem, path: join(settings.data, ACCESS_FILE) },
    clock: systemClock,
    isRequired: settings.auth,
  });
  if (settings.auth && access.needsFirstAdmin()) {
    logger.log('warn', 'there is no administrator yet: whoever comes first can make one', {
      command: 'tidemark users create NAME --admin',
    });
  }
  return access;
}
