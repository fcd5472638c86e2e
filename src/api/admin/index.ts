// Health, metrics and administration.

import type { ApiContext } from '../context.ts';
import type { Endpoint } from '../routes.ts';
import { databaseAdminEndpoints, maintenanceEndpoints } from './data.ts';
import { databaseEndpoints } from './databases.ts';
import { healthEndpoints, lifecycleEndpoints } from './health.ts';
import { keyEndpoints } from './keys.ts';
import { remoteWriteAdminEndpoints } from './remote-writes.ts';
import { userEndpoints } from './users.ts';

export function adminEndpoints(context: ApiContext): Endpoint[] {
  return [
    ...healthEndpoints(context),
    ...lifecycleEndpoints(context),
    ...maintenanceEndpoints(context),
    ...databaseAdminEndpoints(context),
    ...userEndpoints(context),
    ...keyEndpoints(context),
    ...databaseEndpoints(context),
    ...remoteWriteAdminEndpoints(context),
  ];
}
