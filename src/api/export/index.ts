// Everything that is stored, out again: /api/v1/export and its formats.

import type { ApiContext } from '../context.ts';
import type { Endpoint } from '../routes.ts';
import { exportEndpoint } from './export-endpoint.ts';
import { JSON_LINES_EXPORT } from './formats.ts';

export function exportEndpoints(context: ApiContext): Endpoint[] {
  return [JSON_LINES_EXPORT].map((route) => exportEndpoint(context, route));
}
