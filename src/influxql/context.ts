// What executing a statement needs.

import type { AccessControl } from './access.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { RunningStatements } from './running.ts';
import type { Control } from './select/control.ts';

export interface ExecutionContext {
  readonly catalog: Catalog;
  /** Undefined where there are no users to manage. */
  readonly access: AccessControl | undefined;
  /** Those that SHOW DATABASES may list. */
  readonly isVisible: (database: string) => boolean;
  /** Of the request; '' if it names none. */
  readonly database: string;
  readonly policy: string;
  /** Most rows in a piece. */
  readonly chunkSize: number;
  /** What `now()` is. */
  readonly nowNs: bigint;
  readonly control: Control;
  readonly running: RunningStatements;
  readonly random: () => number;
  /** Lets other work of this thread go on; call it often. */
  readonly breathe: () => Promise<void>;
  /** Of this program, for SHOW DIAGNOSTICS. */
  readonly version: string;
  readonly startedMs: number;
}
