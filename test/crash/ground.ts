// What a server stands on and how it is taken away: its process killed, or its disk's power cut.

import { join } from 'node:path';
import type { App } from '../support/app.ts';
import { removeFolder, temporaryFolder } from '../support/child.ts';

export interface Ground {
  /** Empty at first; never used again after {@link remove}. */
  readonly dataDir: string;
  /**
   * Ends the server as the catastrophe does; afterwards it can be started again on what is left. Where
   * the server survives the blow for a while, `struck` is called at that moment: what it says afterwards
   * does not count.
   */
  strike(app: App, struck: () => void): Promise<void>;
  /** Releases everything. Idempotent. */
  remove(): void;
}

/** A folder; the catastrophe is SIGKILL. What was written stays in the page cache. */
export function killGround(): Ground {
  const folder = temporaryFolder('crash');
  return {
    dataDir: join(folder, 'data'),
    strike: async (app) => {
      await app.kill();
    },
    remove: () => removeFolder(folder),
  };
}
