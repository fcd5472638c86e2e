// The formats of exports: where each is asked for, and with what parameters.

import { parseCsvFields } from '../../protocol/csv/export-fields.ts';
import { invalidParameter } from '../errors.ts';
import type { RequestParams } from '../params.ts';
import type { ExportFormat } from './export-body.ts';
import type { ExportRoute } from './export-endpoint.ts';

export const JSON_LINES_EXPORT: ExportRoute = {
  path: '/api/v1/export',
  contentType: 'application/stream+json',
  formatOf: jsonLinesFormat,
};

export const CSV_EXPORT: ExportRoute = {
  path: '/api/v1/export/csv',
  contentType: 'text/csv',
  formatOf: csvFormat,
};

export const PARQUET_EXPORT: ExportRoute = {
  path: '/api/v1/export/parquet',
  contentType: 'application/vnd.apache.parquet',
  isCompressed: true,
  formatOf: () => ({ kind: 'parquet' }),
};

function csvFormat(params: RequestParams): ExportFormat {
  const fields = parseCsvFields(params.value('format') ?? '');
  if (typeof fields === 'string') throw invalidParameter('format', fields);
  return { kind: 'csv', fields };
}

/** `format=victoriametrics` writes what its importer reads; without it nothing is lost. */
function jsonLinesFormat(params: RequestParams): ExportFormat {
  const format = params.value('format') ?? '';
  if (format !== '' && format !== 'victoriametrics') {
    throw invalidParameter('format', `expected victoriametrics, got ${JSON.stringify(format)}`);
  }
  const maxRowsPerLine = params.count('max_rows_per_line') || undefined;
  const options = {
    plain: format === 'victoriametrics',
    includeStale: params.flag('include_stale'),
    ...(maxRowsPerLine === undefined ? {} : { maxRowsPerLine }),
  };
  return { kind: 'json-lines', options };
}
