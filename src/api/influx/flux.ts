// /api/v2/query: where clients of InfluxDB 1.8 and 2 send Flux. It is told apart from a path that is not there, so
// that they say what is wrong; 1.8 without Flux answers with the same status.

import { fluxUnsupported } from '../errors.ts';
import type { Endpoint } from '../routes.ts';

export function fluxEndpoint(): Endpoint {
  return {
    methods: ['POST'],
    paths: ['/api/v2/query'],
    access: 'known',
    errorShape: 'influx',
    handle: () => Promise.reject(fluxUnsupported()),
  };
}
