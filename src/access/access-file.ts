// access.json: users, keys and registrations, in one file that is replaced whole. Holds no secret, only what
// secrets are checked against. Format: docs/formats/access.md.

import type { Label } from '../model/labels.ts';
import { replaceFile } from '../runtime/atomic-file.ts';
import { checksumProblem, withChecksum } from '../runtime/checked-json.ts';
import { errorMessage } from '../runtime/error.ts';
import type { FileSystem } from '../runtime/file-system.ts';
import { accessFileUnusable } from './errors.ts';
import {
  type AccessState,
  type ApiKey,
  type KeySecret,
  NO_ACCESS_STATE,
  PRIVILEGES,
  type Privilege,
  type RemoteWrite,
  SCOPES,
  type Scope,
  type User,
} from './model.ts';
import { isPasswordHash } from './password.ts';
import { isKeyId, isRemoteWriteId } from './secrets.ts';

const FORMAT_VERSION = 1;

/** Hashes of weak passwords can be guessed by who has them. */
const PERMISSIONS = 0o600;

/** The file's content; nothing, if there is no file. Throws ACCESS_FILE for what cannot be understood. */
export function readAccessFile(files: FileSystem, path: string): AccessState {
  if (!files.exists(path)) return NO_ACCESS_STATE;
  try {
    return parseAccess(new TextDecoder().decode(files.readFile(path)));
  } catch (error) {
    throw accessFileUnusable(path, errorMessage(error));
  }
}

/** Durable when it returns. */
export function writeAccessFile(files: FileSystem, path: string, state: AccessState): void {
  replaceFile(files, path, Buffer.from(printAccess(state)), PERMISSIONS);
}

export function printAccess({ users, keys, remoteWrites, lastUsed }: AccessState): string {
  const entries = {
    users: [...users.values()].map(({ grants, ...user }) => ({
      ...user,
      grants: Object.fromEntries(grants),
    })),
    keys: [...keys.values()].map((key) => ({ ...key, lastUsedAt: lastUsed.get(key.id) })),
    remoteWrites: [...remoteWrites.values()].map(remoteWriteEntry),
  };
  const lists = Object.entries(entries).map(([name, list]) => {
    const lines = list.map((entry) => JSON.stringify(entry)).join(',\n');
    return `${JSON.stringify(name)}: [\n${lines}\n],`;
  });
  return withChecksum(`{\n"formatVersion": ${FORMAT_VERSION},\n${lists.join('\n')}`);
}

/** What is as it is by default is left out. */
function remoteWriteEntry({
  extraLabels,
  isDisabled,
  createdAt,
  ...remoteWrite
}: RemoteWrite): Record<string, unknown> {
  return {
    ...remoteWrite,
    ...(extraLabels.length > 0 && {
      extraLabels: Object.fromEntries(extraLabels.map(({ name, value }) => [name, value])),
    }),
    ...(isDisabled && { isDisabled }),
    createdAt,
  };
}

/** Throws an Error that says what is wrong. */
export function parseAccess(text: string): AccessState {
  const problem = checksumProblem(text);
  if (problem !== undefined) throw new Error(problem);
  const root = new Fields('the file', JSON.parse(text));
  const version = root.number('formatVersion');
  if (version > FORMAT_VERSION) {
    throw new Error(`format version ${version} is of a newer Tidemark, this one knows 1`);
  }
  const keys = root.list('keys');
  return {
    users: new Map(root.list('users').map(parseUser)),
    keys: new Map(keys.map(parseKey)),
    remoteWrites: new Map(root.list('remoteWrites').map(parseRemoteWrite)),
    lastUsed: new Map(
      keys.flatMap((key) => {
        const t = key.optionalNumber('lastUsedAt');
        return t === undefined ? [] : [[key.text('id'), t] as const];
      }),
    ),
  };
}

function parseUser(user: Fields): [string, User] {
  const name = user.text('name');
  const passwordHash = user.text('passwordHash', isPasswordHash);
  const grants = user
    .entries('grants')
    .map(([database, value]) => [database, user.oneOf<Privilege>(value, PRIVILEGES)] as const);
  const isAdmin = user.boolean('isAdmin');
  const createdAt = user.number('createdAt');
  return [name, { name, passwordHash, isAdmin, grants: new Map(grants), createdAt }];
}

function parseKey(key: Fields): [string, ApiKey] {
  const id = key.text('id', isKeyId);
  const secrets = key.list('secrets').map((secret): KeySecret => {
    const sha256 = secret.text('sha256', (text) => /^[0-9a-f]{64}$/.test(text));
    return { sha256, createdAt: secret.number('createdAt') };
  });
  return [
    id,
    {
      id,
      name: key.text('name'),
      secrets,
      scopes: key.texts('scopes').map((scope) => key.oneOf<Scope>(scope, SCOPES)),
      databases: key.texts('databases'),
      expiresAt: key.optionalNumber('expiresAt'),
      createdAt: key.number('createdAt'),
    },
  ];
}

function parseRemoteWrite(remoteWrite: Fields): [string, RemoteWrite] {
  const id = remoteWrite.text('id', isRemoteWriteId);
  return [
    id,
    {
      id,
      name: remoteWrite.text('name'),
      database: remoteWrite.text('database'),
      keyId: remoteWrite.text('keyId', isKeyId),
      extraLabels: parseLabels(remoteWrite),
      isDisabled: remoteWrite.has('isDisabled') && remoteWrite.boolean('isDisabled'),
      createdAt: remoteWrite.number('createdAt'),
    },
  ];
}

function parseLabels(remoteWrite: Fields): Label[] {
  if (!remoteWrite.has('extraLabels')) return [];
  return remoteWrite.entries('extraLabels').map(([name, value]) => {
    if (typeof value !== 'string') throw new Error(`the extra label ${name} is no text`);
    return { name, value };
  });
}

/** Members of a JSON object, each of the kind that is asked for, or an Error that names it. */
class Fields {
  readonly #what: string;
  readonly #object: Readonly<Record<string, unknown>>;

  constructor(what: string, value: unknown) {
    this.#what = what;
    if (typeof value !== 'object' || value === null) throw new Error(`${what} is no object`);
    this.#object = value as Readonly<Record<string, unknown>>;
  }

  has(name: string): boolean {
    return this.#object[name] !== undefined;
  }

  text(name: string, isGood: (text: string) => boolean = () => true): string {
    const value = this.#object[name];
    if (typeof value === 'string' && isGood(value)) return value;
    return this.#refuse(name);
  }

  number(name: string): number {
    const value = this.#object[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : this.#refuse(name);
  }

  optionalNumber(name: string): number | undefined {
    return this.has(name) ? this.number(name) : undefined;
  }

  boolean(name: string): boolean {
    const value = this.#object[name];
    return typeof value === 'boolean' ? value : this.#refuse(name);
  }

  list(name: string): Fields[] {
    const value = this.#object[name];
    if (!Array.isArray(value)) return this.#refuse(name);
    return value.map((item, i) => new Fields(`${name}[${i}]`, item));
  }

  texts(name: string): string[] {
    const value = this.#object[name];
    const areTexts = Array.isArray(value) && value.every((item) => typeof item === 'string');
    return areTexts ? (value as string[]) : this.#refuse(name);
  }

  entries(name: string): [string, unknown][] {
    const value = this.#object[name];
    if (typeof value !== 'object' || value === null) return this.#refuse(name);
    return Object.entries(value);
  }

  oneOf<T extends string>(value: unknown, choices: readonly T[]): T {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw new Error(`${this.#what} has an unknown ${String(value)}`);
    return found;
  }

  #refuse(name: string): never {
    throw new Error(`${this.#what} has no valid ${name}`);
  }
}
