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

/** Registries whose fields a thread keeps: those of some databases' policies. */
const MAX_TABLES = 16;

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
  if (tables.size > MAX_TABLES) tables.delete(tables.keys().next().value!);
  return table;
}

function textOf({ buffer, byteOffset, length }: Uint8Array<SharedArrayBuffer>): string {
  return Buffer.from(buffer, byteOffset, length).toString();
}
