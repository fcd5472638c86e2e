import { beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../runtime/clock.ts';
import { Authenticator, type FailureReason } from './authenticator.ts';
import { AccessStore, type NewKey } from './store.ts';

const HERE = '10.0.0.1';

class ManualClock implements Clock {
  t = 1_700_000_000_000;
  now(): number {
    return this.t;
  }
  monotonic(): number {
    return this.t;
  }
}

let clock: ManualClock;
let store: AccessStore;
let authenticator: Authenticator;
let failures: FailureReason[];
beforeEach(async () => {
  clock = new ManualClock();
  store = new AccessStore({ clock, isRequired: true, passwordCost: 4 });
  failures = [];
  authenticator = new Authenticator({
    store,
    clock,
    onFailure: (reason) => failures.push(reason),
  });
  await store.createUser('bob', 'right', false);
});

/** Name of who it is, or the error's code; `now` says whether it was told at once. */
async function ask(
  name: string,
  password: string,
  client = HERE,
): Promise<[string, 'now' | 'later']> {
  try {
    const found = authenticator.authenticate({ name, password }, client);
    if (!(found instanceof Promise)) return [found.name, 'now'];
    return [await found.then(({ name: who }) => who, codeOf), 'later'];
  } catch (error) {
    return [codeOf(error), 'now'];
  }
}

function codeOf(error: unknown): string {
  return (error as { code: string }).code;
}

describe('passwords', () => {
  test('are hashed once, right or wrong', async () => {
    expect(await ask('bob', 'right')).toEqual(['bob', 'later']);
    expect(await ask('bob', 'right')).toEqual(['bob', 'now']);
    expect(await ask('bob', 'right', '10.9.9.9')).toEqual(['bob', 'now']);
    expect(await ask('bob', 'wrong')).toEqual(['ACCESS_UNAUTHENTICATED', 'later']);
    expect(await ask('bob', 'wrong')).toEqual(['ACCESS_UNAUTHENTICATED', 'now']);
    expect(await ask('eve', 'right')).toEqual(['ACCESS_UNAUTHENTICATED', 'later']);
    expect(await ask('eve', 'right')).toEqual(['ACCESS_UNAUTHENTICATED', 'now']);
  });

  test('a new one counts from then on, and the old one no longer', async () => {
    await ask('bob', 'right');
    await ask('bob', 'new');
    await store.setPassword('bob', 'new');
    expect(await ask('bob', 'right')).toEqual(['ACCESS_UNAUTHENTICATED', 'later']);
    expect(await ask('bob', 'new')).toEqual(['bob', 'later']);
    store.dropUser('bob');
    expect((await ask('bob', 'new'))[0]).toBe('ACCESS_UNAUTHENTICATED');
    await store.createUser('bob', 'new', false);
    expect(await ask('bob', 'new')).toEqual(['bob', 'later']);
  });

  test('one that is changed while it is being checked does not get in', async () => {
    const asked = ask('bob', 'right');
    store.dropUser('bob');
    expect((await asked)[0]).toBe('ACCESS_UNAUTHENTICATED');
    expect((await ask('bob', 'right'))[0]).toBe('ACCESS_UNAUTHENTICATED');
  });

  test('many with the same one are hashed for once, and cost one attempt', async () => {
    const all = await Promise.all(Array.from({ length: 100 }, () => ask('bob', 'right')));
    expect(new Set(all.map(String))).toEqual(new Set(['bob,later']));
    expect(failures).toEqual([]);
  });

  test('rights are those of now', async () => {
    await ask('bob', 'right');
    const may = async (): Promise<boolean> =>
      (await authenticator.authenticate({ name: 'bob', password: 'right' }, HERE)).may('read', 'a');
    expect(await may()).toBe(false);
    store.setPrivilege('bob', 'a', 'read');
    expect(await may()).toBe(true);
    store.setPrivilege('bob', 'a', 'none');
    expect(await may()).toBe(false);
  });

  test('name and password do not run into each other', async () => {
    await store.createUser('bobr', 'ight', false);
    await ask('bob', 'right');
    expect(await ask('bobr', 'ight')).toEqual(['bobr', 'later']);
    expect((await ask('bobri', 'ght'))[0]).toBe('ACCESS_UNAUTHENTICATED');
  });
});

describe('guessing', () => {
  test('is slowed down, but neither elsewhere nor for who was let in before', async () => {
    await ask('bob', 'right', '10.0.0.7');
    for (let i = 0; i < 5; i++) {
      expect((await ask('bob', `guess ${i}`))[0]).toBe('ACCESS_UNAUTHENTICATED');
    }
    expect(await ask('bob', 'guess 6')).toEqual(['ACCESS_THROTTLED', 'now']);
    // Known to be right: from the same address as well.
    expect(await ask('bob', 'right')).toEqual(['bob', 'now']);
    await store.createUser('amy', 'pass', false);
    expect(await ask('amy', 'pass', '10.0.0.2')).toEqual(['amy', 'later']);
    clock.t += 5000;
    expect((await ask('bob', 'guess 7'))[0]).toBe('ACCESS_UNAUTHENTICATED');
    expect(failures.filter((reason) => reason === 'throttled')).toHaveLength(1);
  });

  test('from everywhere at once does not queue for ever', async () => {
    const all = await Promise.all(
      Array.from({ length: 200 }, (_, i) => ask('bob', `guess ${i}`, `10.1.${i}.1`)),
    );
    const counts = new Map<string, number>();
    for (const outcome of all.map(String)) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    // One is hashed while 16 wait; the others cost no hash and no waiting.
    expect(counts).toEqual(
      new Map([
        ['ACCESS_UNAUTHENTICATED,later', 17],
        ['ACCESS_THROTTLED,now', 183],
      ]),
    );
    expect(await ask('bob', 'right')).toEqual(['bob', 'later']);
  });

  test('a password or a name too long to be one is not hashed', async () => {
    expect(await ask('bob', 'x'.repeat(5000))).toEqual(['ACCESS_UNAUTHENTICATED', 'now']);
    expect(await ask('b'.repeat(256), 'right')).toEqual(['ACCESS_UNAUTHENTICATED', 'now']);
    expect(failures).toEqual(['wrong', 'wrong']);
  });
});

describe('keys', () => {
  const makeKey = (expiresAt?: number): NewKey =>
    store.createKey({ name: '', scopes: ['write'], databases: ['a'], expiresAt });

  test('need no hashing and are not slowed down', async () => {
    const { key, secret } = makeKey();
    for (let i = 0; i < 50; i++) {
      expect(await ask(key.id, 'wrong')).toEqual(['ACCESS_UNAUTHENTICATED', 'now']);
    }
    expect(await ask(key.id, secret)).toEqual([key.id, 'now']);
    expect(store.lastUsedAt(key.id)).toBe(clock.t);
  });

  test('both secrets of a rotation open, a retired one does not', async () => {
    const { key, secret } = makeKey();
    const { secret: newer } = store.rotateKey(key.id);
    expect((await ask(key.id, secret))[0]).toBe(key.id);
    expect((await ask(key.id, newer))[0]).toBe(key.id);
    store.retireOldSecret(key.id);
    expect((await ask(key.id, secret))[0]).toBe('ACCESS_UNAUTHENTICATED');
    expect((await ask(key.id, newer))[0]).toBe(key.id);
    store.dropKey(key.id);
    expect((await ask(key.id, newer))[0]).toBe('ACCESS_UNAUTHENTICATED');
  });

  test('end when they should', async () => {
    const { key, secret } = makeKey(clock.t + 1000);
    expect((await ask(key.id, secret))[0]).toBe(key.id);
    await ask(key.id, 'wrong');
    clock.t += 1000;
    expect((await ask(key.id, secret))[0]).toBe('ACCESS_UNAUTHENTICATED');
    await ask(key.id, 'wrong');
    expect(failures).toEqual(['wrong', 'expired', 'wrong']);
  });
});
