// Everything that is stored, out again: /api/v1/export and its formats.

import type { ApiContext } from '../context.ts';
import type { Endpoint } from '../routes.ts';
import { exportEndpoint } from './export-endpoint.ts';
import { CSV_EXPORT, JSON_LINES_EXPORT, PARQUET_EXPORT } from './formats.ts';

export function exportEndpoints(context: ApiContext): Endpoint[] {
  const routes = [JSON_LINES_EXPORT, CSV_EXPORT, PARQUET_EXPORT];
  return routes.map((route) => exportEndpoint(context, route));
}
