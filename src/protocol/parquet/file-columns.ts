// Which of a file's columns are ours, whoever wrote it, and how their values are to be understood.
// Form: docs/formats/parquet.md; types: apache/parquet-format, LogicalTypes.md and parquet.thrift.

import { parquetInvalid } from '../errors.ts';
import { FixedType } from './encodings.ts';
import { LogicalType, type SchemaElement } from './footer.ts';
import type { ColumnName } from './schema.ts';

/** Numbers of parquet.thrift. */
const Repetition = { required: 0, optional: 1 } as const;
const PhysicalType = { boolean: 0, int64: 2, int96: 3, double: 5, byteArray: 6 } as const;
const ConvertedType = { timestampMillis: 9, timestampMicros: 10, uint64: 14, int64: 18 } as const;

/** By TimeUnit's fields of parquet.thrift. */
const UNITS_PER_MS = new Map([
  [1, 1],
  [2, 1000],
  [3, 1_000_000],
]);

/** Without these a row means nothing. */
const NEEDED = ['labels', 'timestamp', 'value'] as const;

/** What the numbers of a time are: whole units, of which so many are a millisecond. */
export interface TimeForm {
  /** INT96 has a time of the day, followed by the Julian number of the day. */
  readonly type: typeof FixedType.int64 | typeof FixedType.int96;
  readonly perMs: number;
  readonly isUnsigned: boolean;
}

/** A column that is read. */
export type ReadColumn = Exclude<ColumnName, 'name'>;

/** What Spark writes, in ns. */
const LEGACY_TIME: TimeForm = { type: FixedType.int96, perMs: 1_000_000, isUnsigned: false };

const TYPES: Readonly<Record<ReadColumn, number>> = {
  timestamp: PhysicalType.int64,
  value: PhysicalType.double,
  labels: PhysicalType.byteArray,
  kind: PhysicalType.byteArray,
  stale: PhysicalType.boolean,
  start_timestamp: PhysicalType.int64,
  histogram: PhysicalType.byteArray,
  exemplar_labels: PhysicalType.byteArray,
};

const TYPE_NAMES: Readonly<Record<number, string>> = {
  [PhysicalType.boolean]: 'BOOLEAN',
  [PhysicalType.int64]: 'INT64, a timestamp',
  [PhysicalType.double]: 'DOUBLE',
  [PhysicalType.byteArray]: 'BYTE_ARRAY, a text',
};

export interface FileColumn {
  readonly isOptional: boolean;
  /** Only of times. */
  readonly time: TimeForm | undefined;
}

/** Throws PARQUET_INVALID if a column is missing, is there twice, or is of another type than ours. */
export function fileColumns(schema: readonly SchemaElement[]): Map<ReadColumn, FileColumn> {
  const columns = new Map<ReadColumn, FileColumn>();
  for (const element of schema) {
    const { name } = element;
    if (!isOurs(name)) continue;
    if (columns.has(name)) throw parquetInvalid(`there are two columns ${name}`);
    columns.set(name, fileColumn(name, element));
  }
  const missing = NEEDED.filter((name) => !columns.has(name));
  if (missing.length > 0) throw parquetInvalid(`there is no column ${missing.join(', ')}`);
  return columns;
}

function isOurs(name: string): name is ReadColumn {
  return Object.hasOwn(TYPES, name);
}

function fileColumn(name: ReadColumn, element: SchemaElement): FileColumn {
  const { type, repetition } = element;
  const isOptional = repetition === Repetition.optional;
  if (type === undefined || !(isOptional || repetition === Repetition.required)) {
    throw parquetInvalid(`the column ${name} is nested or a list; it must have one value a row`);
  }
  const wanted = TYPES[name];
  const isTime = wanted === PhysicalType.int64;
  if (type !== wanted && !(isTime && type === PhysicalType.int96)) {
    throw parquetInvalid(`the column ${name} is not of the type ${TYPE_NAMES[wanted]}`);
  }
  return { isOptional, time: isTime ? timeForm(name, element) : undefined };
}

/** Numbers without a unit are ms. */
function timeForm(name: string, element: SchemaElement): TimeForm {
  const { type: physicalType, convertedType, logicalType, timeUnit } = element;
  if (physicalType === PhysicalType.int96) return LEGACY_TIME;
  const type = FixedType.int64;
  if (logicalType === LogicalType.timestamp) {
    const perMs = UNITS_PER_MS.get(timeUnit ?? 0);
    if (perMs !== undefined) return { type, perMs, isUnsigned: false };
  } else if (logicalType === undefined || logicalType === LogicalType.integer) {
    switch (convertedType) {
      case ConvertedType.timestampMicros:
        return { type, perMs: 1000, isUnsigned: false };
      case ConvertedType.uint64:
        return { type, perMs: 1, isUnsigned: true };
      case ConvertedType.timestampMillis:
      case ConvertedType.int64:
      case undefined:
        return { type, perMs: 1, isUnsigned: false };
    }
  }
  throw parquetInvalid(`the column ${name} is no time; cast it to a timestamp in ms, µs or ns`);
}
