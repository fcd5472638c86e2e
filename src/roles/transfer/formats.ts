// The formats of files that are exported and imported, and what of the server has to do with each.

import { extname } from 'node:path';

export const EXPORT_FORMATS = ['json-lines', 'victoriametrics', 'csv', 'parquet'] as const;
export type FileExportFormat = (typeof EXPORT_FORMATS)[number];

export const IMPORT_FORMATS = [
  'json-lines',
  'csv',
  'prometheus',
  'openmetrics',
  'influx',
  'parquet',
] as const;
export type FileImportFormat = (typeof IMPORT_FORMATS)[number];

/** By the end of a file's name, without `.gz`. */
const BY_SUFFIX: Readonly<Record<string, FileExportFormat & FileImportFormat>> = {
  '.jsonl': 'json-lines',
  '.ndjson': 'json-lines',
  '.csv': 'csv',
  '.parquet': 'parquet',
};

export function isGzipName(file: string): boolean {
  return file.endsWith('.gz');
}

/** The format that the name of a file tells; undefined if it does not. */
export function formatOfName(file: string): (FileExportFormat & FileImportFormat) | undefined {
  return BY_SUFFIX[extname(file.replace(/\.gz$/, ''))];
}

/** Where blocks of an import go. */
export interface ImportTarget {
  readonly path: string;
  readonly contentType: string;
}

/** Parquet is sent as what it means. */
export const IMPORT_TARGETS: Readonly<Record<FileImportFormat, ImportTarget>> = {
  'json-lines': { path: 'api/v1/import', contentType: 'application/stream+json' },
  csv: { path: 'api/v1/import/csv', contentType: 'text/csv' },
  prometheus: { path: 'api/v1/import/prometheus', contentType: 'text/plain' },
  openmetrics: { path: 'api/v1/import/prometheus', contentType: 'application/openmetrics-text' },
  influx: { path: 'write', contentType: 'text/plain' },
  parquet: { path: 'api/v1/import', contentType: 'application/stream+json' },
};
