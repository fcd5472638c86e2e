// Databases and retention policies as InfluxQL sees them, over a store that only has databases. A database's
// first policy keeps its data in the store's database of that name, others in `<database>..<policy>`.

import type { FieldNaming } from '../../model/field-naming.ts';
import { AppError } from '../../runtime/error.ts';
import { type Database, isDatabaseName, type Storage } from '../../storage/interface.ts';
import { invalidName, unknownDatabase, unknownPolicy } from '../errors.ts';
import { FieldRegistry } from './field-registry.ts';
import {
  addPolicy,
  changePolicy,
  confirmPolicies,
  findPolicy,
  initialPolicies,
  type PolicyOptions,
  type PolicySet,
  parsePolicies,
  printPolicies,
  type RetentionPolicy,
  removePolicy,
  SCOPE_SEPARATOR,
} from './policies.ts';

const DOCUMENT = 'influx-policies';

/** Where data of one policy are, and what is known of their fields. */
export interface Scope {
  readonly database: Database;
  readonly fields: FieldRegistry;
}

export class Catalog {
  readonly #storage: Storage;
  readonly #naming: FieldNaming;
  readonly #policies = new Map<string, { readonly database: Database; readonly set: PolicySet }>();
  readonly #scopes = new Map<string, Scope>();
  /** One change after another. */
  #last: Promise<unknown> = Promise.resolve();

  /** `naming` is that of databases that have none of their own. */
  constructor(storage: Storage, naming: FieldNaming = 'value-as-name') {
    this.#storage = storage;
    this.#naming = naming;
  }

  /** Sorted. */
  databaseNames(): string[] {
    return this.#storage.databaseNames().filter((name) => !name.includes(SCOPE_SEPARATOR));
  }

  has(database: string): boolean {
    return !database.includes(SCOPE_SEPARATOR) && this.#storage.database(database) !== undefined;
  }

  /** The store's database of that name, in which its first policy's data are. Throws INFLUXQL_DATABASE_NOT_FOUND. */
  database(name: string): Database {
    const database = this.has(name) ? this.#storage.database(name) : undefined;
    if (database === undefined) throw unknownDatabase(name);
    return database;
  }

  /** Throws INFLUXQL_DATABASE_NOT_FOUND. */
  policies(name: string): PolicySet {
    const database = this.database(name);
    const known = this.#policies.get(name);
    if (known?.database === database) return known.set;
    const text = database.document(DOCUMENT);
    const set = text === undefined ? initialPolicies(name) : parsePolicies(text);
    this.#policies.set(name, { database, set });
    return set;
  }

  /**
   * The scope of a policy, '' for the default one. Throws INFLUXQL_DATABASE_NOT_FOUND,
   * INFLUXQL_POLICY_NOT_FOUND.
   */
  scope(databaseName: string, policyName: string): Scope {
    const set = this.policies(databaseName);
    const name = policyName === '' ? set.defaultName : policyName;
    const policy = findPolicy(set, name);
    if (policy === undefined) throw unknownPolicy(name);
    return this.#openScope(policy.scope);
  }

  /** The scope of the default policy; undefined if there is none. Throws INFLUXQL_DATABASE_NOT_FOUND. */
  defaultScope(databaseName: string): Scope | undefined {
    const { defaultName, policies } = this.policies(databaseName);
    const policy = policies.find(({ name }) => name === defaultName);
    return policy === undefined ? undefined : this.#openScope(policy.scope);
  }

  /** Those of all policies of a database. Throws INFLUXQL_DATABASE_NOT_FOUND. */
  scopes(databaseName: string): Scope[] {
    return this.policies(databaseName).policies.map(({ scope }) => this.#openScope(scope));
  }

  /** CREATE DATABASE: idempotent. */
  createDatabase(name: string, options: Partial<PolicyOptions> | undefined): Promise<void> {
    return this.#exclusively(async () => {
      checkName(name);
      if (options?.name !== undefined && options.name !== '') checkName(options.name);
      if (this.has(name)) {
        if (options !== undefined) confirmPolicies(this.policies(name), options);
        return;
      }
      const set = initialPolicies(name, options);
      await this.#storage.createDatabase(name);
      if (options !== undefined) await this.#keep(name, set, undefined);
    });
  }

  /** DROP DATABASE. False if there was none. */
  dropDatabase(name: string): Promise<boolean> {
    return this.#exclusively(async () => {
      if (!this.has(name)) return false;
      const scopes = this.policies(name).policies.map(({ scope }) => scope);
      for (const scope of scopes) if (scope !== name) await this.#storage.dropDatabase(scope);
      const wasThere = await this.#storage.dropDatabase(name);
      this.#policies.delete(name);
      for (const scope of scopes) this.#scopes.delete(scope);
      return wasThere;
    });
  }

  createPolicy(database: string, options: PolicyOptions, isDefault: boolean): Promise<void> {
    return this.#exclusively(async () => {
      checkName(options.name);
      const old = this.policies(database);
      const set = addPolicy(old, database, options, isDefault);
      if (set === old) return;
      const { scope } = findPolicy(set, options.name)!;
      if (!isDatabaseName(scope)) throw invalidName();
      await this.#storage.createDatabase(scope);
      await this.#keep(database, set, old);
    });
  }

  alterPolicy(
    database: string,
    name: string,
    changes: Parameters<typeof changePolicy>[2],
  ): Promise<void> {
    return this.#exclusively(async () => {
      const old = this.policies(database);
      await this.#keep(database, changePolicy(old, name, changes), old);
    });
  }

  /** DROP RETENTION POLICY, with its data. Neither database nor policy need be there. */
  dropPolicy(database: string, name: string): Promise<void> {
    return this.#exclusively(async () => {
      if (!this.has(database)) return;
      const set = this.policies(database);
      const policy = findPolicy(set, name);
      if (policy === undefined) return;
      const rest = removePolicy(set, name);
      await this.#storage.dropDatabase(policy.scope);
      this.#scopes.delete(policy.scope);
      // The database itself stays, though empty.
      if (policy.scope === database) await this.#storage.createDatabase(database);
      await this.#keep(database, rest, set);
    });
  }

  async #keep(name: string, set: PolicySet, old: PolicySet | undefined): Promise<void> {
    const database = this.#storage.database(name);
    if (database === undefined) throw unknownDatabase(name);
    await database.putDocument(DOCUMENT, printPolicies(set));
    this.#policies.set(name, { database, set });
    for (const policy of set.policies) {
      const before = old === undefined ? undefined : findPolicy(old, policy.name);
      if (policy.durationNs !== (before?.durationNs ?? 0n)) await this.#applyRetention(policy);
    }
  }

  /** For ever is as long as the store keeps samples by default. */
  async #applyRetention({ scope, durationNs }: RetentionPolicy): Promise<void> {
    const database = this.#storage.database(scope);
    const retentionMs = durationNs === 0n ? undefined : Number(durationNs / 1_000_000n);
    await database?.configure({ ...database.settings, retentionMs });
  }

  #openScope(name: string): Scope {
    const database = this.#storage.database(name);
    if (database === undefined) {
      throw new AppError('internal', 'INFLUXQL_SCOPE_MISSING', `data of ${name} are missing`);
    }
    const known = this.#scopes.get(name);
    if (known?.database === database) return known;
    const naming = (): FieldNaming => {
      const owner = this.#storage.database(databaseOfScope(name));
      return owner?.settings.fieldNaming ?? this.#naming;
    };
    const scope = { database, fields: new FieldRegistry(database, naming) };
    this.#scopes.set(name, scope);
    return scope;
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}

/** The database that users see behind a database of the store. */
export function databaseOfScope(scope: string): string {
  const at = scope.indexOf(SCOPE_SEPARATOR);
  return at < 0 ? scope : scope.slice(0, at);
}

function checkName(name: string): void {
  if (!isDatabaseName(name) || name.includes(SCOPE_SEPARATOR)) throw invalidName();
}
