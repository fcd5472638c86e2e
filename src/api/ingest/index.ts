// Faces that take samples in.

import type { ApiContext } from '../context.ts';
import type { Endpoint } from '../routes.ts';
import { jsonLinesEndpoint } from './json-lines.ts';
import { remoteWriteEndpoints } from './remote-write.ts';

export function ingestEndpoints(context: ApiContext): Endpoint[] {
  return [...remoteWriteEndpoints(context), jsonLinesEndpoint(context)];
}
