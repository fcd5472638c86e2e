// What statements about users need. Who may run which statement is decided before they get here.

export type UserPrivilege = 'none' | 'read' | 'write' | 'all';

export interface DatabaseUser {
  readonly name: string;
  readonly isAdmin: boolean;
  /** By database. */
  readonly grants: ReadonlyMap<string, UserPrivilege>;
}

/** Users and what they may do. Every change is durable before it resolves or returns. */
export interface AccessControl {
  /** Sorted by name. */
  users(): readonly DatabaseUser[];
  /** Throws `not_found`, whose message is `user not found`. */
  existingUser(name: string): DatabaseUser;
  /**
   * Nothing happens if there is one with the same password and rights; else throws `user already exists`. With
   * `onlyAsFirst`, throws if there has come to be an administrator.
   */
  createUser(name: string, password: string, isAdmin: boolean, onlyAsFirst: boolean): Promise<void>;
  dropUser(name: string): void;
  setPassword(name: string, password: string): Promise<void>;
  setAdmin(name: string, isAdmin: boolean): void;
  setPrivilege(name: string, database: string, privilege: UserPrivilege): void;
  /** A database is gone, and with it what was granted on it. */
  databaseDropped(database: string): void;
}
