// Users and keys of tests, and how requests carry their credentials.

import { AccessStore } from '../../src/access/index.ts';
import { systemClock } from '../../src/runtime/clock.ts';

/** Hashing so cheap that tests do not wait for it. */
export const TEST_PASSWORD_COST = 4;

/** A store in memory with authentication on, unless said otherwise. */
export function testAccess(isRequired: boolean = true): AccessStore {
  return new AccessStore({ clock: systemClock, isRequired, passwordCost: TEST_PASSWORD_COST });
}

export function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}
