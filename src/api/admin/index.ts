// Health, metrics and administration.

import type { ApiContext } from '../context.ts';
import type { Endpoint } from '../routes.ts';
import { databaseAdminEndpoints, maintenanceEndpoints } from './data.ts';
import { healthEndpoints, lifecycleEndpoints } from './health.ts';

export function adminEndpoints(context: ApiContext): Endpoint[] {
  return [
    ...healthEndpoints(context),
    ...lifecycleEndpoints(context),
    ...maintenanceEndpoints(context),
    ...databaseAdminEndpoints(context),
  ];
}
