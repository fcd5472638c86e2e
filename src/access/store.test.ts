import { describe, expect, test } from 'vitest';
import { systemClock } from '../runtime/clock.ts';
import { FaultyFileSystem } from '../runtime/faulty-file-system.ts';
import { parseAccess, printAccess } from './access-file.ts';
import { verifyPassword } from './password.ts';
import { AccessStore } from './store.ts';

const PATH = '/data/access.json';

function folder(): FaultyFileSystem {
  const files = new FaultyFileSystem(1);
  files.mkdir('/data');
  files.syncDirectory('/');
  return files;
}

function open(fileSystem: FaultyFileSystem, isRequired = true): AccessStore {
  return new AccessStore({
    file: { fileSystem, path: PATH },
    clock: systemClock,
    isRequired,
    passwordCost: 4,
  });
}

const KEY = { name: 'k', scopes: ['read'], databases: ['a'], expiresAt: undefined };

async function filled(files: FaultyFileSystem): Promise<AccessStore> {
  const store = open(files);
  await store.createUser('root', 'secret', true);
  await store.createUser('bob', 'pass', false);
  store.setPrivilege('bob', 'a', 'read');
  store.createKey({ ...KEY, expiresAt: Date.now() + 60_000 });
  store.rotateKey(store.keys()[0]!.id);
  store.createRemoteWrite('prod-eu', 'prod-eu', { extraLabels: [{ name: 'a', value: '"b"' }] });
  store.changeRemoteWrite('prod-eu', { isDisabled: true });
  return store;
}

/** Everything there is, for comparison. */
function contents(store: AccessStore): unknown {
  return [store.users(), store.keys(), store.remoteWrites()];
}

describe('the file', () => {
  test('holds everything, durably, and nobody else may read it', async () => {
    const files = folder();
    const store = await filled(files);
    const afterwards = files.powerCut(7);
    expect(contents(open(afterwards))).toEqual(contents(store));
  });

  test('has no secret in it', async () => {
    const files = folder();
    const store = await filled(files);
    const { secret } = store.createKey(KEY);
    const text = new TextDecoder().decode(files.readFile(PATH));
    for (const hidden of ['secret"', '"pass"', secret]) expect(text).not.toContain(hidden);
  });

  test('every byte counts: a flipped bit anywhere, or a cut, is not taken for users and keys', async () => {
    const files = folder();
    await filled(files);
    const bytes = files.readFile(PATH);
    for (let i = 0; i < bytes.length; i++) {
      const broken = Buffer.from(bytes);
      broken[i]! ^= 1;
      expect(() => parseAccess(broken.toString()), `byte ${i}`).toThrow();
      expect(() => parseAccess(Buffer.from(bytes.subarray(0, i)).toString())).toThrow();
    }
  });

  test('a damaged or newer file keeps the server from starting, with a reason', async () => {
    const files = folder();
    const write = (text: string): void => {
      const fd = files.open(PATH, 'replace');
      files.write(fd, Buffer.from(text), 0);
      files.close(fd);
    };
    write('{}');
    expect(() => open(files)).toThrow(expect.objectContaining({ code: 'ACCESS_FILE' }));
    const empty = {
      users: new Map(),
      keys: new Map(),
      remoteWrites: new Map(),
      lastUsed: new Map(),
    };
    const newer = printAccess(empty).replace('"formatVersion": 1', '"formatVersion": 2');
    write(newer);
    expect(() => open(files)).toThrow(/checksum/);
  });

  test('a change that cannot be written has not happened', async () => {
    const files = folder();
    const store = await filled(files);
    const before = contents(store);
    files.failAt({ op: 'fdatasync', nth: 1, code: 'EIO', sticky: true });
    expect(() => store.dropUser('bob')).toThrow('EIO');
    expect(() => store.createKey(KEY)).toThrow('EIO');
    await expect(store.createUser('eve', 'x', false)).rejects.toThrow('EIO');
    expect(contents(store)).toEqual(before);
  });

  test('when keys were used is written down now and then, and when asked to', async () => {
    const files = folder();
    const store = open(files);
    const { key } = store.createKey(KEY);
    store.noteUse(key.id);
    store.saveUses();
    expect(open(files).lastUsedAt(key.id)).toBeUndefined();
    store.saveUses(true);
    expect(open(files).lastUsedAt(key.id)).toBe(store.lastUsedAt(key.id));
  });
});

describe('users', () => {
  test('the first administrator is needed until there is one', async () => {
    const store = open(folder());
    expect(store.needsFirstAdmin()).toBe(true);
    await store.createUser('bob', 'pass', false);
    expect(store.needsFirstAdmin()).toBe(true);
    await store.createUser('root', 'pass', true);
    expect(store.needsFirstAdmin()).toBe(false);
    await expect(store.createUser('eve', 'pass', true, true)).rejects.toMatchObject({
      code: 'ACCESS_FORBIDDEN',
    });
  });

  test('a key that may do everything is an administrator, even after its end', async () => {
    const store = open(folder());
    store.createKey({ ...KEY, scopes: ['admin'], databases: ['*'], expiresAt: Date.now() + 1 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(store.needsFirstAdmin()).toBe(false);
  });

  test('the same user again is no error, another password or right is', async () => {
    const store = open(folder());
    await store.createUser('bob', 'pass', false);
    await store.createUser('bob', 'pass', false);
    for (const [password, admin] of [
      ['other', false],
      ['pass', true],
    ] as const) {
      await expect(store.createUser('bob', password, admin)).rejects.toMatchObject({
        code: 'ACCESS_USER_EXISTS',
        message: 'user already exists',
      });
    }
  });

  test('two at once: one is made', async () => {
    const store = open(folder());
    const both = await Promise.allSettled([
      store.createUser('bob', 'one', false),
      store.createUser('bob', 'two', false),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('the last administrator stays, where there is authentication', async () => {
    const store = open(folder());
    await store.createUser('root', 'pass', true);
    const refusal = expect.objectContaining({ code: 'ACCESS_LAST_ADMIN' });
    expect(() => store.dropUser('root')).toThrow(refusal);
    expect(() => store.setAdmin('root', false)).toThrow(refusal);
    await store.createUser('root2', 'pass', true);
    store.dropUser('root');
    const open2 = open(folder(), false);
    await open2.createUser('root', 'pass', true);
    open2.dropUser('root');
    expect(open2.users()).toEqual([]);
  });

  test('the last key that may do everything stays as well, as long as no user is administrator', async () => {
    const store = open(folder());
    const request = { ...KEY, scopes: ['admin'], databases: ['*'] };
    const [first, second] = [store.createKey(request).key, store.createKey(request).key];
    store.dropKey(first.id);
    expect(() => store.dropKey(second.id)).toThrow(
      expect.objectContaining({ code: 'ACCESS_LAST_ADMIN' }),
    );
    await store.createUser('root', 'pass', true);
    store.dropKey(second.id);
    expect(store.keys()).toEqual([]);
  });

  test('several things about one change together or not at all', async () => {
    const store = open(folder());
    await store.createUser('root', 'pass', true);
    await store.createUser('bob', 'pass', false);
    await expect(store.changeUser('bob', '', true)).rejects.toMatchObject({
      code: 'ACCESS_PASSWORD',
    });
    expect(store.existingUser('bob').isAdmin).toBe(false);
    const before = store.existingUser('root');
    await expect(store.changeUser('root', 'new', false)).rejects.toMatchObject({
      code: 'ACCESS_LAST_ADMIN',
    });
    expect(store.existingUser('root')).toBe(before);
    await store.changeUser('bob', 'new', true);
    const { isAdmin, passwordHash } = store.existingUser('bob');
    expect([isAdmin, await verifyPassword('new', passwordHash)]).toEqual([true, true]);
  });

  test('names and passwords that cannot be', async () => {
    const store = open(folder());
    const names = ['', 'a\nb', 'x'.repeat(256), `AK${'x'.repeat(22)}`];
    for (const name of names) {
      await expect(store.createUser(name, 'pass', false)).rejects.toMatchObject({
        code: 'ACCESS_USER_NAME',
      });
    }
    for (const password of ['', 'x'.repeat(1025)]) {
      await expect(store.createUser('bob', password, false)).rejects.toMatchObject({
        code: 'ACCESS_PASSWORD',
      });
    }
    expect(() => store.dropUser('bob')).toThrow('user not found');
    expect(() => store.setPrivilege('bob', 'a', 'read')).toThrow('user not found');
    await expect(store.setPassword('bob', 'x')).rejects.toThrow('user not found');
  });

  test('a name like a property of every object is just a name', async () => {
    const files = folder();
    const store = open(files);
    await store.createUser('__proto__', 'pass', false);
    store.setPrivilege('__proto__', '__proto__', 'read');
    const again = open(files).existingUser('__proto__');
    expect([...again.grants]).toEqual([['__proto__', 'read']]);
    expect(await verifyPassword('pass', again.passwordHash)).toBe(true);
  });
});

describe('keys', () => {
  test.each<[what: string, request: Partial<Parameters<AccessStore['createKey']>[0]>]>([
    ['no scope', { scopes: [] }],
    ['an unknown scope', { scopes: ['read', 'everything'] }],
    ['no database', { databases: [] }],
    ['a database that cannot be', { databases: ['a/b'] }],
    ['all and one', { databases: ['*', 'a'] }],
    ['an end that is past', { expiresAt: 1 }],
    ['a name with control characters', { name: 'a\0' }],
  ])('%s: refused', (_, request) => {
    expect(() => open(folder()).createKey({ ...KEY, ...request })).toThrow(
      expect.objectContaining({ code: 'ACCESS_KEY' }),
    );
  });

  test('two secrets at most: rotating drops the one before the last', () => {
    const store = open(folder());
    const { key } = store.createKey(KEY);
    const [first] = key.secrets;
    const second = store.rotateKey(key.id).key.secrets.at(-1);
    expect(store.key(key.id)!.secrets).toEqual([first, second]);
    const third = store.rotateKey(key.id).key.secrets.at(-1);
    expect(store.key(key.id)!.secrets).toEqual([second, third]);
    store.retireOldSecret(key.id);
    expect(store.key(key.id)!.secrets).toEqual([third]);
  });

  test('ids and secrets have their form, and are different each time', () => {
    const store = open(folder());
    const made = Array.from({ length: 50 }, () =>
      store.createRemoteWrite(`n${Math.random()}`, 'a'),
    );
    for (const { key, secret, remoteWrite } of made) {
      expect(key.id).toMatch(/^AK[A-Za-z0-9]{22}$/);
      expect(secret).toMatch(/^[A-Za-z0-9]{40}$/);
      expect(remoteWrite.id).toMatch(/^ts-[a-z0-9]{12}$/);
    }
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(50);
  });
});

describe('registrations and databases', () => {
  test('names are unique and of their form', () => {
    const store = open(folder());
    store.createRemoteWrite('prod-eu', 'prod-eu');
    expect(() => store.createRemoteWrite('prod-eu', 'b')).toThrow(
      expect.objectContaining({ code: 'ACCESS_REMOTE_WRITE_EXISTS' }),
    );
    for (const name of ['', 'a b', 'x'.repeat(64), 'ä']) {
      expect(() => store.createRemoteWrite(name, 'b')).toThrow(
        expect.objectContaining({ code: 'ACCESS_REMOTE_WRITE' }),
      );
    }
  });

  test('what is given is changed, the rest stays', () => {
    const store = open(folder());
    const { key } = store.createRemoteWrite('prod-eu', 'prod-eu');
    const extraLabels = [{ name: 'region', value: 'eu' }];
    store.changeRemoteWrite('prod-eu', { isDisabled: true });
    store.changeRemoteWrite('prod-eu', { extraLabels });
    expect(store.remoteWriteOfKey(key.id)).toMatchObject({ extraLabels, isDisabled: true });
    store.dropRemoteWrite('prod-eu');
    expect(store.remoteWriteOfKey(key.id)).toBeUndefined();
    expect(() => store.changeRemoteWrite('prod-eu', {})).toThrow('not found');
  });

  test.each([
    [[['__name__', 'x']], '__name__ cannot be an extra label'],
    [[['region', '']], 'the extra label "region" has no value'],
    [[['', 'x']], 'a label name is empty'],
    [[['region', '\ud800']], 'not valid UTF-8'],
    [
      [
        ['a', 'x'],
        ['a', 'y'],
      ],
      'given more than once',
    ],
    [Array.from({ length: 17 }, (_, i) => [`l${i}`, 'x']), '17 extra labels, at most 16'],
  ])('extra labels %j are refused', (pairs, message) => {
    const store = open(folder());
    store.createRemoteWrite('prod-eu', 'prod-eu');
    const extraLabels = pairs.map(([name, value]) => ({ name: name!, value: value! }));
    expect(() => store.changeRemoteWrite('prod-eu', { extraLabels })).toThrow(message);
    expect(() => store.createRemoteWrite('b', 'b', { extraLabels })).toThrow(message);
    expect(store.remoteWrites()).toMatchObject([{ name: 'prod-eu', extraLabels: [] }]);
  });

  test('dropping one takes its key along', () => {
    const store = open(folder());
    const { remoteWrite, key } = store.createRemoteWrite('prod-eu', 'prod-eu');
    store.dropRemoteWrite('prod-eu');
    expect([store.remoteWrite(remoteWrite.id), store.key(key.id)]).toEqual([undefined, undefined]);
    expect(() => store.dropRemoteWrite('prod-eu')).toThrow('not found');
  });

  test('a dropped database takes along what opened it, and nothing else', async () => {
    const store = await filled(folder());
    store.setPrivilege('bob', 'b', 'all');
    const { key: both } = store.createKey({ ...KEY, databases: ['a', 'b'] });
    const { key: every } = store.createKey({ ...KEY, databases: ['*'] });
    store.databaseDropped('a');
    expect([...store.existingUser('bob').grants]).toEqual([['b', 'all']]);
    expect(store.keys().map(({ id, databases }) => [id, databases])).toEqual([
      [store.remoteWrites()[0]!.keyId, ['prod-eu']],
      [both.id, ['b']],
      [every.id, ['*']],
    ]);
    store.databaseDropped('prod-eu');
    expect(store.remoteWrites()).toEqual([]);
  });
});
