// Who makes a request, and what that one may do.

import { type ApiKey, EVERY_DATABASE, type Privilege, type User } from './model.ts';

/** What can be done with a database: `admin` is to delete from it and to change its settings. */
export type DatabaseRight = 'read' | 'write' | 'admin';

export interface Principal {
  /** `anyone`: there is no authentication. `nobody`: there is, but no administrator yet. */
  readonly kind: 'user' | 'key' | 'anyone' | 'nobody';
  /** Name of the user or id of the key; '' for nobody in particular. */
  readonly name: string;
  /** May do everything with all databases, users and keys. */
  readonly isAdmin: boolean;
  /** The database of requests that name none, where it is not `default`. */
  readonly homeDatabase: string | undefined;
  may(right: DatabaseRight, database: string): boolean;
  /** True if that holds for every database, those to come included. */
  mayEverywhere(right: DatabaseRight): boolean;
}

export const ANYONE: Principal = {
  kind: 'anyone',
  name: '',
  isAdmin: true,
  homeDatabase: undefined,
  may: () => true,
  mayEverywhere: () => true,
};

export const NOBODY: Principal = {
  kind: 'nobody',
  name: '',
  isAdmin: false,
  homeDatabase: undefined,
  may: () => false,
  mayEverywhere: () => false,
};

const ALLOWED_BY: Readonly<Record<DatabaseRight, readonly Privilege[]>> = {
  read: ['read', 'all'],
  write: ['write', 'all'],
  // As in InfluxDB, ALL is to read and to write.
  admin: [],
};

export function userPrincipal({ name, isAdmin, grants }: User): Principal {
  return {
    kind: 'user',
    name,
    isAdmin,
    homeDatabase: undefined,
    may: (right, database) => isAdmin || ALLOWED_BY[right].includes(grants.get(database) ?? 'none'),
    mayEverywhere: () => isAdmin,
  };
}

/** Of a key that has not expired. */
export function keyPrincipal({ id, scopes, databases }: ApiKey): Principal {
  const isEverywhere = databases.includes(EVERY_DATABASE);
  const includes = (right: DatabaseRight): boolean =>
    scopes.includes(right) || scopes.includes('admin');
  return {
    kind: 'key',
    name: id,
    isAdmin: isEverywhere && scopes.includes('admin'),
    homeDatabase: databases.length === 1 && !isEverywhere ? databases[0] : undefined,
    may: (right, database) => includes(right) && (isEverywhere || databases.includes(database)),
    mayEverywhere: (right) => isEverywhere && includes(right),
  };
}

/** The same one through a listener that lets nothing but reads, or nothing but writes, through. */
export function restrict(principal: Principal, to: 'read' | 'write'): Principal {
  return {
    ...principal,
    isAdmin: false,
    may: (right, database) => right === to && principal.may(right, database),
    mayEverywhere: (right) => right === to && principal.mayEverywhere(right),
  };
}
