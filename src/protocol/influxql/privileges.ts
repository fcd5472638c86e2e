// What a statement needs its user to be allowed, as InfluxDB has it. Whether a user is, others decide.

import type { SelectStatement, Source, Statement } from './ast.ts';

export type RequiredPrivilege =
  /** To be an administrator. */
  | { readonly kind: 'admin' }
  | {
      readonly kind: 'database';
      readonly privilege: 'READ' | 'WRITE';
      /** '' for the request's database. */
      readonly database: string;
    };

const ADMIN: readonly RequiredPrivilege[] = [{ kind: 'admin' }];

/** In the order in which they are checked; none for what everybody may. */
export function requiredPrivileges(statement: Statement): readonly RequiredPrivilege[] {
  switch (statement.kind) {
    case 'select':
      return ofSelect(statement);
    case 'explain':
      return ofSelect(statement.select);
    case 'show databases':
      // Everybody may ask; the answer leaves out what the user may not see.
      return [];
    case 'show series':
    case 'show measurements':
    case 'show tag keys':
    case 'show tag values':
    case 'show field keys':
    case 'show retention policies':
      return [read(statement.database)];
    case 'show continuous queries':
    case 'show queries':
      return [read('')];
    case 'show series cardinality':
    case 'show measurement cardinality':
      return statement.isExact
        ? inDatabase(ofSources(statement.sources), statement.database)
        : [read(statement.database)];
    case 'show tag key cardinality':
    case 'show tag values cardinality':
    case 'show field key cardinality':
      return inDatabase(ofSources(statement.sources), statement.database);
    case 'delete':
    case 'drop series':
      return [write('')];
    case 'drop retention policy':
    case 'drop continuous query':
      return [write(statement.database)];
    case 'create continuous query':
      return [read(statement.database), ...ofTarget(statement.select)];
    default:
      return ADMIN;
  }
}

/**
 * InfluxDB asks for nothing where such a statement has no FROM; its database may then be read by anybody.
 * Ours must be allowed for the database it is about.
 */
function inDatabase(
  required: readonly RequiredPrivilege[],
  database: string,
): readonly RequiredPrivilege[] {
  return [read(database), ...required.filter((one) => !isRead(one, database))];
}

function isRead(one: RequiredPrivilege, database: string): boolean {
  return one.kind === 'database' && one.privilege === 'READ' && one.database === database;
}

function ofSelect(statement: SelectStatement): RequiredPrivilege[] {
  const reads = ofSources(statement.sources);
  const { target } = statement;
  return target === undefined ? reads : [...reads, write(target.database)];
}

/** A continuous query that writes where it reads needs no more than to read. */
function ofTarget({ target }: SelectStatement): RequiredPrivilege[] {
  return target === undefined || target.database === '' ? [] : [write(target.database)];
}

function ofSources(sources: readonly Source[]): RequiredPrivilege[] {
  return sources.flatMap((source) =>
    source.kind === 'measurement' ? [read(source.database)] : ofSelect(source.statement),
  );
}

function read(database: string): RequiredPrivilege {
  return { kind: 'database', privilege: 'READ', database };
}

function write(database: string): RequiredPrivilege {
  return { kind: 'database', privilege: 'WRITE', database };
}
