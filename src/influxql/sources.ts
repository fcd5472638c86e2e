// Where a FROM finds its measurements: databases opened for the time range of a statement, and closed with it.

import type { TimeRange } from '../model/time-range.ts';
import { MAX_TIME, MIN_TIME } from '../model/time-range.ts';
import type { Measurement } from '../protocol/influxql/index.ts';
import type { Querier } from '../storage/interface.ts';
import type { Catalog, Scope } from './catalog/catalog.ts';
import { databaseRequired, statementFailed } from './errors.ts';
import { type MeasurementSource, type SourceResolver, tagKeysOf } from './select/prepare.ts';
import { floorMs } from './select/time.ts';
import { existingFields, type FieldSource, fieldSources } from './view/fields.ts';
import { cachedSearch } from './view/series-filter.ts';

export interface SourceContext {
  readonly catalog: Catalog;
  readonly database: string;
  readonly policy: string;
}

/** To be closed once nothing reads any more. */
export class OpenSources implements SourceResolver {
  readonly #context: SourceContext;
  readonly #queriers: Querier[] = [];

  constructor(context: SourceContext) {
    this.#context = context;
  }

  async resolve(
    source: Measurement,
    range: { readonly minNs: bigint; readonly maxNs: bigint },
    detailed: boolean,
  ): Promise<MeasurementSource[]> {
    const { scope, shardNs } = this.#find(source);
    const querier = scope.database.querier(shardRange(range, shardNs));
    this.#queriers.push(querier);
    if (source.regexp === undefined && !detailed) {
      const fields = fieldSources(scope.fields, source.name);
      return [{ kind: 'measurement', name: source.name, querier, fields, tagKeys: undefined }];
    }
    const existing = await existingFields(querier, scope.fields);
    const names = matchingNames(source, existing);
    const found: MeasurementSource[] = [];
    for (const name of names) {
      const fields = existing.get(name) ?? [];
      const tagKeys = detailed ? await tagKeysOf(querier, fields) : undefined;
      found.push({ kind: 'measurement', name, querier, fields, tagKeys });
    }
    return found;
  }

  close(): void {
    for (const querier of this.#queriers.splice(0)) querier.close();
  }

  #find({ name, regexp, database, retentionPolicy }: Measurement): {
    readonly scope: Scope;
    readonly shardNs: bigint;
  } {
    const { catalog } = this.#context;
    if (name === '' && regexp === undefined) throw statementFailed('invalid measurement');
    const databaseName = database === '' ? this.#context.database : database;
    if (databaseName === '') throw databaseRequired();
    const set = catalog.policies(databaseName);
    const policyName =
      retentionPolicy !== '' ? retentionPolicy : this.#context.policy || set.defaultName;
    if (policyName === '')
      throw statementFailed(`default retention policy not set for: ${databaseName}`);
    const scope = catalog.scope(databaseName, policyName);
    const policy = set.policies.find((one) => one.name === policyName)!;
    return { scope, shardNs: policy.shardDurationNs };
  }
}

function matchingNames(
  { name, regexp }: Measurement,
  existing: ReadonlyMap<string, readonly FieldSource[]>,
): string[] {
  if (regexp === undefined) return [name];
  const finds = cachedSearch(regexp.pattern);
  return [...existing.keys()].filter(finds);
}

/** Days from a Monday to 1970. */
const EPOCH_SHIFT_MS = 3 * 86_400_000;

/** The range as far as InfluxDB's shards reach, which decides which columns a wildcard has. */
function shardRange(
  { minNs, maxNs }: { readonly minNs: bigint; readonly maxNs: bigint },
  shardNs: bigint,
): TimeRange {
  const shardMs = Number(shardNs / 1_000_000n);
  const startOf = (ms: number): number =>
    Math.floor((ms + EPOCH_SHIFT_MS) / shardMs) * shardMs - EPOCH_SHIFT_MS;
  return {
    minT: Math.max(MIN_TIME, startOf(floorMs(minNs))),
    maxT: Math.min(MAX_TIME, startOf(floorMs(maxNs)) + shardMs - 1),
  };
}
