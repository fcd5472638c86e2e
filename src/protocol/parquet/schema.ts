// The columns of our Parquet files, one row a sample. Form: docs/formats/parquet.md.

import type { ParquetWriter } from 'hyparquet-writer';

type SchemaElement = ParquetWriter['schema'][number];

/** Goes up when a reader of the version before would misunderstand a file. */
export const PARQUET_SCHEMA_VERSION = '1';

/** Keys of the file's own metadata. */
export const FileKey = { schema: 'tidemark.schema', metadata: 'tidemark.metadata' } as const;

/** What a row is. */
export const RowKind = { float: 'float', histogram: 'histogram', exemplar: 'exemplar' } as const;

const TEXT = {
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
} as const;
/** Readers that do not know the logical type know the converted one. */
const TIME = {
  type: 'INT64',
  converted_type: 'TIMESTAMP_MILLIS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
} as const;
const REQUIRED = { repetition_type: 'REQUIRED' } as const;
const OPTIONAL = { repetition_type: 'OPTIONAL' } as const;

export type ColumnName =
  | 'kind'
  | 'name'
  | 'labels'
  | 'timestamp'
  | 'value'
  | 'stale'
  | 'start_timestamp'
  | 'histogram'
  | 'exemplar_labels';

const COLUMNS: readonly (SchemaElement & { readonly name: ColumnName })[] = [
  { name: 'kind', ...TEXT, ...REQUIRED },
  { name: 'name', ...TEXT, ...REQUIRED },
  { name: 'labels', ...TEXT, ...REQUIRED },
  { name: 'timestamp', ...TIME, ...REQUIRED },
  { name: 'value', type: 'DOUBLE', ...REQUIRED },
  { name: 'stale', type: 'BOOLEAN', ...REQUIRED },
  { name: 'start_timestamp', ...TIME, ...OPTIONAL },
  { name: 'histogram', ...TEXT, ...OPTIONAL },
  { name: 'exemplar_labels', ...TEXT, ...OPTIONAL },
];

export const PARQUET_SCHEMA: SchemaElement[] = [
  { name: 'tidemark', num_children: COLUMNS.length },
  ...COLUMNS,
];
