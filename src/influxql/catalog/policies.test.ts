import { expect, test } from 'vitest';
import {
  addPolicy,
  changePolicy,
  confirmPolicies,
  findPolicy,
  initialPolicies,
  type PolicyOptions,
  parsePolicies,
  printPolicies,
  removePolicy,
} from './policies.ts';

const HOUR = 3_600_000_000_000n;
const DAY = 24n * HOUR;

function options(name: string, durationNs: bigint, shardDurationNs = 0n): PolicyOptions {
  return { name, durationNs, shardDurationNs, replication: 1 };
}

test('a database begins with autogen, in the place of its own name', () => {
  const set = initialPolicies('db');
  expect(set).toEqual({
    defaultName: 'autogen',
    policies: [
      { name: 'autogen', durationNs: 0n, shardDurationNs: 7n * DAY, replication: 1, scope: 'db' },
    ],
  });
  expect(parsePolicies(printPolicies(set))).toEqual(set);
});

test.each([
  [HOUR, HOUR],
  [2n * DAY, DAY],
  [179n * DAY, DAY],
  [180n * DAY, 7n * DAY],
  [0n, 7n * DAY],
])('a duration of %d ns goes with shards of %d', (durationNs, shardDurationNs) => {
  const set = addPolicy(initialPolicies('db'), 'db', options('other', durationNs), false);
  expect(findPolicy(set, 'other')).toMatchObject({ shardDurationNs, scope: 'db..other' });
});

test('the same again is fine, anything else of that name is not', () => {
  const set = addPolicy(initialPolicies('db'), 'db', options('week', 7n * DAY), false);
  expect(addPolicy(set, 'db', options('week', 7n * DAY), false)).toBe(set);
  expect(() => addPolicy(set, 'db', options('week', 8n * DAY), false)).toThrow(
    'retention policy already exists',
  );
  expect(() => addPolicy(set, 'db', options('week', 7n * DAY), true)).toThrow('conflicts');
  expect(() => addPolicy(set, 'db', options('x', HOUR - 1n), false)).toThrow('at least 1h0m0s');
  expect(() => addPolicy(set, 'db', options('x', HOUR, 2n * HOUR), false)).toThrow(
    'must be greater than the shard duration',
  );
});

test('a policy is changed, made the default and removed', () => {
  const set = addPolicy(initialPolicies('db'), 'db', options('week', 7n * DAY), true);
  expect(set.defaultName).toBe('week');
  const nothing = {
    durationNs: undefined,
    replication: undefined,
    shardDurationNs: undefined,
    isDefault: false,
  };
  const longer = changePolicy(set, 'week', { ...nothing, durationNs: 9n * DAY });
  expect(findPolicy(longer, 'week')?.durationNs).toBe(9n * DAY);
  expect(changePolicy(longer, 'autogen', { ...nothing, isDefault: true }).defaultName).toBe(
    'autogen',
  );
  expect(() => changePolicy(set, 'nosuch', nothing)).toThrow('retention policy not found: nosuch');
  expect(() => changePolicy(set, 'week', { ...nothing, durationNs: HOUR })).toThrow('shard');
  const rest = removePolicy(removePolicy(set, 'week'), 'autogen');
  expect(rest).toEqual({ defaultName: 'week', policies: [] });
  // The first policy after that has the database's own place again.
  expect(findPolicy(addPolicy(rest, 'db', options('new', 0n), true), 'new')?.scope).toBe('db');
});

test('CREATE DATABASE … WITH on one that is there has to say what is so', () => {
  const set = initialPolicies('db', options('rp30', 30n * DAY, DAY));
  confirmPolicies(set, options('rp30', 30n * DAY, DAY));
  expect(() => confirmPolicies(set, options('rp30', 31n * DAY, DAY))).toThrow('conflicts');
  expect(() => confirmPolicies(set, options('other', 30n * DAY, DAY))).toThrow('conflicts');
  expect(() => confirmPolicies(set, {})).toThrow('conflicts');
});
