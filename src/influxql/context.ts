// What executing a statement needs that is about the server rather than about data.

import type { AccessControl } from './access.ts';
import type { Catalog } from './catalog/catalog.ts';

export interface ExecutionContext {
  readonly catalog: Catalog;
  readonly access: AccessControl;
  /** There was no administrator when the request came: a user that it makes must be the first one. */
  readonly isSetup: boolean;
  /** Databases that SHOW may tell of. */
  readonly isVisible: (database: string) => boolean;
  /** Of the request; '' if it names none. */
  readonly database: string;
  readonly policy: string;
  /** What `now()` is. */
  readonly nowNs: bigint;
  /** Lets other work of this thread go on; call it often. */
  readonly breathe: () => Promise<void>;
  readonly server: ServerInfo;
}

/** What SHOW QUERIES, SHOW STATS and SHOW DIAGNOSTICS tell, and KILL QUERY changes. */
export interface ServerInfo {
  /** Those that who asks may see. */
  queries(): readonly RunningQuery[];
  /** False if there is none of that number. */
  kill(id: bigint): boolean;
  stats(): readonly InfoGroup[];
  diagnostics(): readonly InfoGroup[];
}

export interface RunningQuery {
  readonly id: number;
  readonly text: string;
  readonly database: string;
  readonly durationMs: number;
  readonly status: string;
}

/** Named values, and what they are of. */
export interface InfoGroup {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, InfoValue>>;
}

/** A time is one of ms. */
export type InfoValue = string | number | boolean | { readonly time: number };
