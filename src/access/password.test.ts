import { expect, test } from 'vitest';
import { DEFAULT_COST, hashPassword, isPasswordHash, verifyPassword } from './password.ts';

const CHEAP = 4;

test('a hash is of its password and of no other, and never the same twice', async () => {
  const stored = await hashPassword('right', CHEAP);
  expect(await verifyPassword('right', stored)).toBe(true);
  expect(await verifyPassword('wrong', stored)).toBe(false);
  expect(await hashPassword('right', CHEAP)).not.toBe(stored);
});

test('letters that look the same are the same, however they are composed', async () => {
  const stored = await hashPassword('p\u00e4ss', CHEAP);
  expect(await verifyPassword('pa\u0308ss', stored)).toBe(true);
});

test('what would take too much memory, and what is no hash, verifies nothing', async () => {
  const stored = await hashPassword('right', CHEAP);
  for (const bad of [
    '',
    'right',
    stored.replace('ln=4', 'ln=20'),
    stored.replace('ln=4', 'ln=0'),
  ]) {
    expect([isPasswordHash(bad), await verifyPassword('right', bad)]).toEqual([false, false]);
  }
});

test('the thread that asks is free while the password is hashed', async () => {
  let isDone = false;
  const hashed = hashPassword('right', DEFAULT_COST).then(() => {
    isDone = true;
  });
  // Work on this thread would be over with the call and a few turns of its promises.
  for (let i = 0; i < 100; i++) await undefined;
  expect(isDone).toBe(false);
  await hashed;
});
