// The InfluxDB 1.x face.

import type { ApiContext } from '../context.ts';
import type { Endpoint } from '../routes.ts';
import { fluxEndpoint } from './flux.ts';
import { withInfluxHeaders } from './headers.ts';
import { pingEndpoints } from './ping.ts';
import { queryEndpoint } from './query.ts';
import { writeEndpoints } from './write.ts';

export function influxEndpoints(context: ApiContext): Endpoint[] {
  const endpoints = [
    ...pingEndpoints(context),
    queryEndpoint(context),
    fluxEndpoint(),
    ...writeEndpoints(context),
  ];
  return endpoints.map((endpoint) => withInfluxHeaders(context, endpoint));
}
