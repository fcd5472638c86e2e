// /api/v1/import: JSON lines of any amount.

import { JsonLinesDecoder } from '../../protocol/json-lines/decode.ts';
import { IMPORT_ENCODINGS } from '../body-encoding.ts';
import type { ApiContext } from '../context.ts';
import { type Endpoint, writePaths } from '../routes.ts';
import { importEndpoint } from './import-endpoint.ts';

export function jsonLinesEndpoint(context: ApiContext): Endpoint {
  return importEndpoint(context, {
    protocol: 'import',
    paths: writePaths('/api/v1/import'),
    encodings: IMPORT_ENCODINGS,
    receive: 'stream',
    open: ({ collector, seriesTable }) =>
      new JsonLinesDecoder(
        collector,
        context.settings['limits.max-line-size'],
        seriesTable('metric'),
      ),
  });
}
