import { expect, test } from 'vitest';
import { FailureThrottle } from './throttle.ts';

function throttle(): { now: number; begin: (address: string, user?: string) => number } & Record<
  'succeeded',
  (address: string, user: string) => void
> {
  const clock = { now: 0 };
  const failures = new FailureThrottle(() => clock.now);
  return Object.assign(clock, {
    begin: (address: string, user = 'bob') => failures.begin(address, user),
    succeeded: (address: string, user: string) => failures.succeeded(address, user),
  });
}

test('five failures of a user at an address, then one in five seconds', () => {
  const t = throttle();
  for (let i = 0; i < 5; i++) expect(t.begin('10.0.0.1')).toBe(0);
  expect(t.begin('10.0.0.1')).toBe(5000);
  t.now = 2000;
  expect(t.begin('10.0.0.1')).toBe(3000);
  t.now = 5000;
  expect(t.begin('10.0.0.1')).toBe(0);
  expect(t.begin('10.0.0.1')).toBe(5000);
});

test('somebody elsewhere, and another user at the same place, are not kept out', () => {
  const t = throttle();
  while (t.begin('10.0.0.1') === 0);
  expect(t.begin('10.0.0.2')).toBe(0);
  expect(t.begin('10.0.0.1', 'eve')).toBe(0);
});

test('an address may try twenty users, then one a second', () => {
  const t = throttle();
  for (let i = 0; i < 20; i++) expect(t.begin('10.0.0.1', `user ${i}`)).toBe(0);
  expect(t.begin('10.0.0.1', 'one more')).toBe(1000);
});

test('successes cost nothing', () => {
  const t = throttle();
  for (let i = 0; i < 100; i++) {
    expect(t.begin('10.0.0.1')).toBe(0);
    t.succeeded('10.0.0.1', 'bob');
  }
});

test('addresses of one IPv6 network count together', () => {
  const t = throttle();
  while (t.begin('2001:db8:1:2::1') === 0);
  expect(t.begin('2001:db8:1:2:aaaa:bbbb:cccc:dddd')).toBeGreaterThan(0);
  expect(t.begin('2001:db8:1:3::1')).toBe(0);
  expect(t.begin('::ffff:10.0.0.1')).toBe(0);
  expect(t.begin('::1')).toBe(0);
});

test('what strangers make up does not fill the memory', () => {
  const t = throttle();
  for (let i = 0; i < 60_000; i++) t.begin(`10.${i % 256}.${(i >> 8) % 256}.1`, `user ${i}`);
  expect(t.begin('10.1.1.1', 'one more')).toBe(0);
});
