// What executing a statement that reads needs, on whatever thread.

import type { Control } from '../select/control.ts';
import type { ReadScope } from '../view/index-view.ts';

export interface ReadContext {
  /** In the order of the job's `fields`; opened and closed by the caller. */
  readonly scopes: readonly ReadScope[];
  /** Most rows in a piece. */
  readonly chunkSize: number;
  /** What `now()` is. */
  readonly nowNs: bigint;
  readonly control: Control;
  readonly random: () => number;
  /** Lets other work of this thread go on, or throws if there is to be no more of this; call it often. */
  readonly breathe: () => Promise<void>;
  /** Steady, ms. */
  readonly now: () => number;
}
