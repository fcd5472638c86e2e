// Faces that take samples in.

import type { ApiContext } from '../context.ts';
import type { Endpoint } from '../routes.ts';
import { collectdEndpoint } from './collectd.ts';
import { csvEndpoint } from './csv.ts';
import { datadogEndpoints } from './datadog.ts';
import { influxLinesEndpoint } from './influx-lines.ts';
import { jsonLinesEndpoint } from './json-lines.ts';
import { opentsdbPutEndpoint } from './opentsdb-put.ts';
import { otlpEndpoint } from './otlp.ts';
import { prometheusTextEndpoints } from './prometheus-text.ts';
import { remoteWriteEndpoints } from './remote-write.ts';

export function ingestEndpoints(context: ApiContext): Endpoint[] {
  return [
    ...remoteWriteEndpoints(context),
    influxLinesEndpoint(context),
    jsonLinesEndpoint(context),
    ...prometheusTextEndpoints(context),
    csvEndpoint(context),
    opentsdbPutEndpoint(context),
    ...datadogEndpoints(context),
    collectdEndpoint(context),
    otlpEndpoint(context),
  ];
}
