// From a statement that reads to the databases that it reads and the job of whoever does: on the main thread, where
// the catalog is. What can be said without reading is said here.

import { ALL_TIME, MAX_TIME, MIN_TIME, type TimeRange } from '../../model/time-range.ts';
import {
  type CheckedSelect,
  type Measurement,
  type Source,
  type Statement,
  splitCondition,
  validateSelect,
} from '../../protocol/influxql/index.ts';
import type { Database } from '../../storage/interface.ts';
import type { Catalog, Scope } from '../catalog/catalog.ts';
import type { FieldRegistry } from '../catalog/field-registry.ts';
import { databaseRequired, statementFailed, unsupported } from '../errors.ts';
import type { ResultSeries } from '../result.ts';
import { ceilMs, floorMs } from '../select/time.ts';
import { estimate, isPlainEstimate, refuseTimeOfCardinality } from '../show/cardinality.ts';
import { refuseTime } from '../show/condition.ts';
import { type KnownFields, measurementsOf, type ReadJob, type ScopeData } from './read-job.ts';
import { isSmallSelect } from './small-read.ts';
import type { ReadStatement } from './statement.ts';

export interface PlanContext {
  readonly catalog: Catalog;
  /** Of the request; '' if it names none. */
  readonly database: string;
  readonly policy: string;
  readonly nowNs: bigint;
}

/** Databases of the store, each with the range that is read of it. */
export type Reads = readonly { readonly database: Database; readonly range: TimeRange }[];

export type ReadPlan =
  | { readonly kind: 'known'; readonly series: readonly ResultSeries[] }
  | {
      readonly kind: 'read';
      /** The database that users see, whatever its policy. */
      readonly owner: Database;
      readonly reads: Reads;
      readonly isSmall: boolean;
      readonly job: Pick<ReadJob, 'statement' | 'checked' | 'scopes' | 'nowNs'>;
    };

/** Throws INFLUXQL_FAILED and what the catalog throws. */
export function planRead(statement: ReadStatement, context: PlanContext): ReadPlan {
  switch (statement.kind) {
    case 'select':
      return planSelect(statement, validateSelect(statement, context.nowNs), context);
    case 'explain':
      return planSelect(statement, validateSelect(statement.select, context.nowNs), context);
    case 'show measurements': {
      refuseTime(statement.condition, 'SHOW MEASUREMENTS');
      const database = statement.database || context.database;
      if (database === '') throw databaseRequired();
      // Unlike other statements this one takes a database that is not there for an empty one.
      if (!context.catalog.has(database)) return { kind: 'known', series: [] };
      return planIndex(statement, { ...statement, sources: [] }, 'all', ALL_TIME, context);
    }
    case 'show tag keys':
    case 'show tag values':
      return planIndex(statement, statement, 'all', ALL_TIME, context);
    case 'show field keys':
      return planIndex(statement, statement, 'one', ALL_TIME, context);
    case 'show series':
      return planIndex(statement, statement, 'one', rangeOf(statement, context), context);
    default: {
      refuseTimeOfCardinality(statement);
      const isEstimate = isPlainEstimate(statement);
      const database = statement.database || context.database;
      if (isEstimate && database === '') throw databaseRequired();
      if (isEstimate && !context.catalog.has(database)) {
        return { kind: 'known', series: [estimate(0)] };
      }
      return planIndex(statement, statement, isEstimate ? 'all' : 'one', ALL_TIME, context);
    }
  }
}

function planSelect(
  statement: ReadStatement,
  checked: CheckedSelect,
  context: PlanContext,
): ReadPlan {
  if (checked.statement.target !== undefined) throw unsupported('SELECT … INTO');
  const reads: { database: Database; range: TimeRange }[] = [];
  const scopes: ScopeData[] = [];
  const used: Scope[] = [];
  let owner: Database | undefined;
  for (const [source, { minNs, maxNs }] of measurementsOf(checked)) {
    const { name, scope, shardNs } = findScope(source, context);
    owner ??= context.catalog.database(name);
    used.push(scope);
    const range = shardRange(minNs, maxNs, shardNs);
    reads.push({ database: scope.database, range });
    const isNamed = source.regexp === undefined;
    const fields = isNamed ? scope.fields.table.around(source.name) : allOf(scope.fields);
    scopes.push({ range, fields });
  }
  const job = { statement, checked, scopes, nowNs: context.nowNs };
  // A FROM names at least one.
  return { kind: 'read', owner: owner!, reads, isSmall: isSmall(checked, used, context), job };
}

function isSmall(
  checked: CheckedSelect,
  scopes: readonly Scope[],
  { nowNs }: PlanContext,
): boolean {
  try {
    return isSmallSelect(checked, scopes, nowNs);
  } catch {
    // A damaged part: whoever reads the samples will tell.
    return false;
  }
}

/** Where a FROM finds a measurement. */
function findScope(
  { name, regexp, database, retentionPolicy }: Measurement,
  context: PlanContext,
): { readonly name: string; readonly scope: Scope; readonly shardNs: bigint } {
  const { catalog } = context;
  if (name === '' && regexp === undefined) throw statementFailed('invalid measurement');
  const databaseName = database === '' ? context.database : database;
  if (databaseName === '') throw databaseRequired();
  const set = catalog.policies(databaseName);
  const policyName = retentionPolicy !== '' ? retentionPolicy : context.policy || set.defaultName;
  if (policyName === '') {
    throw statementFailed(`default retention policy not set for: ${databaseName}`);
  }
  const scope = catalog.scope(databaseName, policyName);
  const policy = set.policies.find((one) => one.name === policyName)!;
  return { name: databaseName, scope, shardNs: policy.shardDurationNs };
}

/** Of all retention policies, or of the one that the statement or the request names, else of the default one. */
function planIndex(
  statement: ReadStatement,
  clauses: { readonly database: string; readonly sources: readonly Source[] },
  policies: 'all' | 'one',
  range: TimeRange,
  context: PlanContext,
): ReadPlan {
  const { catalog, nowNs } = context;
  const [source] = clauses.sources;
  const named = source?.kind === 'measurement' ? source : undefined;
  const database = clauses.database || named?.database || context.database;
  if (database === '') throw databaseRequired();
  const scopes =
    policies === 'all'
      ? catalog.scopes(database)
      : [catalog.scope(database, named?.retentionPolicy || context.policy)];
  return {
    kind: 'read',
    owner: catalog.database(database),
    reads: scopes.map((scope) => ({ database: scope.database, range })),
    isSmall: false,
    job: {
      statement,
      checked: undefined,
      scopes: scopes.map(({ fields }) => ({ range, fields: allOf(fields) })),
      nowNs,
    },
  };
}

function rangeOf(
  { condition }: Extract<Statement, { readonly kind: 'show series' }>,
  { nowNs }: PlanContext,
): TimeRange {
  const { minNs, maxNs } = splitCondition(condition, nowNs, undefined).timeRange;
  if (minNs === undefined && maxNs === undefined) return ALL_TIME;
  return {
    minT: minNs === undefined ? MIN_TIME : ceilMs(minNs),
    maxT: maxNs === undefined ? MAX_TIME : floorMs(maxNs),
  };
}

function allOf(registry: FieldRegistry): KnownFields {
  const { id, version, table } = registry;
  return table.count === 0 ? [] : { registry: id, version, text: registry.document };
}

/** Days from a Monday to 1970. */
const EPOCH_SHIFT_MS = 3 * 86_400_000;

/** The range as far as InfluxDB's shards reach, which decides which columns a wildcard has. */
function shardRange(minNs: bigint, maxNs: bigint, shardNs: bigint): TimeRange {
  const shardMs = Number(shardNs / 1_000_000n);
  const startOf = (ms: number): number =>
    Math.floor((ms + EPOCH_SHIFT_MS) / shardMs) * shardMs - EPOCH_SHIFT_MS;
  return {
    minT: Math.max(MIN_TIME, startOf(floorMs(minNs))),
    maxT: Math.min(MAX_TIME, startOf(floorMs(maxNs)) + shardMs - 1),
  };
}
