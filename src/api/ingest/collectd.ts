// collectd's plugin write_http, in its format JSON.

import { CollectdJsonDecoder } from '../../protocol/collectd/json.ts';
import { IMPORT_ENCODINGS } from '../body-encoding.ts';
import type { ApiContext } from '../context.ts';
import { unsupportedMedia } from '../errors.ts';
import { type Endpoint, writePaths } from '../routes.ts';
import { importEndpoint } from './import-endpoint.ts';

/** The second is collectd_exporter's. */
const PATHS = [...writePaths('/api/v1/import/collectd'), '/collectd-post'];

export function collectdEndpoint(context: ApiContext): Endpoint {
  return importEndpoint(context, {
    protocol: 'collectd',
    paths: PATHS,
    encodings: IMPORT_ENCODINGS,
    receive: 'whole',
    open: ({ collector, request, seriesTable }) => {
      // What its format Command is sent as.
      if (request.contentType?.startsWith('text/plain')) {
        throw unsupportedMedia('set Format "JSON" in the plugin write_http of collectd');
      }
      return new CollectdJsonDecoder(collector, seriesTable(''));
    },
  });
}
