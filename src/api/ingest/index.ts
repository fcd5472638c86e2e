// Faces that take samples in.

import type { ApiContext } from '../context.ts';
import type { Endpoint } from '../routes.ts';
import { importEndpoint } from './json-lines.ts';
import { remoteWriteEndpoints } from './remote-write.ts';

export function ingestEndpoints(context: ApiContext): Endpoint[] {
  return [...remoteWriteEndpoints(context), importEndpoint(context)];
}
