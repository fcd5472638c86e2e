// Who there is: users, keys, registrations. Immutable values; a change makes new ones, so that a value in hand
// also says which version it is.

import type { Label } from '../model/labels.ts';

/** What a user may do with one database, as InfluxDB has it. */
export type Privilege = 'none' | 'read' | 'write' | 'all';
export const PRIVILEGES: readonly Privilege[] = ['none', 'read', 'write', 'all'];

export interface User {
  readonly name: string;
  /** As `password.ts` makes it. */
  readonly passwordHash: string;
  readonly isAdmin: boolean;
  /** By database. `none` remains of a privilege that was revoked. */
  readonly grants: ReadonlyMap<string, Privilege>;
  /** ms */
  readonly createdAt: number;
}

/** What a key may do with its databases; `admin` includes the others. */
export type Scope = 'read' | 'write' | 'admin';
export const SCOPES: readonly Scope[] = ['read', 'write', 'admin'];

/** All databases, those to come included. */
export const EVERY_DATABASE = '*';

export interface ApiKey {
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** One, or two while senders are being moved to the newer; the newest is the last. */
  readonly secrets: readonly KeySecret[];
  readonly scopes: readonly Scope[];
  /** Names, or {@link EVERY_DATABASE} alone. */
  readonly databases: readonly string[];
  /** ms; undefined for never */
  readonly expiresAt: number | undefined;
  readonly createdAt: number;
}

export interface KeySecret {
  /** Hexadecimal. A secret has full entropy, so that a fast hash is enough. */
  readonly sha256: string;
  readonly createdAt: number;
}

/** What a new key shall be able to do; not checked yet. */
export interface KeyRequest {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly databases: readonly string[];
  /** ms; undefined for never */
  readonly expiresAt: number | undefined;
}

/** A place to write to and to read from that was made for one sender: a database and a key of its own. */
export interface RemoteWrite {
  /** Never used again. */
  readonly id: string;
  readonly name: string;
  readonly database: string;
  readonly keyId: string;
  /** Set on every series that is written through it, over what the sender says. */
  readonly extraLabels: readonly Label[];
  /** Until it is enabled again nothing is written or read through it; key and settings stay. */
  readonly isDisabled: boolean;
  readonly createdAt: number;
}

/** What can be changed of a registration; not checked yet. */
export type RemoteWriteSettings = Pick<RemoteWrite, 'extraLabels' | 'isDisabled'>;

/** Everything that `access.json` holds. */
export interface AccessState {
  readonly users: ReadonlyMap<string, User>;
  readonly keys: ReadonlyMap<string, ApiKey>;
  /** By id. */
  readonly remoteWrites: ReadonlyMap<string, RemoteWrite>;
  /** When keys were last used, as far as it has been written down; ms by key id. */
  readonly lastUsed: ReadonlyMap<string, number>;
}

export const NO_ACCESS_STATE: AccessState = {
  users: new Map(),
  keys: new Map(),
  remoteWrites: new Map(),
  lastUsed: new Map(),
};
