// /api/v1/import/csv: lines of CSV, whose columns `format` names.

import { CsvDecoder } from '../../protocol/csv/decoder.ts';
import { parseCsvColumns } from '../../protocol/csv/import-columns.ts';
import { IMPORT_ENCODINGS } from '../body-encoding.ts';
import type { ApiContext } from '../context.ts';
import { invalidParameter } from '../errors.ts';
import { type Endpoint, writePaths } from '../routes.ts';
import { importEndpoint } from './import-endpoint.ts';

export function csvEndpoint(context: ApiContext): Endpoint {
  return importEndpoint(context, {
    protocol: 'csv',
    paths: writePaths('/api/v1/import/csv'),
    encodings: IMPORT_ENCODINGS,
    receive: 'stream',
    open: ({ params, collector, now, seriesTable }) => {
      const format = params.value('format') ?? '';
      const columns = parseCsvColumns(format);
      if (typeof columns === 'string') throw invalidParameter('format', columns);
      return new CsvDecoder(collector, context.settings['limits.max-line-size'], {
        columns,
        now,
        seriesTable: seriesTable(format),
      });
    },
  });
}
