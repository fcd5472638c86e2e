// Retention policies of one database: what they are, and how statements change them. Each policy has a
// database of the store to itself; how that is called is decided here.

import { statementFailed, unknownPolicy } from '../errors.ts';

export interface RetentionPolicy {
  readonly name: string;
  /** Nanoseconds, 0 for ever. */
  readonly durationNs: bigint;
  readonly shardDurationNs: bigint;
  readonly replication: number;
  /** The store's database that holds its data. */
  readonly scope: string;
}

/** Immutable: changes give a new one. */
export interface PolicySet {
  /** May name a policy that has been dropped, until another is chosen. */
  readonly defaultName: string;
  /** In the order in which they were made. */
  readonly policies: readonly RetentionPolicy[];
}

export interface PolicyOptions {
  readonly name: string;
  readonly durationNs: bigint;
  /** 0n: chosen by duration. */
  readonly shardDurationNs: bigint;
  readonly replication: number;
}

/** Between a database's name and a policy's in the name of a scope: no database may be called so. */
export const SCOPE_SEPARATOR = '..';

const HOUR_NS = 3_600_000_000_000n;
const DAY_NS = 24n * HOUR_NS;
const MIN_DURATION_NS = HOUR_NS;
const DEFAULT_NAME = 'autogen';

/** What every database has from the start. Its first policy's data are in the database of its own name. */
export function initialPolicies(database: string, options?: Partial<PolicyOptions>): PolicySet {
  const { name = '', durationNs = 0n, shardDurationNs = 0n, replication = 1 } = options ?? {};
  const chosen = {
    name: name === '' ? DEFAULT_NAME : name,
    durationNs,
    shardDurationNs,
    replication,
  };
  checkDuration(durationNs);
  return { defaultName: chosen.name, policies: [policyOf(chosen, database)] };
}

export function findPolicy(set: PolicySet, name: string): RetentionPolicy | undefined {
  return set.policies.find((policy) => policy.name === name);
}

/** CREATE RETENTION POLICY. The same object back if it is there already, just so. */
export function addPolicy(
  set: PolicySet,
  database: string,
  options: PolicyOptions,
  isDefault: boolean,
): PolicySet {
  checkDuration(options.durationNs);
  // The first policy of a database that has none left gets the database's own place.
  const isFree = set.policies.every(({ scope }) => scope !== database);
  const scope =
    set.policies.length === 0 && isFree ? database : `${database}${SCOPE_SEPARATOR}${options.name}`;
  const policy = policyOf(options, scope);
  const old = findPolicy(set, options.name);
  if (old === undefined) {
    return {
      defaultName: isDefault ? policy.name : set.defaultName,
      policies: [...set.policies, policy],
    };
  }
  if (!isSame(old, policy)) throw statementFailed('retention policy already exists');
  if (isDefault && set.defaultName !== policy.name) throw policyConflict();
  return set;
}

/** CREATE DATABASE … WITH on a database that is there: fine if it says what is so. */
export function confirmPolicies(set: PolicySet, options: Partial<PolicyOptions>): void {
  const { name = '' } = options;
  const { durationNs, replication, shardDurationNs = 0n } = options;
  checkDuration(durationNs ?? 0n);
  const policy = findPolicy(set, name === '' ? DEFAULT_NAME : name);
  const agrees =
    policy !== undefined &&
    policy.name === set.defaultName &&
    (durationNs === undefined || policy.durationNs === durationNs) &&
    (replication === undefined || policy.replication === replication) &&
    normalShardDuration(shardDurationNs, policy.durationNs) === policy.shardDurationNs;
  if (!agrees) throw policyConflict();
}

/** ALTER RETENTION POLICY. */
export function changePolicy(
  set: PolicySet,
  name: string,
  changes: {
    readonly durationNs: bigint | undefined;
    readonly replication: number | undefined;
    readonly shardDurationNs: bigint | undefined;
    readonly isDefault: boolean;
  },
): PolicySet {
  const old = findPolicy(set, name);
  if (old === undefined) throw unknownPolicy(name);
  const { durationNs = old.durationNs, shardDurationNs = old.shardDurationNs } = changes;
  if (changes.durationNs !== undefined) checkDuration(durationNs);
  if (durationNs > 0n && durationNs < shardDurationNs) throw incompatibleDurations();
  const policy: RetentionPolicy = {
    ...old,
    durationNs,
    replication: changes.replication ?? old.replication,
    shardDurationNs:
      changes.shardDurationNs === undefined
        ? old.shardDurationNs
        : normalShardDuration(changes.shardDurationNs, durationNs),
  };
  return {
    defaultName: changes.isDefault ? name : set.defaultName,
    policies: set.policies.map((one) => (one === old ? policy : one)),
  };
}

export function removePolicy(set: PolicySet, name: string): PolicySet {
  return { ...set, policies: set.policies.filter((policy) => policy.name !== name) };
}

export function printPolicies(set: PolicySet): string {
  const policies = set.policies.map((policy) => ({
    ...policy,
    durationNs: policy.durationNs.toString(),
    shardDurationNs: policy.shardDurationNs.toString(),
  }));
  return JSON.stringify({ ...set, policies }, undefined, 1);
}

/** What {@link printPolicies} made. Throws if it is something else. */
export function parsePolicies(text: string): PolicySet {
  const set = JSON.parse(text) as ReturnType<typeof JSON.parse> as {
    defaultName: string;
    policies: (Omit<RetentionPolicy, 'durationNs' | 'shardDurationNs'> & {
      durationNs: string;
      shardDurationNs: string;
    })[];
  };
  return {
    defaultName: set.defaultName,
    policies: set.policies.map((policy) => ({
      ...policy,
      durationNs: BigInt(policy.durationNs),
      shardDurationNs: BigInt(policy.shardDurationNs),
    })),
  };
}

function policyOf(options: PolicyOptions, scope: string): RetentionPolicy {
  const { name, durationNs, replication } = options;
  const shardDurationNs = normalShardDuration(options.shardDurationNs, durationNs);
  if (durationNs > 0n && durationNs < shardDurationNs) throw incompatibleDurations();
  return { name, durationNs, shardDurationNs, replication, scope };
}

function isSame(a: RetentionPolicy, b: RetentionPolicy): boolean {
  return (
    a.durationNs === b.durationNs &&
    a.shardDurationNs === b.shardDurationNs &&
    a.replication === b.replication
  );
}

function checkDuration(durationNs: bigint): void {
  if (durationNs !== 0n && durationNs < MIN_DURATION_NS) {
    throw statementFailed('retention policy duration must be at least 1h0m0s');
  }
}

/** Ours has no shards; the number is kept for those who ask for it. */
function normalShardDuration(shardNs: bigint, durationNs: bigint): bigint {
  if (shardNs !== 0n) return shardNs < MIN_DURATION_NS ? HOUR_NS : shardNs;
  if (durationNs === 0n || durationNs >= 180n * DAY_NS) return 7n * DAY_NS;
  return durationNs >= 2n * DAY_NS ? DAY_NS : HOUR_NS;
}

function policyConflict(): Error {
  return statementFailed('retention policy conflicts with an existing policy');
}

function incompatibleDurations(): Error {
  return statementFailed('retention policy duration must be greater than the shard duration');
}
