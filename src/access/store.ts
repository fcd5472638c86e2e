// All users, keys and registrations. Reading is a look into maps; a change is on disk before its method
// returns, or has not happened.

import type { Label } from '../model/labels.ts';
import type { Clock } from '../runtime/clock.ts';
import type { FileSystem } from '../runtime/file-system.ts';
import { readAccessFile, writeAccessFile } from './access-file.ts';
import {
  forbidden,
  keyNotFound,
  lastAdmin,
  remoteWriteExists,
  remoteWriteNotFound,
  throttled,
  userExists,
  userNotFound,
} from './errors.ts';
import {
  type AccessState,
  type ApiKey,
  EVERY_DATABASE,
  type KeyRequest,
  NO_ACCESS_STATE,
  type Privilege,
  type RemoteWrite,
  type RemoteWriteSettings,
  type User,
} from './model.ts';
import {
  checkExtraLabels,
  checkKeyRequest,
  checkPassword,
  checkRemoteWriteName,
  checkUserName,
} from './names.ts';
import { DEFAULT_COST, hashPassword, verifyPassword } from './password.ts';
import { hashSecret, newKeyId, newRemoteWriteId, newSecret } from './secrets.ts';
import { SingleFile } from './work-limit.ts';

export interface AccessStoreOptions {
  /** Where `access.json` is kept; without it nothing outlives the store. */
  readonly file?: { readonly fileSystem: FileSystem; readonly path: string };
  readonly clock: Clock;
  /** True where nobody gets in without being known: then the last administrator cannot go. */
  readonly isRequired: boolean;
  /** Of passwords, see {@link DEFAULT_COST}. */
  readonly passwordCost?: number;
}

/** A key and the secret that nobody will see again. */
export interface NewKey {
  readonly key: ApiKey;
  readonly secret: string;
}

/** With 90 ms each and a rest after wrong ones, the last of them waits for six seconds. */
const MAX_WAITING_HASHES = 16;

/** Uses are written down this often at most; a crash forgets the newest. */
const USES_INTERVAL_MS = 600_000;

export class AccessStore {
  readonly isRequired: boolean;
  readonly #file: AccessStoreOptions['file'];
  readonly #clock: Clock;
  readonly passwordCost: number;
  /** Hashes of passwords take turns, whoever asks for them. */
  readonly hashing: SingleFile = new SingleFile(MAX_WAITING_HASHES);
  #state: AccessState = NO_ACCESS_STATE;
  #needsFirstAdmin = true;
  /** By the id of their keys. */
  #remoteWritesByKey: ReadonlyMap<string, RemoteWrite> = new Map();
  /** ms by key id; what has been written down of it is in the state. */
  readonly #lastUsed: Map<string, number>;
  #usesSavedAt: number;

  /** Reads the file, if there is one. Throws ACCESS_FILE if it cannot be understood. */
  constructor({ file, clock, isRequired, passwordCost = DEFAULT_COST }: AccessStoreOptions) {
    this.#file = file;
    this.#clock = clock;
    this.isRequired = isRequired;
    this.passwordCost = passwordCost;
    this.#adopt(this.#read());
    this.#lastUsed = new Map(this.#state.lastUsed);
    this.#usesSavedAt = clock.monotonic();
  }

  /** Reads the file again: another process may have written it until it let go of the folder. */
  reload(): void {
    this.#adopt(this.#read());
    for (const [id, t] of this.#state.lastUsed) {
      if (t > (this.#lastUsed.get(id) ?? 0)) this.#lastUsed.set(id, t);
    }
  }

  #read(): AccessState {
    if (this.#file === undefined) return NO_ACCESS_STATE;
    return readAccessFile(this.#file.fileSystem, this.#file.path);
  }

  // Users.

  /** Sorted by name. */
  users(): User[] {
    return [...this.#state.users.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  user(name: string): User | undefined {
    return this.#state.users.get(name);
  }

  /** The same, or ACCESS_USER_NOT_FOUND. */
  existingUser(name: string): User {
    const user = this.user(name);
    if (user === undefined) throw userNotFound();
    return user;
  }

  /** True as long as there is nobody who may let others in. */
  needsFirstAdmin(): boolean {
    return this.#needsFirstAdmin;
  }

  /**
   * Makes a user; nothing happens if there is one with the same password and rights. Throws
   * ACCESS_USER_EXISTS, ACCESS_USER_NAME, ACCESS_PASSWORD; with `onlyAsFirst`, ACCESS_FORBIDDEN if there has come to
   * be an administrator.
   */
  async createUser(
    name: string,
    password: string,
    isAdmin: boolean,
    onlyAsFirst: boolean = false,
  ): Promise<void> {
    checkUserName(name);
    checkPassword(password);
    const present = this.user(name);
    if (present !== undefined) {
      const isSame =
        present.isAdmin === isAdmin &&
        (await this.#inTurn(() => verifyPassword(password, present.passwordHash)));
      if (isSame) return;
      throw userExists();
    }
    const passwordHash = await this.#newHash(password);
    if (this.user(name) !== undefined) throw userExists();
    if (onlyAsFirst && !this.needsFirstAdmin()) throw forbidden('there is an administrator by now');
    const createdAt = this.#clock.now();
    this.#putUser({ name, passwordHash, isAdmin, grants: new Map(), createdAt });
  }

  setPassword(name: string, password: string): Promise<void> {
    return this.changeUser(name, password, undefined);
  }

  /** Throws ACCESS_LAST_ADMIN. */
  setAdmin(name: string, isAdmin: boolean): void {
    const user = this.existingUser(name);
    if (!isAdmin) this.#keepAnAdmin(user);
    this.#putUser({ ...user, isAdmin });
  }

  /** What is not undefined, all of it or nothing. Throws ACCESS_PASSWORD, ACCESS_LAST_ADMIN. */
  async changeUser(
    name: string,
    password: string | undefined,
    isAdmin: boolean | undefined,
  ): Promise<void> {
    this.existingUser(name);
    if (password !== undefined) checkPassword(password);
    const passwordHash = password === undefined ? undefined : await this.#newHash(password);
    const user = this.existingUser(name);
    if (isAdmin === false) this.#keepAnAdmin(user);
    this.#putUser({
      ...user,
      passwordHash: passwordHash ?? user.passwordHash,
      isAdmin: isAdmin ?? user.isAdmin,
    });
  }

  /** Throws ACCESS_LAST_ADMIN. */
  dropUser(name: string): void {
    this.#keepAnAdmin(this.existingUser(name));
    const users = new Map(this.#state.users);
    users.delete(name);
    this.#commit({ users });
  }

  /** In place of what the user could do with the database so far. `none` is remembered as such. */
  setPrivilege(name: string, database: string, privilege: Privilege): void {
    const user = this.existingUser(name);
    const grants = new Map(user.grants).set(database, privilege);
    this.#putUser({ ...user, grants });
  }

  #newHash(password: string): Promise<string> {
    return this.#inTurn(() => hashPassword(password, this.passwordCost));
  }

  #inTurn<T>(hash: () => Promise<T>): Promise<T> {
    const done = this.hashing.run(hash, () => false);
    if (done === undefined) throw throttled('too many passwords are being checked');
    return done;
  }

  #putUser(user: User): void {
    this.#commit({ users: new Map(this.#state.users).set(user.name, user) });
  }

  #keepAnAdmin(user: User): void {
    if (!this.isRequired || !user.isAdmin) return;
    if (!this.#hasAdminWithout(user.name)) throw lastAdmin();
  }

  #hasAdminWithout(name: string | undefined): boolean {
    return [...this.#state.users.values()].some((user) => user.isAdmin && user.name !== name);
  }

  // Keys.

  /** Oldest first. */
  keys(): ApiKey[] {
    return [...this.#state.keys.values()];
  }

  hasKeys(): boolean {
    return this.#state.keys.size > 0;
  }

  key(id: string): ApiKey | undefined {
    return this.#state.keys.get(id);
  }

  /** Throws ACCESS_KEY. */
  createKey(request: KeyRequest): NewKey {
    const made = this.#newKey(request);
    this.#putKey(made.key);
    return made;
  }

  /** A second secret. The one so far stays valid; one that is older than that does not. */
  rotateKey(id: string): NewKey {
    const key = this.#existingKey(id);
    const secret = newSecret();
    const kept = key.secrets.slice(-1);
    const added = { sha256: hashSecret(secret), createdAt: this.#clock.now() };
    const rotated = { ...key, secrets: [...kept, added] };
    this.#putKey(rotated);
    return { key: rotated, secret };
  }

  /** Ends a rotation: only the newest secret stays valid. */
  retireOldSecret(id: string): ApiKey {
    const key = this.#existingKey(id);
    const retired = { ...key, secrets: key.secrets.slice(-1) };
    this.#putKey(retired);
    return retired;
  }

  /**
   * From now on it opens nothing. Also of a registration, which can then only be dropped. Throws ACCESS_LAST_ADMIN for
   * an administrator's, if there is no other one.
   */
  dropKey(id: string): void {
    const key = this.#existingKey(id);
    if (this.isRequired && isAdminKey(key) && !this.#hasAdminWithout(undefined)) {
      const hasOther = this.keys().some((other) => other !== key && isAdminKey(other));
      if (!hasOther) throw lastAdmin();
    }
    const keys = new Map(this.#state.keys);
    keys.delete(id);
    this.#commit({ keys });
  }

  /** ms; undefined if never, as far as is known. */
  lastUsedAt(id: string): number | undefined {
    return this.#lastUsed.get(id);
  }

  /** A key has been used. Cheap; reaches the disk now and then. */
  noteUse(id: string): void {
    this.#lastUsed.set(id, this.#clock.now());
  }

  /** Writes down when keys were used, if it is time to. `always` where there will be no next time. */
  saveUses(always: boolean = false): void {
    const now = this.#clock.monotonic();
    if (!always && now - this.#usesSavedAt < USES_INTERVAL_MS) return;
    this.#usesSavedAt = now;
    const isNew = this.keys().some(({ id }) => {
      return this.#lastUsed.get(id) !== this.#state.lastUsed.get(id);
    });
    if (isNew) this.#commit({});
  }

  #existingKey(id: string): ApiKey {
    const key = this.key(id);
    if (key === undefined) throw keyNotFound();
    return key;
  }

  #newKey(request: KeyRequest): NewKey {
    const { name, scopes, databases, expiresAt } = checkKeyRequest(request, this.#clock.now());
    const secret = newSecret();
    const createdAt = this.#clock.now();
    const secrets = [{ sha256: hashSecret(secret), createdAt }];
    const id = newKeyId();
    return { key: { id, name, secrets, scopes, databases, expiresAt, createdAt }, secret };
  }

  #putKey(key: ApiKey): void {
    this.#commit({ keys: new Map(this.#state.keys).set(key.id, key) });
  }

  // Registrations.

  /** Oldest first. */
  remoteWrites(): RemoteWrite[] {
    return [...this.#state.remoteWrites.values()];
  }

  remoteWrite(id: string): RemoteWrite | undefined {
    return this.#state.remoteWrites.get(id);
  }

  /** The one that the key was made with. */
  remoteWriteOfKey(keyId: string): RemoteWrite | undefined {
    return this.#remoteWritesByKey.get(keyId);
  }

  /** By id or by name, or ACCESS_REMOTE_WRITE_NOT_FOUND. */
  existingRemoteWrite(idOrName: string): RemoteWrite {
    const found =
      this.remoteWrite(idOrName) ?? this.remoteWrites().find(({ name }) => name === idOrName);
    if (found === undefined) throw remoteWriteNotFound();
    return found;
  }

  /** The labels as they will be. Throws ACCESS_REMOTE_WRITE, ACCESS_REMOTE_WRITE_EXISTS. */
  checkNewRemoteWrite(name: string, extraLabels: readonly Label[]): readonly Label[] {
    checkRemoteWriteName(name);
    if (this.remoteWrites().some((other) => other.name === name)) throw remoteWriteExists(name);
    return checkExtraLabels(extraLabels);
  }

  /** A registration with a key of its own, for a database that exists. Throws as {@link checkNewRemoteWrite}. */
  createRemoteWrite(
    name: string,
    database: string,
    { extraLabels = [], isDisabled = false }: Partial<RemoteWriteSettings> = {},
  ): NewKey & { readonly remoteWrite: RemoteWrite } {
    const labels = this.checkNewRemoteWrite(name, extraLabels);
    const made = this.#newKey({
      name,
      scopes: ['read', 'write'],
      databases: [database],
      expiresAt: undefined,
    });
    const id = newRemoteWriteId();
    const { createdAt } = made.key;
    const keyId = made.key.id;
    const remoteWrite = { id, name, database, keyId, extraLabels: labels, isDisabled, createdAt };
    this.#commit({
      keys: new Map(this.#state.keys).set(made.key.id, made.key),
      remoteWrites: new Map(this.#state.remoteWrites).set(id, remoteWrite),
    });
    return { ...made, remoteWrite };
  }

  /** What is given, all of it or nothing. Holds from the next request on. Throws ACCESS_REMOTE_WRITE. */
  changeRemoteWrite(idOrName: string, change: Partial<RemoteWriteSettings>): RemoteWrite {
    const present = this.existingRemoteWrite(idOrName);
    const extraLabels = checkExtraLabels(change.extraLabels ?? present.extraLabels);
    const remoteWrite = { ...present, ...change, extraLabels };
    this.#commit({
      remoteWrites: new Map(this.#state.remoteWrites).set(remoteWrite.id, remoteWrite),
    });
    return remoteWrite;
  }

  /** Takes its key along. The database stays. */
  dropRemoteWrite(idOrName: string): void {
    const { id, keyId } = this.existingRemoteWrite(idOrName);
    const remoteWrites = new Map(this.#state.remoteWrites);
    remoteWrites.delete(id);
    const keys = new Map(this.#state.keys);
    keys.delete(keyId);
    this.#commit({ keys, remoteWrites });
  }

  // Databases.

  /**
   * A database is gone: what users could do with it, keys of it alone and its registrations go too, so that
   * they do not open another of the same name.
   */
  databaseDropped(database: string): void {
    const users = [...this.#state.users.values()].map((user) => {
      const grants = new Map(user.grants);
      return grants.delete(database) ? { ...user, grants } : user;
    });
    const keys = this.keys().flatMap((key) => {
      if (!key.databases.includes(database)) return [key];
      const databases = key.databases.filter((name) => name !== database);
      return databases.length === 0 ? [] : [{ ...key, databases }];
    });
    const remoteWrites = this.remoteWrites().filter((entry) => entry.database !== database);
    const isSame =
      users.every((user) => user === this.user(user.name)) &&
      keys.length === this.#state.keys.size &&
      keys.every((key) => key === this.key(key.id)) &&
      remoteWrites.length === this.#state.remoteWrites.size;
    if (isSame) return;
    this.#commit({
      users: new Map(users.map((user) => [user.name, user])),
      keys: new Map(keys.map((key) => [key.id, key])),
      remoteWrites: new Map(remoteWrites.map((entry) => [entry.id, entry])),
    });
  }

  #commit(change: Partial<AccessState>): void {
    const keys = change.keys ?? this.#state.keys;
    const lastUsed = new Map([...this.#lastUsed].filter(([id]) => keys.has(id)));
    const state = { ...this.#state, ...change, lastUsed };
    if (this.#file !== undefined) {
      writeAccessFile(this.#file.fileSystem, this.#file.path, state);
    }
    this.#adopt(state);
  }

  #adopt(state: AccessState): void {
    this.#state = state;
    this.#remoteWritesByKey = new Map(this.remoteWrites().map((entry) => [entry.keyId, entry]));
    this.#needsFirstAdmin = !this.#hasAdminWithout(undefined) && !this.keys().some(isAdminKey);
  }
}

function isAdminKey({ scopes, databases }: ApiKey): boolean {
  return scopes.includes('admin') && databases.includes(EVERY_DATABASE);
}
