// What a thread gets of a statement that reads: all that cannot be found in the data. Plain data.

import type { TimeRange } from '../../model/time-range.ts';
import type { CheckedSelect, Measurement } from '../../protocol/influxql/index.ts';
import { parseFields } from '../catalog/field-registry.ts';
import { type FieldOrigin, FieldTable } from '../catalog/field-table.ts';
import type { ReadStatement } from './statement.ts';

export interface ReadJob {
  readonly statement: ReadStatement;
  /** Of SELECT and EXPLAIN. */
  readonly checked: CheckedSelect | undefined;
  /** One for each querier. SELECT has one for each measurement of its FROM, in the order of {@link measurementsOf}. */
  readonly scopes: readonly ScopeData[];
  /** What `now()` is. */
  readonly nowNs: bigint;
  /** Most rows in a piece. */
  readonly chunkSize: number;
  /** Most points in memory. */
  readonly maxPoints: number;
}

/** What cannot be found in a retention policy's database itself. */
export interface ScopeData {
  /** The querier's. */
  readonly range: TimeRange;
  readonly fields: KnownFields;
}

/** Those that matter, or all of a registry. */
export type KnownFields = readonly FieldOrigin[] | FieldDocument;

export interface FieldDocument {
  readonly registry: number;
  readonly version: number;
  readonly text: Uint8Array<SharedArrayBuffer>;
}

/** Measurements of a FROM and of those in it, in order, each with the time range that is asked for. */
export function* measurementsOf(
  select: CheckedSelect,
): Generator<readonly [source: Measurement, of: CheckedSelect], void> {
  for (const source of select.sources) {
    if (source.kind === 'subquery') yield* measurementsOf(source.select);
    else yield [source, select];
  }
}

/** Fields that a thread keeps from statement to statement, unless one registry alone has more: some 60 MB. */
const MAX_KEPT_FIELDS = 200_000;

interface KeptTable {
  readonly version: number;
  readonly table: FieldTable;
}

/** By registry; the first was used least recently. */
const tables = new Map<number, KeptTable>();

/** The fields as a table, which this thread keeps if they are all of a registry. */
export function tableOf(fields: KnownFields): FieldTable {
  if (!('registry' in fields)) return new FieldTable(fields);
  const { registry, version, text } = fields;
  const kept = tables.get(registry);
  const table = kept?.version === version ? kept.table : new FieldTable(parseFields(textOf(text)));
  tables.delete(registry);
  tables.set(registry, { version, table });
  forgetOthers(registry);
  return table;
}

/** Of the registries used least recently, as many as is necessary. */
function forgetOthers(registry: number): void {
  let kept = 0;
  for (const { table } of tables.values()) kept += table.count;
  for (const [id, { table }] of tables) {
    if (kept <= MAX_KEPT_FIELDS || id === registry) return;
    kept -= table.count;
    tables.delete(id);
  }
}

function textOf({ buffer, byteOffset, length }: Uint8Array<SharedArrayBuffer>): string {
  return Buffer.from(buffer, byteOffset, length).toString();
}
